// What running processes have used, so that a job shows its CPU before it ends and is not counted
// again when its record comes.
//
// A baseline holds, for every process that ran at the last scan, the ticks that have been counted
// for it. Each scan adds what it has used since. When its record comes, which has all of it, what
// was counted before is taken away again in the bucket of the record. So over all snapshots
// together
//
//   the sum for a user = the ticks of all records + what the running processes have used,
//
// whatever happens in between: every change of the baseline is a change of the sums by the same
// amount.
//
// The bucket of a record has all of the record's ticks, so it has what is taken away there, and is
// never below zero. Two things cannot be taken away there: what was counted under another user or
// command than the record has, and what is more than it has, since /proc and the records measure
// differently. They are corrections, to be made where they were counted
// (aggregate/collect/running_settlement.h).
//
// Whose record it is: the kernel writes it when a process ends, so the order in the file is that of
// the ends. All that is read now was written after the last scan, and what lies behind the lengths
// that the files had just before this scan was written after that. So a process that is gone has
// the first record with its process id, one that is still there has nobody else's, and one that was
// not there before has the first that was written after the scan. Only where a record was never
// written and the id was used again, another's could be taken for it; that is told by the time for
// which it had run, which no setting of the clock changes, and by the clock as far as nobody set
// it. Who is ending when it is seen first has a record that is there soon, or has been read
// already, and is not counted before.

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

// A running process with what has been counted for it, and under which user and command.
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

// A record of a process that might be one of those.
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

// Under what a process is counted.
struct Identity {
  acct::Uid uid;
  CommandBits command = {};

  friend bool operator==(const Identity&, const Identity&) = default;
};

// What was counted for a process by earlier runs, under `from`, and belongs elsewhere.
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
  // As running time, by the buckets of users. Where records are counted of processes that had been
  // counted before it is negative, but with what the records have, nothing is.
  CommandBucketTable growth;
  std::vector<Correction> corrections;
};

// The process ids whose records UpdateRunning() asks for.
absl::flat_hash_set<uint32_t> PidsToWatch(const RunningBaseline& baseline,
                                          const acct::ProcessTable* table);

// Brings `baseline` up to date and adds what changes to `changes`, in the bucket that `bucket_of`
// gives for a time. `table` was read at `now`, before the records were whose `exits` these are, in
// the order in which they were written; null if it could not be read, and then the baseline keeps
// what it has and loses only what has ended. A process that vanished without a record (accounting
// was off) stays counted with what was last seen of it. An incomplete table says nothing of those
// that it does not show: they stay in the baseline, unless the machine has booted.
void UpdateRunning(const acct::ProcessTable* table, const std::vector<ProcessExit>& exits,
                   int64_t now, const std::function<int64_t(int64_t)>& bucket_of,
                   RunningBaseline& baseline, RunningChanges& changes);

// All that is counted for running processes was too much: for records that have no process id, by
// which it could be taken away later. `bucket` is that of now.
void ForgetRunning(int64_t bucket, RunningBaseline& baseline, RunningChanges& changes);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_RUNNING_H_
