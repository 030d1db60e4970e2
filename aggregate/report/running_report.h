// Builds a Report of the processes that run now, from the process table.

#ifndef CPUAGG_AGGREGATE_REPORT_RUNNING_REPORT_H_
#define CPUAGG_AGGREGATE_REPORT_RUNNING_REPORT_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"

namespace cpuagg::aggregate {

// The report of the processes of `table`, which was read at `now`, without the reader. Each counts
// with what it has used since it began, as if it ended now; of its memory, faults and I/O nothing
// is known. The period begins with the oldest of them. InvalidArgument if the options ask for
// something else than users, commands and departments.
absl::StatusOr<Report> ReportFromProcesses(const acct::ProcessTable& table, absl::Time now,
                                           UserDirectory& names, const ReportOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_RUNNING_REPORT_H_
