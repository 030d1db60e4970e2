// FileLock: an exclusive lock on a file, for processes that change the same files.
//
//   const absl::StatusOr<FileLock> lock = FileLock::Acquire("/var/lib/cpuagg/lock", timeout);
//   if (!lock.ok()) return lock.status();  // "/var/lib/cpuagg/lock: is held by process 4711, ..."

#ifndef CPUAGG_ACCT_IO_FILE_LOCK_H_
#define CPUAGG_ACCT_IO_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cpuagg::acct {

// Given back when it dies (or the process does). Move-only.
class FileLock {
 public:
  // Waits up to `timeout` for the lock on the file `path`, which is made if need be; then
  // Unavailable with the id of the process that holds it, if that is known. FailedPrecondition if
  // there is something at `path` that no lock leaves.
  static absl::StatusOr<FileLock> Acquire(const std::string& path, absl::Duration timeout);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  // Gives the lock back.
  void Release();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_FILE_LOCK_H_
