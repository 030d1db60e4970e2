#include "acct/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::acct {
namespace {

// Marks the status of an error after publication, as the type URL of a payload.
constexpr absl::string_view kPublished = "cpuagg.published";

}  // namespace

absl::StatusOr<int> FileSystem::Create(const std::string& path, std::string& temporary,
                                       mode_t mode) {
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, path, "create");
  if (fchmod(fd, mode) == 0) return fd;
  const int error = errno;
  close(fd);
  unlink(temporary.c_str());
  return ErrnoStatus(error, path, "set the mode of");
}

absl::Status FileSystem::Write(int fd, const std::string& path, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus(errno, path, "write");
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status FileSystem::Sync(int fd, const std::string& path) {
  return fsync(fd) == 0 ? absl::OkStatus() : ErrnoStatus(errno, path, "sync");
}

absl::Status FileSystem::Rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, to, "put the new file in its place");
}

absl::Status FileSystem::Remove(const std::string& path) {
  return unlink(path.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, path, "remove");
}

absl::Status FileSystem::SyncDirectory(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, directory, "open");
  const int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return error == 0 || error == EINVAL || error == EOPNOTSUPP
             ? absl::OkStatus()
             : ErrnoStatus(error, directory, "sync");
}

FileSystem& FileSystem::Default() {
  static FileSystem changes;
  return changes;
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view content, mode_t mode,
                                 FileSystem& changes) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  std::string temporary =
      absl::StrCat(directory == "." ? "" : directory, kUnfinishedPrefix, "XXXXXX");
  const absl::StatusOr<int> fd = changes.Create(path, temporary, mode);
  if (!fd.ok()) return fd.status();
  absl::Cleanup remove_temporary = [&] { changes.Remove(temporary).IgnoreError(); };
  absl::Cleanup close_file = [&] { close(*fd); };

  if (absl::Status status = changes.Write(*fd, path, content); !status.ok()) return status;
  if (absl::Status status = changes.Sync(*fd, path); !status.ok()) return status;
  if (absl::Status status = changes.Rename(temporary, path); !status.ok()) return status;
  std::move(remove_temporary).Cancel();
  absl::Status synced = changes.SyncDirectory(directory);
  if (synced.ok()) return synced;
  absl::Status published(
      synced.code(),
      absl::StrCat(path, ": is written, but a crash may undo it: ", synced.message()));
  published.SetPayload(kPublished, absl::Cord());
  return published;
}

bool WasPublished(const absl::Status& status) { return status.GetPayload(kPublished).has_value(); }

absl::StatusOr<File> OpenOwnFile(const std::string& path) {
  const auto not_regular = [&] {
    return absl::DataLossError(absl::StrCat(path, ": is not a regular file"));
  };
  // If the path changes in between, O_NOFOLLOW and O_NONBLOCK prevent following a link or waiting.
  struct stat info;
  if (lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) return not_regular();
  absl::StatusOr<File> file = File::OpenForReading(path, O_NOFOLLOW | O_NONBLOCK);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> opened = file->Stat();
  if (!opened.ok()) return opened.status();
  if (!S_ISREG(opened->st_mode)) return not_regular();
  return file;
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  absl::StatusOr<File> file = OpenOwnFile(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  constexpr off_t kMaxBytes = (off_t{1} << 31) - 1;
  if (info->st_size > kMaxBytes) return absl::DataLossError(absl::StrCat(path, ": too large"));
  return file->ReadAt(0, static_cast<uint64_t>(info->st_size));
}

}  // namespace cpuagg::acct
