// Writes files atomically: after a crash a file has its old content or its new content, never part
// of either.

#ifndef CPUAGG_ACCT_IO_ATOMIC_FILE_H_
#define CPUAGG_ACCT_IO_ATOMIC_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/io/file.h"

namespace cpuagg::acct {

// The prefix of the names of unfinished files. Only a crash leaves such files.
inline constexpr absl::string_view kUnfinishedPrefix = ".unfinished-";

// The system calls that change files. Tests override them to stop at each call, as a crash would.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Creates a file with this mode, which is to become `path`. `temporary` is its path and ends in
  // XXXXXX, which is replaced by a unique suffix. Returns the descriptor.
  virtual absl::StatusOr<int> Create(const std::string& path, std::string& temporary, mode_t mode);
  virtual absl::Status Write(int fd, const std::string& path, absl::string_view content);
  virtual absl::Status Sync(int fd, const std::string& path);
  virtual absl::Status Rename(const std::string& from, const std::string& to);
  virtual absl::Status Remove(const std::string& path);
  // Makes creations, renames and removals in `directory` durable: until then a crash may undo them.
  // OK if the file system does not support it (FUSE, CIFS).
  virtual absl::Status SyncDirectory(const std::string& directory);

  static FileSystem& Default();
};

// Replaces the file at `path` by one with this content and mode. Writes and syncs a temporary file
// in the same directory, renames it, and syncs the directory. After an error `path` is as it was,
// unless WasPublished() says otherwise. The status names the path.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view content, mode_t mode,
                                 FileSystem& changes = FileSystem::Default());

// Whether WriteFileAtomically() failed only after the rename. The new file is then visible to
// everybody, but a crash may still undo it.
bool WasPublished(const absl::Status& status);

// Opens a file that WriteFileAtomically() wrote. DataLoss if it is not a regular file but a link, a
// pipe or a device. Never blocks.
absl::StatusOr<File> OpenOwnFile(const std::string& path);

// The content of such a file. DataLoss if it is longer than 2 GiB: protobuf cannot hold that much,
// and cpuagg does not write such files.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_ATOMIC_FILE_H_
