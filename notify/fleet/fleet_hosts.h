// What an engine knows of the hosts of a fleet: when each ran last, and in which hours any of them
// used CPU time.

#ifndef CPUAGG_NOTIFY_FLEET_FLEET_HOSTS_H_
#define CPUAGG_NOTIFY_FLEET_FLEET_HOSTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/fleet.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/fleet_rows.h"
#include "notify/fleet/promql.h"
#include "notify/fleet/question_parts.h"

namespace cpuagg::notify {

// The hours for which the engine has any amounts.
struct KnownHours {
  absl::Time begin;  // of the first one
  absl::Time end;    // of the last one
  uint64_t most_hosts = 0;
};

// Those among `hours`, of the hosts for which all `conditions` hold; nullopt if there are none.
absl::StatusOr<std::optional<KnownHours>> FindKnownHours(Engine& engine, QuestionParts& parts,
                                                         const UtcHours& hours,
                                                         const Conditions& conditions,
                                                         std::vector<std::string>& damage);

// The day that has the first amounts of all; nullopt if there are none. Looks back ten years.
absl::StatusOr<std::optional<absl::Time>> FindFirstDay(Engine& engine, absl::Time now,
                                                       const Conditions& conditions,
                                                       std::vector<std::string>& damage);

struct HostRuns {
  aggregate::Fleet fleet;
  std::vector<std::string> instances;            // of the hosts
  absl::Time newest_run = absl::InfinitePast();  // of all hosts; infinite if none is known
};

// The hosts that have reported from `begin` on, and which of them not since `late_since`.
absl::StatusOr<HostRuns> FindHostRuns(Engine& engine, absl::Time begin, absl::Time now,
                                      absl::Time late_since, const Conditions& conditions,
                                      std::vector<std::string>& damage);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_FLEET_HOSTS_H_
