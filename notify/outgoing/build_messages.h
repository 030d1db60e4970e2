// BuildMessages: converts a report to the messages that are sent.

#ifndef CPUAGG_NOTIFY_OUTGOING_BUILD_MESSAGES_H_
#define CPUAGG_NOTIFY_OUTGOING_BUILD_MESSAGES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {

// SEND_AS: how the chart is sent.
enum class SendAs { kPhoto, kDocument, kText };

// FULL_TABLE: where to put the rows that do not fit into the first message.
enum class FullTable { kNowhere, kCsv, kParts };

struct MessageOptions {
  SendAs send_as = SendAs::kPhoto;
  FullTable full_table = FullTable::kCsv;
  bool is_silent = false;
  absl::Time now;
  absl::Duration lifetime;  // messages unsent after this time are given up
};

// The messages of `report`, which has an id, to `chats`. The first message is the chart
// (`chart_png`; empty for none) with the table in its caption, or the table alone. If rows are
// missing there, the whole table follows silently, as a reply: as a CSV file, or as messages. More
// than ten messages are replaced by the file.
QueuedReport BuildMessages(const aggregate::Report& report, std::string chart_png,
                           const std::vector<Chat>& chats, const MessageOptions& options);

// A single text message to `chats`.
QueuedReport BuildTextMessages(std::string id, std::string subject, std::string html,
                               const std::vector<Chat>& chats, const MessageOptions& options);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_BUILD_MESSAGES_H_
