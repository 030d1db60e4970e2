// SnapshotStore: the directory of snapshots.
//
//   STORE/lock                                        held while the store is changed
//   STORE/snapshots/20261123T004500Z-000017.pb        collect run 17
//   STORE/snapshots/20261121T230000Z-000001-000016.pb the runs 1 to 16, merged
//   STORE/snapshots/20261123T004500Z-000017.pb.damaged  set aside
//
// Publishing a snapshot is one rename, so the totals and the position reached change together or
// not at all. Readers need no lock. Runs are numbered consecutively: a number that no snapshot has
// is a gap in what is known.

#ifndef CPUAGG_AGGREGATE_STORE_SNAPSHOT_STORE_H_
#define CPUAGG_AGGREGATE_STORE_SNAPSHOT_STORE_H_

#include <cstdint>
#include <optional>
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

// A snapshot file that cannot be read, or that has already been set aside.
struct DamagedSnapshot {
  std::string path;
  Runs runs;  // according to its name
  std::string problem;
  bool is_set_aside = false;
};

// Runs that are in no snapshot.
struct MissingRuns {
  Runs runs;
  Gap gap;
};

struct StoreListing {
  std::vector<StoredSnapshot> snapshots;  // oldest first; no run is in two of them
  std::vector<MissingRuns> missing;
  std::vector<DamagedSnapshot> damaged;
  // The paths of snapshots that have already been merged, but were not removed because of a crash.
  std::vector<std::string> replaced;
  // The highest run number of any file, damaged or not; 0 if there are no files.
  uint64_t last_run = 0;
};

class SnapshotStore {
 public:
  explicit SnapshotStore(std::string directory,
                         acct::FileSystem& changes = acct::FileSystem::Default())
      : directory_(std::move(directory)), changes_(&changes) {}

  const std::string& directory() const { return directory_; }
  acct::FileSystem& changes() const { return *changes_; }

  // Creates the store's directories, and missing ones above them, with mode 0750.
  // FailedPrecondition for a folder of stores.
  absl::Status MakeDirectories() const;

  // Creates the directories and locks the store for changes.
  absl::StatusOr<acct::FileLock> Lock(absl::Duration timeout) const;

  // FailedPrecondition for a folder of stores: as a store, it would hide them.
  absl::Status CheckIsNotOfSeveral() const;

  // Whether there are no snapshots, not even damaged ones.
  absl::StatusOr<bool> IsEmpty() const;
  // Whether a run of `collect` has created the store, even if it found nothing.
  absl::StatusOr<bool> Exists() const;

  // The files of the store; empty if the directory does not exist. FailedPrecondition if a snapshot
  // has a version that this program does not know, or if others may write to the directory.
  absl::StatusOr<StoreListing> List() const;

  // The header of the newest snapshot that is not damaged; nullopt if there is none. Faster than
  // List(), with the same errors.
  absl::StatusOr<std::optional<SnapshotHeader>> NewestHeader() const;

  // The highest run number of any file, as in List(), from the names alone.
  absl::StatusOr<uint64_t> LastRun() const;

  // Reads a snapshot. DataLoss if it turns out to be damaged.
  absl::StatusOr<Snapshot> Load(const StoredSnapshot& stored,
                                WantedRows rows = WantedRows::kAll) const;

  // The same, but only checks the checksums.
  absl::Status Check(const StoredSnapshot& stored) const;

  // The functions below need the lock.

  // Adds `snapshot`, whose first run must follow the last run of the store.
  absl::Status Publish(const Snapshot& snapshot) const;

  // Replaces `parts` by `merged`, which holds their runs, with one rename. After that the parts do
  // not count. Removing their files comes later and may fail.
  absl::Status Replace(absl::Span<const StoredSnapshot> parts, const Snapshot& merged) const;

  // Removes files that have been replaced.
  absl::Status Remove(absl::Span<const std::string> paths) const;

  // Renames a damaged file so that it no longer counts as a snapshot.
  absl::Status SetAside(const std::string& path) const;

 private:
  // FailedPrecondition if others may write to one of the directories.
  absl::Status CheckDirectories() const;
  std::string SnapshotDirectory() const { return directory_ + "/snapshots"; }

  std::string directory_;
  acct::FileSystem* changes_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_SNAPSHOT_STORE_H_
