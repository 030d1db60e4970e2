// CounterBase: what counters had before a store was lost, kept in the new store so that they go on.

#ifndef CPUAGG_NOTIFY_FLEET_COUNTER_BASE_H_
#define CPUAGG_NOTIFY_FLEET_COUNTER_BASE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "notify/fleet/fleet_counters.h"

namespace cpuagg::notify {

struct CounterBase {
  FleetCounters missing;
  absl::Time made_at;
};

// The path in a store.
std::string CounterBasePath(absl::string_view store);

// nullopt if there is none that can be read: the store is a new one.
std::optional<CounterBase> LoadCounterBase(const std::string& path);
absl::Status SaveCounterBase(const CounterBase& base, const std::string& path);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_COUNTER_BASE_H_
