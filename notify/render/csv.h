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

// The columns are those of the report's dimensions: uid and user (empty without a name), gid and
// group, command, tty, hour (RFC 3339, with the offset of its zone), day. Then follow
//
//   processes, user_seconds, system_seconds, cpu_seconds
//   share                 0 to 1
//   elapsed_seconds
//   memory_kib            the mean per process
//   io, minor_faults, major_faults, mean_cpu_seconds, largest_cpu_seconds
//   largest_memory_kib    of one process
//   running_cpu_seconds   the part of cpu_seconds of processes that still run
//   previous_cpu_seconds  in the previous period; empty without a comparison
//
// Seconds are exact, except the mean. Unprintable names are escaped by Printable(), and written as
// by CsvField().
std::string RenderCsv(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_CSV_H_
