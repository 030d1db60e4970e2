// RenderMessage: converts a report to a message in Telegram's HTML, within Telegram's limits.

#ifndef CPUAGG_NOTIFY_RENDER_MESSAGE_H_
#define CPUAGG_NOTIFY_RENDER_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// Telegram's limits, in characters of the visible text (Bot API, sendPhoto and sendMessage).
// Counted here in UTF-16 code units, of which there are never fewer.
inline constexpr size_t kCaptionLimit = 1024;
inline constexpr size_t kTextLimit = 4096;

struct Message {
  std::string html;
  uint64_t hidden_rows = 0;  // rows that the table's last line sums up, or that are unknown
};

// The report in Telegram's HTML: host, period, total and its change, a table in <pre>, what the
// table does not show, and the report's id. Shows as many rows as `limit` allows, for hours and
// days the busiest ones, and the rest in one line. The visible text never exceeds `limit`. A single
// line if there was no usage and there are no notes.
Message RenderMessage(const aggregate::Report& report, size_t limit);

// The caption of a file with the table's rows: the host, the number of rows, and the report's id.
std::string RenderFileCaption(const aggregate::Report& report);

// Only the table, with all of the report's rows, in as many messages as `limit` requires. Each has
// the host, its number, a heading, whole rows and the report's id.
std::vector<std::string> RenderTableParts(const aggregate::Report& report, size_t limit);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_MESSAGE_H_
