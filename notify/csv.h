// Report -> CSV (RFC 4180, but with lines ended by a newline alone), one line a user below a
// header.

#ifndef CPUAGG_NOTIFY_CSV_H_
#define CPUAGG_NOTIFY_CSV_H_

#include <string>

#include "aggregate/report.h"

namespace cpuagg::notify {

// Columns: uid, user (empty without a name), processes, user_seconds, system_seconds, cpu_seconds,
// share (0 to 1), elapsed_seconds, memory_kib (the mean per process), io, minor_faults,
// major_faults. Seconds are exact. Names that are not printable are escaped as by Printable().
std::string RenderCsv(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CSV_H_
