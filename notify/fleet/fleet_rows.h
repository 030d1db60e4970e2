// FleetRows: asks an engine for the CPU time of a fleet in a period, and adds the answers up to
// rows of a report.
//
// What is too large for the engine is asked in parts. Each amount of an answer is rounded to ticks;
// everything after that is a sum of integers.

#ifndef CPUAGG_NOTIFY_FLEET_FLEET_ROWS_H_
#define CPUAGG_NOTIFY_FLEET_FLEET_ROWS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/promql.h"
#include "notify/fleet/question_parts.h"

namespace cpuagg::notify {

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
absl::StatusOr<FleetRows> AskFleetRows(Engine& engine, QuestionParts& parts,
                                       const FleetQuestion& question,
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
