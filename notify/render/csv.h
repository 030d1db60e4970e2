// RenderCsv: converts a report to CSV (RFC 4180, except that lines end with only a newline), with a
// header and one line per row.

#ifndef CPUAGG_NOTIFY_RENDER_CSV_H_
#define CPUAGG_NOTIFY_RENDER_CSV_H_

#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// `text`, a name chosen by somebody else, as a CSV field, quoted if necessary. If a spreadsheet
// would take it for a formula, an apostrophe is put before it: if it begins with =, +, -, @ (or
// their full-width forms), a tab or a line break.
std::string CsvField(absl::string_view text);

// The columns of notify/render/delimited_rows.h. Unprintable names are escaped by Printable(), and
// written as by CsvField(). So only the line of the others begins its name with a plus.
std::string RenderCsv(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_CSV_H_
