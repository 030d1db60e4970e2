// SnapshotStore: the directory of snapshots.
//
//   STORE/lock                                        held by whoever changes the store
//   STORE/snapshots/20261123T004500Z-000017.pb        collect run 17
//   STORE/snapshots/20261121T230000Z-000001-000016.pb the runs 1 to 16, merged
//   STORE/snapshots/20261123T004500Z-000017.pb.damaged  set aside
//
// Publishing a snapshot is one rename, so the totals and the position reached change together or
// not at all. Readers need no lock. Runs are numbered without holes: a number that no snapshot has
// is a gap in what is known.

#ifndef CPUAGG_AGGREGATE_STORE_SNAPSHOT_STORE_H_
#define CPUAGG_AGGREGATE_STORE_SNAPSHOT_STORE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file_lock.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"

namespace cpuagg::aggregate {

struct StoredSnapshot {
  std::string path;
  uint64_t bytes = 0;  // the length of the file
  SnapshotHeader header;
};

// A snapshot file that cannot be read, or is set aside already.
struct DamagedSnapshot {
  std::string path;
  Runs runs;  // by its name
  std::string problem;
  bool is_set_aside = false;
};

// Runs that no snapshot has.
struct MissingRuns {
  Runs runs;
  Gap gap;
};

struct StoreListing {
  std::vector<StoredSnapshot> snapshots;  // oldest first; no run is in two of them
  std::vector<MissingRuns> missing;
  std::vector<DamagedSnapshot> damaged;
  // Paths of what has been merged already: a crash came before they were removed.
  std::vector<std::string> replaced;
  // The highest number of a run that any file has, damaged or not; 0 without one.
  uint64_t last_run = 0;
};

class SnapshotStore {
 public:
  explicit SnapshotStore(std::string directory,
                         acct::FileSystem& changes = acct::FileSystem::Default())
      : directory_(std::move(directory)), changes_(&changes) {}

  const std::string& directory() const { return directory_; }
  acct::FileSystem& changes() const { return *changes_; }

  // Makes the store's directories, and those above them, where they are missing, with mode 0750.
  absl::Status MakeDirectories() const;

  // Makes the directories and locks the store for changes.
  absl::StatusOr<acct::FileLock> Lock(absl::Duration timeout) const;

  // Whether there is no snapshot, not even a damaged one.
  absl::StatusOr<bool> IsEmpty() const;
  // Whether a run of `collect` has made it, which may have found nothing.
  absl::StatusOr<bool> Exists() const;

  // What there is; nothing if the directory does not exist. FailedPrecondition if one of the
  // snapshots is of a version that this program does not know, or if others may write to the
  // directory.
  absl::StatusOr<StoreListing> List() const;

  // DataLoss if the snapshot turns out to be damaged.
  absl::StatusOr<Snapshot> Load(const StoredSnapshot& stored) const;

  // The same without reading what it says.
  absl::Status Check(const StoredSnapshot& stored) const;

  // The rest needs the lock.

  // Adds `snapshot`, whose first run must be the one after the last.
  absl::Status Publish(const Snapshot& snapshot) const;

  // Puts `merged` in place of `parts`, whose runs it holds: by one rename, after which they count
  // no longer. Removing them comes later and may fail.
  absl::Status Replace(absl::Span<const StoredSnapshot> parts, const Snapshot& merged) const;

  // Removes files that have been replaced.
  absl::Status Remove(absl::Span<const std::string> paths) const;

  // Gives a damaged file a name by which it is no snapshot any more.
  absl::Status SetAside(const std::string& path) const;

 private:
  // FailedPrecondition if others may write to one of them.
  absl::Status CheckDirectories() const;
  std::string SnapshotDirectory() const { return directory_ + "/snapshots"; }

  std::string directory_;
  acct::FileSystem* changes_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_SNAPSHOT_STORE_H_
