// Counters in the text format of Prometheus, version 0.0.4, for node_exporter's textfile collector.
//
//   # HELP cpuagg_user_cpu_seconds_total CPU time that the processes of a user have used.
//   # TYPE cpuagg_user_cpu_seconds_total counter
//   cpuagg_user_cpu_seconds_total{mode="user",uid="1001",user="alice"} 368715.24

#ifndef CPUAGG_NOTIFY_FLEET_PROMETHEUS_TEXT_H_
#define CPUAGG_NOTIFY_FLEET_PROMETHEUS_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/fleet/fleet_counters.h"

namespace cpuagg::notify {

// `version` is of this program.
std::string PrometheusText(const FleetCounters& counters, absl::string_view version);

// The counters in such a text, so that later ones do not become smaller. InvalidArgument if it is
// something else: the message can follow the name of a file.
absl::StatusOr<FleetCounters> ParsePrometheusText(absl::string_view text);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_PROMETHEUS_TEXT_H_
