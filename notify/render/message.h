// Report -> what is sent: a message in Telegram's HTML, within its limits.

#ifndef CPUAGG_NOTIFY_RENDER_MESSAGE_H_
#define CPUAGG_NOTIFY_RENDER_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// Telegram's limits, in characters of the text as people see it; counted here in UTF-16 units,
// which are never fewer (Bot API, sendPhoto and sendMessage).
inline constexpr size_t kCaptionLimit = 1024;
inline constexpr size_t kTextLimit = 4096;

struct Message {
  std::string html;
  uint64_t hidden_rows = 0;  // that stand in the table's last line together, or are not known
};

// The report in Telegram's HTML: host, period, total and how it has changed, a table in <pre>, what
// the table does not show, and the report's id. As many rows as `limit` allows, of hours and days
// the busiest, the rest in one line; never more visible text than `limit`, whatever the report
// holds. One line if nothing was used and nothing else is to be said.
Message RenderMessage(const aggregate::Report& report, size_t limit);

// What stands below a file that has the table's rows: the host, how many they are, and the
// report's id.
std::string RenderFileCaption(const aggregate::Report& report);

// The table alone with all of the report's rows, in as many messages as `limit` asks for, each with
// the host, its number, a heading, whole rows and the report's id.
std::vector<std::string> RenderTableParts(const aggregate::Report& report, size_t limit);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_MESSAGE_H_
