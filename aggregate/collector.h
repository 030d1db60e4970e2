// Collector: folds what is new in the accounting file into the store, each record once.
//
// Plan, read, add, publish: the snapshot that a run publishes holds both the usage it read and the
// position it reached, so a run that is killed at any moment has done everything or nothing.

#ifndef CPUAGG_AGGREGATE_COLLECTOR_H_
#define CPUAGG_AGGREGATE_COLLECTOR_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/accounting_probe.h"
#include "acct/input_account.h"
#include "acct/rotation.h"
#include "aggregate/compaction.h"
#include "aggregate/new_records.h"
#include "aggregate/report.h"
#include "aggregate/sight.h"
#include "aggregate/snapshot_store.h"
#include "aggregate/user_directory.h"

namespace cpuagg::aggregate {

struct CollectOptions {
  acct::AccountingFiles files;
  std::string host;
  absl::Time now;
  // Hours, days and months are those of this zone.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  Retention retention = {};
  absl::Duration lock_patience = absl::Seconds(5);
  // When this machine booted, by its clock, as far as that is known.
  std::optional<absl::Time> booted_at = std::nullopt;
  // Whether the directory's answers are kept for an hour, in the store, so that it is not asked at
  // each run.
  bool remember_names = false;
  // Gives the processes that run, to count what they have used so far; null to leave them alone.
  ProcessReader read_processes = nullptr;
  // Tells by the record of a process that ends now whether the accounting file is of the same
  // processes; null to take that for granted. See aggregate/accounting_trust.h.
  std::function<absl::StatusOr<acct::AccountingProbe>()> probe = nullptr;
};

struct CollectResult {
  uint64_t records = 0;
  std::vector<acct::InputAccount> inputs;  // of the parts read now, oldest first
  std::vector<Gap> gaps;                   // found now
  // Records in the midst of files that have been counted before; and what lies among the
  // generations and is none.
  std::vector<KnownRecords> known_records;
  std::vector<acct::PassedOver> passed_over;
  // Why running processes are not counted, if they should be; empty if they are.
  std::string running_problem;
  // Why some of them may be missing, if they are counted; empty if none is.
  std::string hidden_processes;
  // The users that are by their ids until a later run finds out what they are called, and why.
  UnknownNames unknown_names;
  // The snapshots that were found damaged and set aside, and how they are damaged.
  std::vector<std::string> set_aside;
  // Why old snapshots could not be merged, which the next run will try again; empty if they could.
  std::string compaction_problem;
  // What Retention::days made the store forget; and why it forgot nothing, although it should have.
  std::vector<Runs> forgotten;
  std::string keeps_all_because;
};

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

#endif  // CPUAGG_AGGREGATE_COLLECTOR_H_
