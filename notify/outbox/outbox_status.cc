#include "notify/outbox/outbox_status.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/outgoing/queued_report.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

absl::string_view NameOf(PartForm form) {
  switch (form) {
    case PartForm::kPhoto:
      return "photo";
    case PartForm::kDocument:
      return "document";
    case PartForm::kText:
      break;
  }
  return "text";
}

absl::string_view NameOf(PartState state) {
  switch (state) {
    case PartState::kSending:
      return "sending";
    case PartState::kSent:
      return "sent";
    case PartState::kUnconfirmed:
      return "unconfirmed";
    case PartState::kFailed:
      return "failed";
    case PartState::kPending:
      break;
  }
  return "pending";
}

void AppendDelivery(const ChatQueue& delivery, std::string& text) {
  for (size_t i = 0; i < delivery.parts.size(); ++i) {
    const QueuedMessage& part = delivery.parts[i];
    absl::StrAppend(&text, "  ", LeftAligned(Printable(delivery.chat.text()), 20), "  ", i + 1, "/",
                    delivery.parts.size(), " ", LeftAligned(NameOf(part.form), 9),
                    LeftAligned(NameOf(part.state), 12), Pluralize(part.attempts, "attempt"),
                    part.detail.empty() ? "" : ": ", Printable(part.detail), "\n");
  }
}

}  // namespace

std::string RenderStatus(const OutboxListing& listing, const OutboxState& state,
                         absl::TimeZone zone) {
  std::string text;
  if (listing.reports.empty()) text = "Nothing is waiting to be sent.\n";
  for (const QueuedReport& report : listing.reports) {
    constexpr char kMinute[] = "%Y-%m-%d %H:%M %Z";
    absl::StrAppend(&text, report.is_notice ? "notice about " : "report ", Printable(report.id),
                    ", queued ", absl::FormatTime(kMinute, report.created_at, zone), ", expires ",
                    absl::FormatTime(kMinute, report.expires_at, zone), "\n");
    for (const ChatQueue& delivery : report.deliveries) AppendDelivery(delivery, text);
  }
  for (const auto& [from, to] : state.migrated_chats) {
    absl::StrAppend(&text, "chat ", Printable(from), " has become ", Printable(to),
                    "; write that into CHAT_ID\n");
  }
  for (const Refusal& refusal : state.refusals) {
    absl::StrAppend(&text, "chat ", Printable(refusal.chat_id), " has refused its last report, ",
                    absl::FormatTime("%Y-%m-%d %H:%M %Z", refusal.at, zone), ": ",
                    Printable(refusal.reason),
                    "; cpuagg send --test shows whether it takes a short text\n");
  }
  for (const auto* problems : {&listing.damaged, &listing.unreadable}) {
    for (const std::string& problem : *problems) absl::StrAppend(&text, Printable(problem), "\n");
  }
  return text;
}

}  // namespace cpuagg::notify
