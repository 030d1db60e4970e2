// Builds reports from accounting files: named ones, or those of this host.

#ifndef CPUAGG_TOOLS_REPORT_FILE_REPORTS_H_
#define CPUAGG_TOOLS_REPORT_FILE_REPORTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "tools/config/command_context.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

// The report from the accounting file of this host and its rotated generations. Reads only those
// that may hold records of the period.
absl::StatusOr<aggregate::Report> ReportFromHistory(CommandContext& context,
                                                    const ReportRequest& request);

// The report from FILE arguments: files, folders of files, and "-". Warns of files that it skips,
// and of users and groups whose names are unknown.
absl::StatusOr<aggregate::Report> ReportFromNamed(CommandContext& context,
                                                  const ReportRequest& request,
                                                  const std::vector<std::string>& files);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_FILE_REPORTS_H_
