// Collector: adds what is new in the accounting file to the store, each record exactly once.
//
// A run plans, reads, adds and publishes. The snapshot that it publishes holds both the usage it
// read and the position it reached. So a run that is killed at any moment has done everything or
// nothing.

#ifndef CPUAGG_AGGREGATE_COLLECT_COLLECTOR_H_
#define CPUAGG_AGGREGATE_COLLECT_COLLECTOR_H_

#include "absl/status/statusor.h"
#include "aggregate/collect/collect_run.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

// Does one run. Publishes nothing if nothing is new. Reads again what damaged or missing snapshots
// of the last days held, if all of it still exists.
//
// Locks the store while it determines the position and while it publishes the snapshot, but not in
// between. If another run has published meanwhile, this one starts again.
//
// After an error the store is unchanged. NotFound or FailedPrecondition for missing or forbidden
// files, or for a store of a newer version. Unavailable if another collector holds the lock, or if
// the files keep changing. DataLoss for a file truncated during reading.
absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_COLLECTOR_H_
