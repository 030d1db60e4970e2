// The report of `cpuagg report --running`: of the processes that run now.

#ifndef CPUAGG_TOOLS_REPORT_RUNNING_PROCESSES_H_
#define CPUAGG_TOOLS_REPORT_RUNNING_PROCESSES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "tools/config/command_context.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

// InvalidArgument for --running with a flag of processes that ended, or of another source.
absl::Status CheckRunningFlags(const CommandContext& context, const ReportRequest& request);

// InvalidArgument as in ReportFromProcesses(); other errors if the processes cannot be read. Warns
// if some of them are hidden.
absl::StatusOr<aggregate::Report> ReportOfRunning(CommandContext& context,
                                                  const ReportRequest& request);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_RUNNING_PROCESSES_H_
