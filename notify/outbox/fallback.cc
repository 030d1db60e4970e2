#include "notify/outbox/fallback.h"

#include <string>
#include <utility>
#include <vector>

#include "notify/words/html_text.h"

namespace cpuagg::notify {
namespace {

// The lines of a report are much shorter than any text that needs so many cuts.
constexpr size_t kMostParts = 64;

// Inserts `texts` after the part, as messages with the part's settings.
void InsertTexts(const std::vector<std::string>& texts, ChatQueue& delivery, size_t part) {
  const QueuedMessage& before = delivery.parts[part];
  std::vector<QueuedMessage> added;
  added.reserve(texts.size());
  for (const std::string& text : texts) {
    added.push_back(
        {.html = text, .is_plain = before.is_plain, .is_silent = true, .is_reply = true});
  }
  delivery.parts.insert(delivery.parts.begin() + static_cast<ptrdiff_t>(part) + 1, added.begin(),
                        added.end());
}

bool Split(ChatQueue& delivery, size_t part) {
  if (delivery.parts.size() >= kMostParts) return false;
  std::vector<std::string> halves = SplitHtml(delivery.parts[part].html);
  if (halves.size() < 2) return false;
  delivery.parts[part].html = halves[0];
  InsertTexts({halves[1]}, delivery, part);
  return true;
}

bool TryAnotherForm(QueuedReport& report, ChatQueue& delivery, size_t part) {
  QueuedMessage& refused = delivery.parts[part];
  if (refused.form == PartForm::kText) return false;
  OutgoingFile& file = report.files[refused.file];
  std::string& known_id = refused.form == PartForm::kPhoto ? file.photo_id : file.document_id;
  if (!known_id.empty()) {
    // The server may no longer know the file's id.
    known_id.clear();
    return true;
  }
  if (refused.form == PartForm::kPhoto) {
    refused.form = PartForm::kDocument;
    return true;
  }
  if (refused.texts.empty()) return false;
  const std::vector<std::string> texts = std::exchange(refused.texts, {});
  refused.form = PartForm::kText;
  refused.html = texts[0];
  InsertTexts({texts.begin() + 1, texts.end()}, delivery, part);
  return true;
}

}  // namespace

bool FallBack(const SendResult& result, QueuedReport& report, ChatQueue& delivery, size_t part) {
  QueuedMessage& refused = delivery.parts[part];
  switch (result.outcome) {
    case Outcome::kChatMigrated:
      if (result.new_chat_id == delivery.chat.id) return false;
      delivery.chat.id = result.new_chat_id;
      return true;
    case Outcome::kThreadRefused:
      if (delivery.chat.thread.empty()) return false;
      delivery.chat.thread.clear();
      return true;
    case Outcome::kMarkupRefused:
      if (refused.is_plain) return false;
      refused.is_plain = true;
      refused.html = VisibleText(refused.html);
      for (std::string& text : refused.texts) text = VisibleText(text);
      return true;
    case Outcome::kTooLong:
      return Split(delivery, part);
    case Outcome::kMessageRefused:
      return TryAnotherForm(report, delivery, part);
    default:
      return false;
  }
}

}  // namespace cpuagg::notify
