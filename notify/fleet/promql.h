// Writes queries in PromQL, the language of Prometheus, VictoriaMetrics, Mimir and Thanos, about
// the amounts of CPU time that `cpuagg push` stores (docs/fleet_query.md).
//
// An amount is of an hour of a host's clock and has a time inside of that hour, which is also
// inside of one hour of UTC. Corrections of the hour come later in it, and the last one counts.

#ifndef CPUAGG_NOTIFY_FLEET_PROMQL_H_
#define CPUAGG_NOTIFY_FLEET_PROMQL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

inline constexpr char kUserAmounts[] = "cpuagg_user_cpu_hourly_seconds";
inline constexpr char kHostAmounts[] = "cpuagg_host_cpu_hourly_seconds";
inline constexpr char kLastCollect[] = "cpuagg_last_collect_timestamp_seconds";

// A condition on a label: `user=~"alice|bob"`.
std::string IsOneOf(absl::string_view label, const std::vector<std::string>& values);
std::string IsNoneOf(absl::string_view label, const std::vector<std::string>& values);
// `value` (valid UTF-8 and not empty) and what comes after it in the order of code points; and all
// that does not.
std::string IsFrom(absl::string_view label, absl::string_view value);
std::string IsBefore(absl::string_view label, absl::string_view value);
// The instances of a host: its name, maybe with a port.
std::string IsOfHost(const std::string& host);

// The conditions of one selector; all of them hold.
using Conditions = std::vector<std::string>;

// Each of `choices`, and all of `more`.
std::vector<Conditions> EachWith(std::vector<Conditions> choices, const Conditions& more);

// The amounts of the hour before the time of evaluation, of the series for which all conditions of
// any of `choices` hold. `choices` are not empty.
std::string HourAmounts(const std::vector<Conditions>& choices,
                        absl::string_view metric = kUserAmounts);

// The sum of `hour_amounts` over the `hours` before the time of evaluation, a full hour of UTC.
std::string SumOverHours(absl::string_view hour_amounts, int64_t hours);

// `sum by (labels) (vector)`.
std::string SumBy(const std::vector<std::string>& labels, absl::string_view vector);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_PROMQL_H_
