// Counts what running processes have used, so that the CPU time of a job is visible before it ends,
// and is not counted again when its record comes.
//
// The baseline holds, for every process that ran at the last scan, the ticks that have been counted
// for it. Each scan adds what the process has used since, divided over the time since the last run
// (usage_spread.h). When its record comes, which has all of its ticks, what was counted before is
// taken away again in the bucket of the record. What it used before that bucket, since the last
// run, is moved there. So over all snapshots together
//
//   the sum for a user = the ticks of all records + what the running processes have used,
//
// whatever happens in between: every change of the baseline is a change of the sums by the same
// amount.
//
// The bucket of a record has all of the record's ticks, so it is never below zero after that. Two
// things cannot be taken away there. They are corrections, to be made where they were counted
// (aggregate/collect/running_settlement.h):
//
// 1. Ticks that were counted under another user or command than the record has.
// 2. Ticks that are more than the record has. /proc and the records measure differently.
//
// Which process a record belongs to (record_owner.h has the decision):
//
// 1. The process is gone: the first new record with its process id.
// 2. The process still runs: any record with its process id.
// 3. The process is new: the first record with its process id that was written after the scan.
//
// A process that is ending when it is seen first is not counted: its record is there already, or
// will be soon.

#ifndef CPUAGG_AGGREGATE_RUNNING_RUNNING_H_
#define CPUAGG_AGGREGATE_RUNNING_RUNNING_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "aggregate/running/running_baseline.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

// The user and command under which a process is counted.
struct Identity {
  acct::Uid uid;
  CommandBits command = {};

  friend bool operator==(const Identity&, const Identity&) = default;
};

// Time that earlier runs counted under `from` and that belongs elsewhere.
struct Correction {
  Identity from;
  std::optional<Identity> to;  // nullopt: nowhere, it was too much
  int64_t begin_time = 0;      // of the process, in seconds since 1970
  int64_t bucket = 0;          // in which the process is counted now
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;

  friend bool operator==(const Correction&, const Correction&) = default;
};

struct RunningChanges {
  // Changes of running time, by the buckets of users. Negative where records come of processes that
  // had been counted before; together with these records no sum is negative.
  CommandBucketTable growth;
  std::vector<Correction> corrections;
};

// The process ids whose records UpdateRunning() needs.
absl::flat_hash_set<uint32_t> PidsToWatch(const RunningBaseline& baseline,
                                          const acct::ProcessTable* table);

// Updates `baseline` and adds the changes to `changes`, in the buckets of `spread`. `table` was
// read at `spread.now()`, before the records of `exits`, which are in the order in which they were
// written. It is null if it could not be read; then only ended processes are removed from the
// baseline. A process that vanished without a record (accounting was off) stays counted with
// what was last seen of it. If the table is incomplete, processes that it does not show stay in the
// baseline, unless the machine has booted.
void UpdateRunning(const acct::ProcessTable* table, const std::vector<ProcessExit>& exits,
                   UsageSpread& spread, RunningBaseline& baseline, RunningChanges& changes);

// Subtracts all time counted for running processes: for records without process ids, by which it
// could be subtracted later. `bucket` is the current one.
void ForgetRunning(int64_t bucket, RunningBaseline& baseline, RunningChanges& changes);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_RUNNING_H_
