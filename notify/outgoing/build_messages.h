// Report -> the messages that it is sent as.

#ifndef CPUAGG_NOTIFY_OUTGOING_BUILD_MESSAGES_H_
#define CPUAGG_NOTIFY_OUTGOING_BUILD_MESSAGES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {

// How the chart comes: SEND_AS.
enum class SendAs { kPhoto, kDocument, kText };

// Where the rows are that the first message has no room for: FULL_TABLE.
enum class FullTable { kNowhere, kCsv, kParts };

struct MessageOptions {
  SendAs send_as = SendAs::kPhoto;
  FullTable full_table = FullTable::kCsv;
  bool is_silent = false;
  absl::Time now;
  absl::Duration lifetime;  // what is not sent by then is given up
};

// The messages of `report`, which has an id, to `chats`. First the chart (`chart_png`; empty for
// none) with the table in its caption, or the table alone; then, silently and in reply to it, the
// whole table if rows are missing there: as a CSV file, or as messages, of which there are at most
// ten, else it is the file all the same.
QueuedReport BuildMessages(const aggregate::Report& report, std::string chart_png,
                           const std::vector<Chat>& chats, const MessageOptions& options);

// A message of one text to `chats`.
QueuedReport BuildTextMessages(std::string id, std::string subject, std::string html,
                               const std::vector<Chat>& chats, const MessageOptions& options);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_BUILD_MESSAGES_H_
