// FleetRows: asks an engine for the CPU time of a fleet in a period, and adds the answers up to
// rows of a report.
//
// A long period is asked in parts, which are smaller where an engine has a limit. Each amount of an
// answer is rounded to ticks; everything after that is a sum of integers.

#ifndef CPUAGG_NOTIFY_FLEET_FLEET_ROWS_H_
#define CPUAGG_NOTIFY_FLEET_FLEET_ROWS_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/promql.h"

namespace cpuagg::notify {

// Full hours of UTC: what engines are asked about.
struct UtcHours {
  absl::Time begin;
  absl::Time end;

  int64_t count() const { return absl::ToInt64Hours(end - begin); }
};

// Calls `ask` for parts of `hours`, in order. A part that is too large for the engine
// (ResourceExhausted) is halved, down to an hour, and tells how large the later ones may be.
absl::Status InParts(const UtcHours& hours,
                     const std::function<absl::Status(const UtcHours&)>& ask);

struct FleetQuestion {
  UtcHours hours;
  std::vector<Conditions> choices;  // as HourAmounts()
  aggregate::Grouping by;           // of users, hosts and times
  bool is_of_one_host = false;      // then the rows of users have their ids
  absl::TimeZone time_zone;
};

// The id of a row whose user has none: no account has it (setuid(2) cannot set it).
inline constexpr uint32_t kNoId = std::numeric_limits<uint32_t>::max();

struct FleetRows {
  std::vector<aggregate::ReportRow> rows;
  aggregate::Detail detail = aggregate::Detail::kModes;
};

// Adds why an answer may lack something to `damage`.
absl::StatusOr<FleetRows> AskFleetRows(Engine& engine, const FleetQuestion& question,
                                       std::vector<std::string>& damage);

// The name of the host with this label: without a port.
std::string HostOfInstance(const std::string& instance);

// Adds `more` to `damage`, each once.
void AddDamage(const std::vector<std::string>& more, std::vector<std::string>& damage);

// The hour of `zone`'s clock whose amounts have their times in the hour of UTC that begins at
// `utc_hour`: the last one that begins in it. Both in seconds since 1970.
int64_t LocalHourIn(int64_t utc_hour, absl::TimeZone zone);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_FLEET_ROWS_H_
