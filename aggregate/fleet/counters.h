// Counters: what each user of a store has ever used. Neither merging snapshots nor deleting old
// ones (--keep) makes them smaller.
//
// The newest running processes are in them as well. A correction of their time may take some from
// one user for another, or away (aggregate/running/running.h); notify/fleet/counter_memory.h keeps
// what others see from becoming smaller then.

#ifndef CPUAGG_AGGREGATE_FLEET_COUNTERS_H_
#define CPUAGG_AGGREGATE_FLEET_COUNTERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

struct UserCounter {
  UserIdentity user;
  uint64_t processes = 0;   // that ended
  uint64_t user_ticks = 0;  // 100 per second
  uint64_t system_ticks = 0;
};

struct Counters {
  std::string host;
  std::vector<UserCounter> users;  // in the order of uid and name
  uint64_t gaps = 0;
  uint64_t skipped_bytes = 0;
  std::optional<absl::Time> last_collect;  // nullopt if the store is empty
  // The problems of snapshots that cannot be read. What they have is not in the counters.
  std::vector<std::string> damage;
};

// Unavailable if the store keeps being merged while it is read; else the errors of reading it.
absl::StatusOr<Counters> ReadCounters(const SnapshotStore& store);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_FLEET_COUNTERS_H_
