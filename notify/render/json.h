// Report -> JSON, for programs.

#ifndef CPUAGG_NOTIFY_RENDER_JSON_H_
#define CPUAGG_NOTIFY_RENDER_JSON_H_

#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// One object, ended by a newline; docs/report_json.md describes it. Keys are only ever added within
// one `schema` number. Seconds are decimal numbers with two decimals, exact however large; names
// that are not UTF-8 are escaped as by Printable().
std::string RenderJson(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_JSON_H_
