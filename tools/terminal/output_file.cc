#include "tools/terminal/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file.h"

namespace cpuagg::tools {
namespace {

constexpr mode_t kPermissions = 0777;

// Waits for a reader of a pipe, but only for a limited time; then ENXIO.
int OpenForWriting(const std::string& path, int create) {
  constexpr int kTries = 100;
  for (int i = 1;; ++i) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | create, 0644);
    if (fd >= 0) {
      const int flags = fcntl(fd, F_GETFL);
      if (flags >= 0) (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
      return fd;
    }
    if (errno != ENXIO || i == kTries) return -1;
    absl::SleepFor(absl::Milliseconds(100));
  }
}

// Writes into the open file, without replacing it.
absl::Status WriteInPlace(int fd, const std::string& path, absl::string_view content) {
  return acct::FileSystem::Default().Write(fd, path, content);
}

}  // namespace

absl::Status CheckChartPath(const std::string& path) {
  struct stat info;
  const bool is_there =
      IsStandardOutput(path) ? fstat(STDOUT_FILENO, &info) == 0 : stat(path.c_str(), &info) == 0;
  if (IsStandardOutput(path)) {
    if (isatty(STDOUT_FILENO) == 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "--chart: standard output is a terminal, which shows no pictures; send it to a file or a "
        "program");
  }
  if (is_there && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return absl::OkStatus();
  if (absl::EndsWithIgnoreCase(path, ".png") || ChartFormOf(path) == notify::PictureForm::kSvg) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--chart: '", path,
                   "' must end in .png or .svg, or be - for standard output, a device or a pipe"));
}

notify::PictureForm ChartFormOf(absl::string_view path) {
  return absl::EndsWithIgnoreCase(path, ".svg") ? notify::PictureForm::kSvg
                                                : notify::PictureForm::kPng;
}

absl::Status WriteOutput(const std::string& path, absl::string_view content, Console& console) {
  if (IsStandardOutput(path)) return console.Print(content);
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    return acct::WriteFileAtomically(path, content, 0644);
  }
  // Opens what exists, so that the system decides whether this link may be followed and this file
  // be written. A link's target may not exist yet.
  const int create = S_ISLNK(info.st_mode) ? O_CREAT : 0;
  const int fd = OpenForWriting(path, create);
  if (fd < 0) return acct::ErrnoStatus(errno, path, "write");
  const absl::Cleanup close_file = [fd] { close(fd); };
  if (fstat(fd, &info) != 0) return acct::ErrnoStatus(errno, path, "stat");
  if (!S_ISREG(info.st_mode)) return WriteInPlace(fd, path, content);
  const std::unique_ptr<char, decltype(&std::free)> target(realpath(path.c_str(), nullptr),
                                                           &std::free);
  // A file of another user stays that user's.
  if (target != nullptr && info.st_uid == geteuid()) {
    absl::Status written =
        acct::WriteFileAtomically(target.get(), content, info.st_mode & kPermissions);
    // Nothing was changed if the folder takes no new file, or if the file is a mount point.
    if (written.ok() || absl::IsResourceExhausted(written)) return written;
  }
  if (ftruncate(fd, 0) != 0) return acct::ErrnoStatus(errno, path, "write");
  return WriteInPlace(fd, path, content);
}

}  // namespace cpuagg::tools
