// RenderTsv: converts a report to tab-separated values, with a header and one line per row.

#ifndef CPUAGG_NOTIFY_RENDER_TSV_H_
#define CPUAGG_NOTIFY_RENDER_TSV_H_

#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// `bytes`, a name chosen by somebody else, as a TSV field: a tab, a line break and a backslash
// become \t, \n, \r and \\, and what else is unprintable is escaped by Printable(). So a field has
// no tab, a line is a row, and the name can be read back.
std::string TsvField(absl::string_view bytes);

// The columns of notify/render/delimited_rows.h.
std::string RenderTsv(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_TSV_H_
