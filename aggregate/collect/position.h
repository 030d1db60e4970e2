// Position: the state of the store from which a collect run continues.

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
  std::optional<Snapshot> newest;  // nullopt if the store has no snapshot left

  uint64_t last_run() const { return newest.has_value() ? newest->header.runs.last : 0; }
};

// Finds the newest readable snapshot. Sets damaged snapshots aside first and adds each to
// `set_aside`. Checks the newest snapshots and one of the others, a different one each time, which
// depends on `now`. The caller must hold the lock.
absl::StatusOr<Position> FindPosition(const SnapshotStore& store, absl::Time now,
                                      std::vector<std::string>& set_aside);

// Whether another run has changed the store in a way that affects a run that started at `position`.
// The caller must hold the lock.
absl::StatusOr<bool> HasMoved(const SnapshotStore& store, const Position& position);

// The number of snapshots of `listing` before a hole: runs of the last days that no snapshot has. A
// run may continue from the last of these snapshots, if everything collected since can be read
// again. nullopt if there is no hole.
std::optional<size_t> SnapshotsBeforeHole(const StoreListing& listing);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_POSITION_H_
