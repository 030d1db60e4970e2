// Snapshot: what one collect run added to the store, and its form on disk.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/cursor.h"
#include "acct/input_account.h"
#include "acct/units.h"
#include "aggregate/period.h"
#include "aggregate/report.h"
#include "aggregate/running.h"
#include "aggregate/usage_table.h"

namespace cpuagg::aggregate {

struct Snapshot {
  // 1 for the first of a store, then one more each time.
  uint64_t sequence = 0;
  std::string host;
  absl::Time captured_at;
  // How far reading got, newest generation first. Publishing a snapshot is what moves the position.
  std::vector<acct::Cursor> cursors;
  int64_t bucket_seconds = 3600;
  UserBucketTable usage;
  TimeSpan span;  // of the processes in `usage`
  // Names as they were at capture: accounts are deleted, and their ids used again.
  absl::flat_hash_map<acct::Uid, std::string> names;
  std::vector<acct::InputAccount> inputs;
  std::vector<Gap> gaps;
  // What is counted in `usage`, here and before, for processes that still run.
  RunningCarry running;
};

// The bytes of a snapshot file: a serialized storage::SnapshotFile, the same for equal snapshots.
std::string EncodeSnapshot(const Snapshot& snapshot);

// Reads such bytes. DataLoss if they are damaged, FailedPrecondition if a version of the program
// that this one does not know wrote them; `path` is named in errors.
absl::StatusOr<Snapshot> DecodeSnapshot(absl::string_view bytes, absl::string_view path);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_H_
