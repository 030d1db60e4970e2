#include "aggregate/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"

namespace cpuagg::aggregate {
namespace {

absl::Status WriteAll(int fd, const std::string& path, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return acct::ErrnoStatus(errno, path, "write");
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return acct::ErrnoStatus(errno, directory, "open");
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : acct::ErrnoStatus(error, directory, "sync");
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, absl::string_view content, mode_t mode) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  std::string temporary =
      absl::StrCat(directory == "." ? "" : directory, kUnfinishedPrefix, "XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return acct::ErrnoStatus(errno, path, "create");
  absl::Cleanup remove_temporary = [&] { unlink(temporary.c_str()); };
  absl::Cleanup close_file = [&] { close(fd); };

  if (absl::Status status = WriteAll(fd, path, content); !status.ok()) return status;
  if (fchmod(fd, mode) != 0) return acct::ErrnoStatus(errno, path, "set the mode of");
  if (fsync(fd) != 0) return acct::ErrnoStatus(errno, path, "sync");
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return acct::ErrnoStatus(errno, path, "rename a new version to");
  }
  std::move(remove_temporary).Cancel();
  return SyncDirectory(directory);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  constexpr off_t kMaxBytes = (off_t{1} << 31) - 1;
  if (info->st_size > kMaxBytes) return absl::DataLossError(absl::StrCat(path, ": too large"));
  return file->ReadAt(0, static_cast<uint64_t>(info->st_size));
}

}  // namespace cpuagg::aggregate
