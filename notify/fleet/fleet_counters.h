// FleetCounters: the counters of a store as others see them: names that fit into a label, and
// numbers that do not become smaller.

#ifndef CPUAGG_NOTIFY_FLEET_FLEET_COUNTERS_H_
#define CPUAGG_NOTIFY_FLEET_FLEET_COUNTERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "acct/record/units.h"
#include "aggregate/fleet/counters.h"

namespace cpuagg::notify {

// The name of a user as a label: printable, and the id of a user without a name.
std::string UserLabel(const std::optional<std::string>& name, acct::Uid uid);

// Whether it is the label of a user without a name. No name has digits only: useradd(8) refuses it.
bool IsUserId(absl::string_view label);

struct CounterValues {
  uint64_t processes = 0;
  uint64_t user_ticks = 0;  // 100 per second
  uint64_t system_ticks = 0;

  friend bool operator==(const CounterValues&, const CounterValues&) = default;
};

// Each user by id and label.
using UserCounters = std::map<std::pair<uint32_t, std::string>, CounterValues>;

struct FleetCounters {
  UserCounters users;
  uint64_t gaps = 0;
  uint64_t skipped_bytes = 0;
  std::optional<int64_t> last_collect;  // in seconds since 1970; nullopt if the store is empty

  friend bool operator==(const FleetCounters&, const FleetCounters&) = default;
};

FleetCounters ToFleetCounters(const aggregate::Counters& counters);

// How much is missing in `now` from `seen`: what a store had that was lost. Users of both; with
// `with_vanished`, also those that `now` no longer has.
FleetCounters Missing(const FleetCounters& seen, const FleetCounters& now, bool with_vanished);

// `now` plus `base`, and no less than `seen` for the users that it has then.
FleetCounters Continued(const FleetCounters& now, const FleetCounters& base,
                        const FleetCounters& seen);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_FLEET_COUNTERS_H_
