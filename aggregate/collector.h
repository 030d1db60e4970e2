// Collector: folds what is new in the accounting file into the store, each record once.
//
// Plan, read, add, publish: the snapshot that a run publishes holds both the usage it read and the
// position it reached, so a run that is killed at any moment has done everything or nothing.

#ifndef CPUAGG_AGGREGATE_COLLECTOR_H_
#define CPUAGG_AGGREGATE_COLLECTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/input_account.h"
#include "aggregate/compaction.h"
#include "aggregate/report.h"
#include "aggregate/sight.h"
#include "aggregate/snapshot_store.h"
#include "aggregate/user_directory.h"

namespace cpuagg::aggregate {

struct CollectOptions {
  std::string accounting_file;
  std::string host;
  absl::Time now;
  // Hours, days and months are those of this zone.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  Retention retention = {};
  absl::Duration lock_patience = absl::Seconds(5);
  // Whether the directory's answers are kept for an hour, in the store, so that it is not asked at
  // each run.
  bool remember_names = false;
  // Gives the processes that run, to count what they have used so far; null to leave them alone.
  ProcessReader read_processes = nullptr;
};

struct CollectResult {
  uint64_t records = 0;
  std::vector<acct::InputAccount> inputs;  // of the parts read now, oldest first
  std::vector<Gap> gaps;                   // found now
  // Why running processes are not counted, if they should be; empty if they are.
  std::string running_problem;
  // The users that are by their ids until a later run finds out what they are called, and why.
  UnknownNames unknown_names;
  // The snapshots that were found damaged and set aside, and how they are damaged.
  std::vector<std::string> set_aside;
  // Why old snapshots could not be merged, which the next run will try again; empty if they could.
  std::string compaction_problem;
};

// One run. Publishes nothing if nothing is new. If the newest snapshots are damaged, what they held
// is read again as far as it is there. After an error the store says what it said before: NotFound
// and FailedPrecondition for files that are missing or forbidden, or a store of a newer version,
// Unavailable if another collector is at work, DataLoss for a file truncated under the reader.
absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECTOR_H_
