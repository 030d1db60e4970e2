#include "notify/outgoing/build_messages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "notify/render/csv.h"
#include "notify/render/message.h"
#include "notify/words/labels.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// Nobody wants more messages than this in a chat.
constexpr size_t kMostTableParts = 10;

QueuedReport Empty(std::string id, std::string subject, const MessageOptions& options) {
  return {.id = std::move(id),
          .created_at = options.now,
          .expires_at = options.now + options.lifetime,
          .subject = std::move(subject)};
}

void Address(const std::vector<QueuedMessage>& parts, const std::vector<Chat>& chats,
             QueuedReport& report) {
  for (const Chat& chat : chats) report.deliveries.push_back({.chat = chat, .parts = parts});
}

QueuedMessage TextOf(std::string html, bool is_silent) {
  return {.html = std::move(html), .is_silent = is_silent};
}

// Appends the whole table after the first message.
void AppendTable(const aggregate::Report& report, FullTable form, std::vector<QueuedMessage>& parts,
                 QueuedReport& outgoing) {
  std::vector<std::string> texts = RenderTableParts(report, kTextLimit);
  const bool is_too_long = texts.size() > kMostTableParts;
  if (form == FullTable::kParts && !is_too_long) {
    for (std::string& text : texts) {
      parts.push_back({.html = std::move(text), .is_silent = true, .is_reply = true});
    }
    return;
  }
  // The texts for a chat that takes no files.
  if (is_too_long) texts.clear();
  parts.push_back({.form = PartForm::kDocument,
                   .html = RenderFileCaption(report),
                   .is_silent = true,
                   .is_reply = true,
                   .file = outgoing.files.size(),
                   .texts = std::move(texts)});
  outgoing.files.push_back({.name = absl::StrCat(report.id, ".csv"),
                            .content_type = "text/csv",
                            .content = RenderCsv(report)});
}

}  // namespace

QueuedReport BuildMessages(const aggregate::Report& report, std::string chart_png,
                           const std::vector<Chat>& chats, const MessageOptions& options) {
  QueuedReport outgoing = Empty(
      report.id,
      absl::StrCat(OneLine(HostText(report)), " ", PeriodName(report.period, report.time_zone)),
      options);
  const Message text = RenderMessage(report, kTextLimit);
  std::vector<QueuedMessage> parts;
  bool is_complete = text.hidden_rows <= report.remaining_rows.rows;
  if (chart_png.empty()) {
    parts.push_back(TextOf(text.html, options.is_silent));
  } else {
    const Message caption = RenderMessage(report, kCaptionLimit);
    is_complete = caption.hidden_rows <= report.remaining_rows.rows;
    parts.push_back(
        {.form = options.send_as == SendAs::kDocument ? PartForm::kDocument : PartForm::kPhoto,
         .html = caption.html,
         .is_silent = options.is_silent,
         .texts = {text.html}});
    outgoing.files.push_back({.name = absl::StrCat(report.id, ".png"),
                              .content_type = "image/png",
                              .content = std::move(chart_png)});
  }
  if (!is_complete && options.full_table != FullTable::kNowhere) {
    AppendTable(report, options.full_table, parts, outgoing);
  }
  Address(parts, chats, outgoing);
  return outgoing;
}

QueuedReport BuildTextMessages(std::string id, std::string subject, std::string html,
                               const std::vector<Chat>& chats, const MessageOptions& options) {
  QueuedReport outgoing = Empty(std::move(id), std::move(subject), options);
  Address({TextOf(std::move(html), options.is_silent)}, chats, outgoing);
  return outgoing;
}

}  // namespace cpuagg::notify
