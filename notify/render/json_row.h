// The rows of a report as JSON: what the object of RenderJson() and the lines of RenderJsonLines()
// have in common.

#ifndef CPUAGG_NOTIFY_RENDER_JSON_ROW_H_
#define CPUAGG_NOTIFY_RENDER_JSON_ROW_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::notify {

// The number that changes if a member of the JSON changes its meaning, or is no longer there.
inline constexpr int kJsonSchema = 1;

// A time in UTC as a string of JSON; null if it is infinite.
std::string JsonTime(absl::Time time);

// The name of the report's machine; null if it is not known, or if there are many.
std::string JsonHost(const aggregate::Report& report);

// The functions below give members of an object, without braces: `"uid": 1001, "user": "alice"`.

// What identifies the row, its time if it has one, and its usage.
std::string JsonRowMembers(const aggregate::Report& report, const aggregate::ReportRow& row);

// The members of a row's dimensions, all null: for the sum of several rows.
std::string JsonNoGroupMembers(const aggregate::Report& report);

// `previous_cpu` is the CPU time in the previous period, if there is a comparison.
std::string JsonUsageMembers(const aggregate::Report& report, const aggregate::Usage& usage,
                             std::optional<acct::ExactTime> previous_cpu);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_JSON_ROW_H_
