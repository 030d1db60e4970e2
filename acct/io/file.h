// File: an open file descriptor whose errors name the path.

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

// Move-only. Closes its descriptor.
class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  // Opens for reading. "-" is standard input. InvalidArgument for a directory. `more_flags` are
  // flags of open(2), for example O_NONBLOCK.
  static absl::StatusOr<File> OpenForReading(const std::string& path, int more_flags = 0);

  // A duplicate of the open descriptor `fd`, which errors call `path`. `fd` stays open when this
  // one is closed.
  static absl::StatusOr<File> OfDescriptor(int fd, const std::string& path);

  // An empty file in `directory` for reading and writing. It has no name and disappears when it is
  // closed.
  static absl::StatusOr<File> CreateTemporary(const std::string& directory);

  // Another descriptor of the same open file.
  absl::StatusOr<File> Duplicate() const;

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

  absl::StatusOr<struct stat> Stat() const;

  // Up to `count` bytes from `offset`; fewer only at the end of the file.
  absl::StatusOr<std::string> ReadAt(uint64_t offset, uint64_t count) const;

  // The rest of the file, at most `most` bytes. Also works for pipes and terminals, which have no
  // offsets.
  absl::StatusOr<std::string> ReadToEnd(uint64_t most) const;

 private:
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  int fd_ = -1;
  std::string path_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_FILE_H_
