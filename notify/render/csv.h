// Report -> CSV (RFC 4180, but with lines ended by a newline alone), one line a row below a
// header.

#ifndef CPUAGG_NOTIFY_RENDER_CSV_H_
#define CPUAGG_NOTIFY_RENDER_CSV_H_

#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// `text`, a name that somebody else has chosen, as a field: in quotes where it needs them, and with
// an apostrophe before it where a spreadsheet would take it for a formula, since it begins with =,
// +, -, @ (or their full-width forms), a tab or a line's end.
std::string CsvField(absl::string_view text);

// Columns of what the report tells apart: uid and user (empty without a name), gid and group,
// command, tty, hour (RFC 3339, with the offset of its zone), day. Then processes, user_seconds,
// system_seconds, cpu_seconds, share (0 to 1), elapsed_seconds, memory_kib (the mean per process),
// io, minor_faults, major_faults, mean_cpu_seconds, largest_cpu_seconds, largest_memory_kib (of one
// process), running_cpu_seconds, the part of cpu_seconds that is of processes that still run, and
// previous_cpu_seconds, those of the period before (empty without a comparison). Seconds are exact
// but for the mean. Names that are not printable are escaped as by Printable(), and are fields as
// of CsvField().
std::string RenderCsv(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_CSV_H_
