// Position: what a collect run finds in the store and goes on from.

#ifndef CPUAGG_AGGREGATE_COLLECT_POSITION_H_
#define CPUAGG_AGGREGATE_COLLECT_POSITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/rotation/cursor.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

struct Position {
  StoreListing listing;
  std::optional<Snapshot> newest;  // nullopt for a store of which nothing is left

  uint64_t last_run() const { return newest.has_value() ? newest->header.runs.last : 0; }
};

// Finds the newest snapshot that can be read, after damaged ones have been set aside, each of which
// is added to `set_aside`. Looks at the newest snapshots and at one of the others in turn, which
// `now` chooses. The lock must be held.
absl::StatusOr<Position> FindPosition(const SnapshotStore& store, absl::Time now,
                                      std::vector<std::string>& set_aside);

// Whether another run has changed what a run would publish on top of `position`. The lock must be
// held.
absl::StatusOr<bool> HasMoved(const SnapshotStore& store, const Position& position);

// The number of snapshots of `listing` that come before runs of the last days which no snapshot
// has: a run may go on from the last of them, if all that has been collected since can be read
// again. nullopt if no such runs are missing.
std::optional<size_t> SnapshotsBeforeHole(const StoreListing& listing);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_POSITION_H_
