// Collector: folds what is new in the accounting file into the store, each record once.
//
// Plan, read, add, publish: the snapshot that a run publishes holds both the usage it read and the
// position it reached, so a run that is killed at any moment has done everything or nothing.

#ifndef CPUAGG_AGGREGATE_COLLECT_COLLECTOR_H_
#define CPUAGG_AGGREGATE_COLLECT_COLLECTOR_H_

#include "absl/status/statusor.h"
#include "aggregate/collect/collect_run.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

// One run. Publishes nothing if nothing is new. What damaged or missing snapshots of the last days
// held is read again if all of it is still there. The store is locked while the position is looked
// up and while the snapshot is published, and not in between: if another run has published one
// meanwhile, this one begins again. After an error the store says what it said before: NotFound and
// FailedPrecondition for files that are missing or forbidden, or a store of a newer version,
// Unavailable if another collector holds the lock or the files do not stop changing, DataLoss for a
// file truncated under the reader.
absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_COLLECTOR_H_
