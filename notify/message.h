// Report -> what is sent: a message in Telegram's HTML, within its limits, and the bars of its
// chart.

#ifndef CPUAGG_NOTIFY_MESSAGE_H_
#define CPUAGG_NOTIFY_MESSAGE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/report.h"
#include "notify/chart.h"

namespace cpuagg::notify {

// Telegram's limits, in characters of the text as people see it; counted here in UTF-16 units,
// which are never fewer (Bot API, sendPhoto and sendMessage).
inline constexpr size_t kCaptionLimit = 1024;
inline constexpr size_t kTextLimit = 4096;

// The report in Telegram's HTML: host, period, total and how it has changed, a table in <pre>, and
// what the table does not show. As many rows as `limit` allows, the rest in one line; never more
// visible text than `limit`, whatever the report holds.
std::string RenderMessage(const aggregate::Report& report, size_t limit);

// `text` with the three characters replaced that mean something in Telegram's HTML.
std::string EscapeHtml(absl::string_view text);

// The chart of the report: the first `bars` users, and the others in one bar.
ChartData ChartOf(const aggregate::Report& report, size_t bars);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_MESSAGE_H_
