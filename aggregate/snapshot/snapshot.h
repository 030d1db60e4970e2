// Snapshot: what one collect run, or several merged ones, added to the store, and its format on
// disk.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/file.h"
#include "acct/rotation/cursor.h"
#include "acct/scan/byte_account.h"
#include "aggregate/buckets/blocks.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/report/report.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/running/running.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

// A range of consecutive collect runs, numbered from 1 for a store's first run.
struct Runs {
  uint64_t first = 0;
  uint64_t last = 0;

  bool Contain(const Runs& other) const { return first <= other.first && other.last <= last; }
  friend bool operator==(const Runs&, const Runs&) = default;
};

// How far a snapshot has been merged; see compaction.h.
enum class MergeLevel { kRun, kDay, kMonth, kExpired };

// The summary of a snapshot. It is small, and can be read alone.
struct SnapshotHeader {
  Runs runs;
  MergeLevel level = MergeLevel::kRun;
  std::string host;
  absl::Time captured_at;  // by the last run
  // Users as they were known at capture: accounts are deleted, and their ids reused.
  std::vector<UserIdentity> accounts;
  std::vector<Gap> gaps;
  TimeSpan span;     // of the processes that ended
  TimeSpan buckets;  // the beginnings of the first and the last bucket
  // The buckets of users and of commands, in ascending order of their beginnings.
  std::vector<Bucket> user_buckets = {};
  std::vector<Bucket> command_buckets = {};
  // How coarse the buckets are. The zone is not stored.
  BucketPolicy policy;
  bool counts_running = false;  // includes all processes that ran at the last run
  AccountingState accounting;   // as found by the last run
  // As Joined() returns them. In the header, since a report needs them of hours without usage too.
  std::vector<MachineTime> machine_times = {};
  // Of deleted runs (MergeLevel::kExpired): the number of gaps, and of bytes that were skipped.
  uint64_t expired_gaps = 0;
  uint64_t expired_skipped_bytes = 0;
};

// What a user has used in deleted runs. No report has it.
struct ExpiredUsage {
  UserIdentity user;
  Usage usage;  // only times and processes

  friend bool operator==(const ExpiredUsage&, const ExpiredUsage&) = default;
};

struct Snapshot {
  SnapshotHeader header;
  // How far reading got, newest generation first. Publishing a snapshot moves the position.
  std::vector<acct::Cursor> cursors;
  // Both in ascending order of their keys, which are unique. Accounts are indices into
  // header.accounts. For each account, users and commands have the same sums.
  std::vector<UserRow> users;
  std::vector<CommandRow> commands;
  std::vector<acct::ByteAccount> inputs;
  // The time counted for processes that still run, in the rows of this and of earlier snapshots.
  RunningBaseline running;
  // From which the next run counts on.
  MachineCounters machine_counters;
  // Each user once, for counters that must not become smaller (aggregate/fleet/counters.h).
  std::vector<ExpiredUsage> expired = {};
};

// The bytes of a snapshot file: a serialized storage::SnapshotFile. Equal snapshots give equal
// bytes. The buckets in the header are computed from the rows.
std::string EncodeSnapshot(const Snapshot& snapshot);

// Which rows of a snapshot are wanted. Those of commands are ten times as many as those of users.
enum class WantedRows { kAll, kUsers };

// Decodes such bytes; without the rows of commands if they are not wanted. DataLoss if they are
// damaged; FailedPrecondition if they have a version that this program does not know. Errors name
// `path`.
absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view bytes, absl::string_view path,
                                        WantedRows rows = WantedRows::kAll);

// Whether the checksums of such bytes are right. Faster than decoding. Errors as above.
absl::Status CheckSnapshot(absl::string_view bytes, absl::string_view path);

// Reads only the header of a snapshot file. Errors as above.
absl::StatusOr<SnapshotHeader> ReadSnapshotHeader(const acct::File& file);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_H_
