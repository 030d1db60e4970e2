// ReportRequest: which report the flags and the configuration ask for.

#ifndef CPUAGG_TOOLS_REPORT_REQUEST_H_
#define CPUAGG_TOOLS_REPORT_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aggregate/period.h"
#include "aggregate/report.h"
#include "tools/session.h"

namespace cpuagg::tools {

struct ReportRequest {
  aggregate::Period period;
  aggregate::ReportOptions options;
};

// The request for `cpuagg report`, which shows everybody, or with `for_message` for a message,
// which leaves out the users that the configuration ignores (by default those of the system) and
// those without an account. InvalidArgument names the flag or key that is wrong.
absl::StatusOr<ReportRequest> MakeReportRequest(const Session& session, bool for_message);

// The report from the store.
absl::StatusOr<aggregate::Report> ReportFromStore(const Session& session,
                                                  const ReportRequest& request);

// The report from `paths`.
absl::StatusOr<aggregate::Report> ReportFromPaths(const Session& session,
                                                  const ReportRequest& request,
                                                  const std::vector<std::string>& paths);

// Draws the chart of `report`: PNG bytes.
absl::StatusOr<std::string> DrawChart(const aggregate::Report& report);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_REQUEST_H_
