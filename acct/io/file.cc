#include "acct/io/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cpuagg::acct {

absl::Status ErrnoStatus(int error, absl::string_view path, absl::string_view action) {
  // absl::ErrnoToStatus() chooses the code, but its text, "[ENOENT]: message", is for programmers.
  const absl::StatusCode code = error == EACCES || error == EPERM
                                    ? absl::StatusCode::kFailedPrecondition
                                    : absl::ErrnoToStatusCode(error);
  return absl::Status(code, absl::StrCat(path, ": cannot ", action, ": ", strerror(error)));
}

File::~File() {
  if (fd_ >= 0) close(fd_);
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

absl::StatusOr<File> File::OpenForReading(const std::string& path, int more_flags) {
  const int fd = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                             : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | more_flags);
  if (fd < 0) {
    const int error = errno;
    struct stat named;
    if (error == ENXIO && stat(path.c_str(), &named) == 0 && S_ISSOCK(named.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": is a socket; name an accounting file"));
    }
    return ErrnoStatus(error, path, "open");
  }
  File file(fd, path == "-" ? "standard input" : path);
  const absl::StatusOr<struct stat> info = file.Stat();
  if (!info.ok()) return info.status();
  if (S_ISDIR(info->st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a directory; name an accounting file in it"));
  }
  return file;
}

absl::StatusOr<File> File::OfDescriptor(int fd, const std::string& path) {
  const int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own < 0) return ErrnoStatus(errno, path, "open");
  return File(own, path);
}

absl::StatusOr<File> File::CreateTemporary(const std::string& directory) {
  std::string path = directory + "/cpuagg.XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, directory, "create a temporary file there");
  unlink(path.c_str());
  return File(fd, std::move(path));
}

absl::StatusOr<File> File::Duplicate() const {
  const int fd = fcntl(fd_, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return ErrnoStatus(errno, path_, "duplicate the descriptor of");
  return File(fd, path_);
}

absl::StatusOr<struct stat> File::Stat() const {
  struct stat info;
  if (fstat(fd_, &info) != 0) return ErrnoStatus(errno, path_, "stat");
  return info;
}

absl::StatusOr<std::string> File::ReadAt(uint64_t offset, uint64_t count) const {
  std::string bytes(count, '\0');
  size_t filled = 0;
  while (filled < count) {
    const ssize_t got =
        pread(fd_, bytes.data() + filled, count - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path_, absl::StrCat("read at offset ", offset + filled));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

absl::StatusOr<std::string> File::ReadToEnd(uint64_t most) const {
  std::string bytes;
  std::array<char, 4096> buffer;
  while (bytes.size() < most) {
    const size_t room = std::min<uint64_t>(buffer.size(), most - bytes.size());
    const ssize_t got = read(fd_, buffer.data(), room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path_, "read");
    if (got == 0) break;
    bytes.append(buffer.data(), static_cast<size_t>(got));
  }
  return bytes;
}

}  // namespace cpuagg::acct
