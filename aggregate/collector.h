// Collector: folds what is new in the accounting file into the store, each record once.
//
// Plan, read, add, publish: the snapshot that a run publishes holds both the usage it read and the
// position it reached, so a run that is killed at any moment has done everything or nothing.

#ifndef CPUAGG_AGGREGATE_COLLECTOR_H_
#define CPUAGG_AGGREGATE_COLLECTOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/input_account.h"
#include "aggregate/report.h"
#include "aggregate/snapshot_store.h"
#include "aggregate/user_directory.h"

namespace cpuagg::aggregate {

struct CollectOptions {
  std::string accounting_file;
  std::string host;
  absl::Time now;
  // Buckets are hours of this zone.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  absl::Duration lock_patience = absl::Seconds(5);
  // Where procfs is mounted, to count what running processes have used; nullopt to leave it alone.
  std::optional<std::string> process_root;
};

struct CollectResult {
  uint64_t records = 0;
  std::vector<acct::InputAccount> inputs;  // of the parts read now, oldest first
  std::vector<Gap> gaps;                   // found now
  // Why running processes are not counted, if they should be; empty if they are.
  std::string running_problem;
};

// One run. Publishes nothing if nothing is new. After an error the store is as it was: NotFound and
// FailedPrecondition for files that are missing or forbidden, Unavailable if another collector is
// at work, DataLoss for a damaged store or a file truncated under the reader.
absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECTOR_H_
