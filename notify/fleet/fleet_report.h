// Builds a Report of a fleet from what an engine knows.

#ifndef CPUAGG_NOTIFY_FLEET_FLEET_REPORT_H_
#define CPUAGG_NOTIFY_FLEET_FLEET_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/period.h"
#include "notify/fleet/engine.h"

namespace cpuagg::notify {

struct FleetRequest {
  // In `options`: users, hosts and times in `by`; no commands, groups and processes. The period to
  // compare with is found here.
  aggregate::ReportOptions options;
  aggregate::Period period;
  std::string period_name;  // as in Report
  bool compares = true;
  std::string host;  // only this one; empty for all
  absl::TimeZone time_zone;
  absl::Time now;
};

struct FleetReport {
  // All but the heading's zone and name of the period.
  aggregate::Report report;
  // Why the answers may lack something; also gaps of the report.
  std::vector<std::string> damage;
};

// The period is extended to whole hours. An hour that has not passed does not count, since hosts
// push only hours that have. Returns the errors of Engine.
absl::StatusOr<FleetReport> BuildFleetReport(Engine& engine, const FleetRequest& request);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_FLEET_REPORT_H_
