// Snapshot: what one collect run added to the store, or several merged ones, and its form on disk.

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
#include "aggregate/running/running.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

// Numbers of consecutive collect runs, from 1 for a store's first.
struct Runs {
  uint64_t first = 0;
  uint64_t last = 0;

  bool Contain(const Runs& other) const { return first <= other.first && other.last <= last; }
  friend bool operator==(const Runs&, const Runs&) = default;
};

// How far a snapshot has been merged; compaction.h.
enum class MergeLevel { kRun, kDay, kMonth, kExpired };

// What a snapshot is about. Small, and read alone where that is enough.
struct SnapshotHeader {
  Runs runs;
  MergeLevel level = MergeLevel::kRun;
  std::string host;
  absl::Time captured_at;  // by the last run
  // Users as they were known at capture: accounts are deleted, and their ids used again.
  std::vector<UserIdentity> accounts;
  std::vector<Gap> gaps;
  TimeSpan span;     // of the processes that ended
  TimeSpan buckets;  // the beginnings of the first and the last one
  // Those of users and commands, in ascending order of their beginnings.
  std::vector<Bucket> user_buckets = {};
  std::vector<Bucket> command_buckets = {};
  // How coarse the buckets are; the zone is not kept.
  BucketPolicy policy;
  bool counts_running = false;  // all processes that ran at the last run are included
  AccountingState accounting;   // as the last run found it
};

struct Snapshot {
  SnapshotHeader header;
  // How far reading got, newest generation first. Publishing a snapshot is what moves the position.
  std::vector<acct::Cursor> cursors;
  // Both in ascending order of their keys, each of which comes once; accounts are indices into
  // header.accounts. For each account, users and commands have the same sums.
  std::vector<UserRow> users;
  std::vector<CommandRow> commands;
  std::vector<acct::ByteAccount> inputs;
  // What is counted in the rows, here and in earlier snapshots, for processes that still run.
  RunningBaseline running;
};

// The bytes of a snapshot file: a serialized storage::SnapshotFile, the same for equal snapshots.
// The buckets of the header are found from the rows.
std::string EncodeSnapshot(const Snapshot& snapshot);

// Reads such bytes. DataLoss if they are damaged, FailedPrecondition if they are of a version that
// this program does not know; `path` is named in errors.
absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view bytes, absl::string_view path);

// Whether such bytes are as they were written, which is known sooner than what they say; errors as
// above.
absl::Status CheckSnapshot(absl::string_view bytes, absl::string_view path);

// Reads the header of a snapshot file and no more; errors as above.
absl::StatusOr<SnapshotHeader> ReadSnapshotHeader(const acct::File& file);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_SNAPSHOT_H_
