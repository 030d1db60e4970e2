// Files that are there whole or not at all, also after a crash.

#ifndef CPUAGG_ACCT_IO_ATOMIC_FILE_H_
#define CPUAGG_ACCT_IO_ATOMIC_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/io/file.h"

namespace cpuagg::acct {

// What the name of an unfinished file begins with; such files are left behind by a crash only.
inline constexpr absl::string_view kUnfinishedPrefix = ".unfinished-";

// The system calls by which files change. Tests stop at each of them, as a crash would.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Makes a file of this mode that is to become `path`; the end of `temporary`, XXXXXX, is replaced
  // by something new. Returns its descriptor.
  virtual absl::StatusOr<int> Create(const std::string& path, std::string& temporary, mode_t mode);
  virtual absl::Status Write(int fd, const std::string& path, absl::string_view content);
  virtual absl::Status Sync(int fd, const std::string& path);
  virtual absl::Status Rename(const std::string& from, const std::string& to);
  virtual absl::Status Remove(const std::string& path);
  // Until then a crash may undo what was made, renamed and removed in the directory. OK where the
  // file system has no such thing (FUSE, CIFS).
  virtual absl::Status SyncDirectory(const std::string& directory);

  static FileSystem& Default();
};

// Replaces the file at `path` by one with this content and mode: a temporary file in the same
// directory is written, synced and renamed, and the directory synced. After an error `path` is as
// it was, unless WasPublished() says otherwise. The status names the path.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view content, mode_t mode,
                                 FileSystem& changes = FileSystem::Default());

// Whether an error of WriteFileAtomically() came after the file was in its place, for everybody to
// see: only a crash may undo it.
bool WasPublished(const absl::Status& status);

// Opens a file that WriteFileAtomically() left. DataLoss if it is none: a link, a pipe, a device;
// it never waits for anybody.
absl::StatusOr<File> OpenOwnFile(const std::string& path);

// The content of such a file. DataLoss beyond 2 GiB, which protobuf could not hold and no file of
// ours has.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_ATOMIC_FILE_H_
