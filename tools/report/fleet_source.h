// Reports of a fleet: what --from and FLEET_URL can be asked, and asking it.

#ifndef CPUAGG_TOOLS_REPORT_FLEET_SOURCE_H_
#define CPUAGG_TOOLS_REPORT_FLEET_SOURCE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "tools/config/command_context.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

// Whether the command is about a fleet: by --from, or for messages by FLEET_URL.
bool IsOfFleet(const CommandContext& context);

// InvalidArgument for a flag that does not go with the source of the report: what an engine does
// not know, or hosts without one.
absl::Status CheckFleetFlags(const CommandContext& context, const ReportRequest& request);

struct FleetSourceReport {
  aggregate::Report report;
  bool is_partial = false;  // a warning has said why
};

// The report from the engine. InvalidArgument for a wrong setting; otherwise the errors of
// FleetConfig and BuildFleetReport().
absl::StatusOr<FleetSourceReport> ReportFromFleet(CommandContext& context,
                                                  const ReportRequest& request);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_FLEET_SOURCE_H_
