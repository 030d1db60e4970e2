#include "notify/outbox/open_messages.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "notify/words/html_text.h"

namespace cpuagg::notify {

bool IsOpen(const QueuedMessage& message, Guarantee guarantee) {
  switch (message.state) {
    case PartState::kPending:
    case PartState::kSending:
      return true;
    case PartState::kUnconfirmed:
      return guarantee == Guarantee::kAtLeastOnce;
    default:
      return false;
  }
}

int CountOpen(const ChatQueue& queue, Guarantee guarantee) {
  return static_cast<int>(
      std::count_if(queue.parts.begin(), queue.parts.end(),
                    [&](const QueuedMessage& part) { return IsOpen(part, guarantee); }));
}

int CountOpen(const QueuedReport& report, Guarantee guarantee) {
  int count = 0;
  for (const ChatQueue& queue : report.deliveries) count += CountOpen(queue, guarantee);
  return count;
}

bool HasAll(const ChatQueue& queue) {
  return std::all_of(queue.parts.begin(), queue.parts.end(),
                     [](const QueuedMessage& part) { return part.state == PartState::kSent; });
}

void BecomeNotice(QueuedReport& report, Guarantee guarantee, absl::Time now,
                  absl::Duration lifetime) {
  std::vector<ChatQueue> notices;
  const std::string text = absl::StrCat("⚠ ", report.subject, ": report ", report.id,
                                        " could not be delivered in time and is lost");
  for (const ChatQueue& queue : report.deliveries) {
    if (report.is_notice || CountOpen(queue, guarantee) == 0) continue;
    notices.push_back({.chat = queue.chat, .parts = {{.html = EscapeHtml(text)}}});
  }
  report.deliveries = std::move(notices);
  report.files.clear();
  report.is_notice = true;
  report.created_at = now;
  report.expires_at = now + lifetime;
}

}  // namespace cpuagg::notify
