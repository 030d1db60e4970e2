// SnapshotStore: the directory of snapshots.
//
//   STORE/lock                                   held by whoever changes the store
//   STORE/snapshots/20261123T004500Z-000017.pb   one file per collect run, by time and sequence
//
// Publishing a snapshot is one rename, so the totals and the position reached change together or
// not at all. Readers need no lock.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_STORE_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_STORE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/snapshot.h"

namespace cpuagg::aggregate {

// An exclusive lock, given back when it dies (or the process does). Move-only.
class StoreLock {
 public:
  // Waits up to `patience` for the lock on the file `path`, which is made if need be; then
  // Unavailable with the id of the process that holds it.
  static absl::StatusOr<StoreLock> Acquire(const std::string& path, absl::Duration patience);
  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  StoreLock& operator=(StoreLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

 private:
  explicit StoreLock(int fd) : fd_(fd) {}
  int fd_;
};

class SnapshotStore {
 public:
  explicit SnapshotStore(std::string directory) : directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }

  // Makes the store's directories, and those above them, where they are missing, with mode 0750.
  absl::Status MakeDirectories() const;

  // Makes the directories and locks the store for changes.
  absl::StatusOr<StoreLock> Lock(absl::Duration patience) const;

  // Whether there is no snapshot.
  absl::StatusOr<bool> IsEmpty() const;

  // All snapshots, oldest first; none if the directory does not exist.
  absl::StatusOr<std::vector<Snapshot>> LoadAll() const;

  // The one with the highest sequence number; nullopt if there is none.
  absl::StatusOr<std::optional<Snapshot>> LoadNewest() const;

  // Adds `snapshot`. The lock must be held, and its sequence number be the next one.
  absl::Status Publish(const Snapshot& snapshot) const;

 private:
  // Paths of the snapshots, oldest first.
  absl::StatusOr<std::vector<std::string>> List() const;
  std::string SnapshotDirectory() const { return directory_ + "/snapshots"; }

  std::string directory_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_STORE_H_
