// RenderDelimited: what CSV and TSV have in common: a line of names, and a line for each row.

#ifndef CPUAGG_NOTIFY_RENDER_DELIMITED_ROWS_H_
#define CPUAGG_NOTIFY_RENDER_DELIMITED_ROWS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// The columns are those of the report's dimensions: uid and user (empty without a name), gid and
// group, command, tty, signal, hour (RFC 3339, with the offset of its zone), day, week, month. Then
// follow
//
//   processes, user_seconds, system_seconds, cpu_seconds
//   share                 0 to 1
//   elapsed_seconds
//   memory_kib            the mean per process
//   io, minor_faults, major_faults, mean_cpu_seconds, largest_cpu_seconds
//   largest_memory_kib    of one process
//   running_cpu_seconds   the part of cpu_seconds of processes that still run
//   previous_cpu_seconds  in the previous period; empty without a comparison
//   start, end            the time of a row of a time, in UTC
//
// If the report has rows that it does not show, a last line is their sum, so that the lines add up
// to the total. It has "+ 3 others" in place of the name of the first dimension, and is empty in
// the other columns of dimensions.
//
// `name_cell` makes the cell of a name, which may be any bytes.
std::string RenderDelimited(const aggregate::Report& report, char separator,
                            std::string (*name_cell)(absl::string_view bytes));

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_DELIMITED_ROWS_H_
