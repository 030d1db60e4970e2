// File: an open file descriptor with errors that name the path.

#ifndef CPUAGG_ACCT_IO_FILE_H_
#define CPUAGG_ACCT_IO_FILE_H_

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::acct {

// The status for `errno` after a system call on `path`: "PATH: cannot ACTION: No such file or
// directory". NotFound for ENOENT, FailedPrecondition for EACCES and EPERM, and so on.
absl::Status ErrnoStatus(int error, absl::string_view path, absl::string_view action);

// Move-only; closes its descriptor.
class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  // Opens for reading. A directory is InvalidArgument. "-" is standard input. `more_flags` are
  // those of open(2), for example O_NONBLOCK.
  static absl::StatusOr<File> OpenForReading(const std::string& path, int more_flags = 0);

  // A descriptor that is open already, which errors call `path`; it stays open when this one is
  // closed.
  static absl::StatusOr<File> OfDescriptor(int fd, const std::string& path);

  // An empty file in `directory` for reading and writing, which has no name and is gone when it is
  // closed.
  static absl::StatusOr<File> CreateTemporary(const std::string& directory);

  // Another descriptor for the same open file.
  absl::StatusOr<File> Duplicate() const;

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

  absl::StatusOr<struct stat> Stat() const;

  // Up to `count` bytes from `offset`; fewer only at the end of the file.
  absl::StatusOr<std::string> ReadAt(uint64_t offset, uint64_t count) const;

  // What comes up to the end, of pipes and terminals too, which have no offsets; no more than
  // `most` bytes of it.
  absl::StatusOr<std::string> ReadToEnd(uint64_t most) const;

 private:
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_ = -1;
  std::string path_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_FILE_H_
