// RenderJson: converts a report to JSON, for programs.

#ifndef CPUAGG_NOTIFY_RENDER_JSON_H_
#define CPUAGG_NOTIFY_RENDER_JSON_H_

#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// One object, followed by a newline; see docs/report_json.md. Within one `schema` number, keys are
// only added. Seconds are exact numbers with two decimals, however large. Names that are not UTF-8
// are escaped by Printable().
std::string RenderJson(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_JSON_H_
