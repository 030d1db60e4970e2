// RenderJsonLines: converts a report to JSON Lines: one object a line, for each row.

#ifndef CPUAGG_NOTIFY_RENDER_JSONL_H_
#define CPUAGG_NOTIFY_RENDER_JSONL_H_

#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// Each line begins with `schema`, `host`, `period_start` and `period_end`, so that lines of several
// machines and periods may be mixed. Then follow the members that the row has in RenderJson(). If
// the report has rows that it does not show, a last line is their sum: the members of its
// dimensions are null, and `others` is the number of those rows.
std::string RenderJsonLines(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_JSONL_H_
