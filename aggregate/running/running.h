// Counts what running processes have used, so that the CPU time of a job is visible before it ends,
// and is not counted again when its record comes.
//
// A baseline holds the ticks that have been counted for every process that ran at the last scan.
// Each scan adds what the process has used since. The record has all of its ticks; when it comes,
// the ticks counted before are subtracted again in the bucket of the record. So over all snapshots
// together
//
//   the sum for a user = the ticks of all records + what the running processes have used,
//
// whatever happens in between: every change of the baseline is a change of the sums by the same
// amount.
//
// The bucket of a record has all of the record's ticks, so it is never negative after the
// subtraction. Two things cannot be subtracted there. They are corrections, to be made where they
// were counted (aggregate/collect/running_settlement.h):
//
// 1. Ticks that were counted under another user or command than the record has.
// 2. Ticks beyond those of the record, since /proc and the records measure differently.
//
// The kernel writes a record when a process ends, so records are in the order of the ends. All
// records read now were written after the last scan. Those after the lengths that the files had
// just before this scan were written after this scan. So this is the record of a process:
//
// 1. The process is gone: the first new record with its process id.
// 2. The process still runs: any record with its process id, since no other process can have had
// it.
// 3. The process is new: the first record with its process id that was written after the scan.
//
// Only if a record was never written and the id was reused could another process's record be taken
// for it. To avoid that, the elapsed time is compared, which does not depend on changes of the
// clock, and the times of the clock, as far as the clock was not set. A process that is already
// ending when first seen is not counted; its record follows soon, or has already been read.

#ifndef CPUAGG_AGGREGATE_RUNNING_RUNNING_H_
#define CPUAGG_AGGREGATE_RUNNING_RUNNING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

// A running process, with what has been counted for it, and under which user and command.
struct CountedProcess {
  uint32_t pid = 0;
  uint64_t start_ticks = 0;  // see acct::RunningProcess
  int64_t begin_time = 0;
  acct::Uid uid;
  CommandBits command = {};
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;

  friend bool operator==(const CountedProcess&, const CountedProcess&) = default;
};

struct RunningBaseline {
  std::string boot_id;
  int64_t scanned_at = 0;  // in seconds since 1970
  int64_t boot_time = 0;   // see acct::ProcessTable
  int64_t uptime = 0;
  std::vector<CountedProcess> processes;

  friend bool operator==(const RunningBaseline&, const RunningBaseline&) = default;
};

// A record that might belong to one of these processes.
struct ProcessExit {
  uint32_t pid = 0;
  int64_t begin_time = 0;  // in seconds since 1970
  int64_t end_time = 0;
  bool after_scan = false;  // it was written after the process table was read
  acct::Uid uid;
  CommandBits command = {};
  uint64_t user_ticks = 0;  // at acct::kTicksPerSecond
  uint64_t system_ticks = 0;
  uint8_t flags = 0;
};

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

// Updates `baseline` and adds the changes to `changes`, in the bucket that `bucket_of` returns for
// a time. `table` was read at `now`, before the records of `exits`, which are in the order in which
// they were written. It is null if it could not be read; then only ended processes are removed from
// the baseline. A process that vanished without a record (accounting was off) stays counted with
// what was last seen of it. If the table is incomplete, processes that it does not show stay in the
// baseline, unless the machine has booted.
void UpdateRunning(const acct::ProcessTable* table, const std::vector<ProcessExit>& exits,
                   int64_t now, const std::function<int64_t(int64_t)>& bucket_of,
                   RunningBaseline& baseline, RunningChanges& changes);

// Subtracts all time counted for running processes: for records without process ids, by which it
// could be subtracted later. `bucket` is the current one.
void ForgetRunning(int64_t bucket, RunningBaseline& baseline, RunningChanges& changes);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_RUNNING_H_
