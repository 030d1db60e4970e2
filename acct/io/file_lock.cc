#include "acct/io/file_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "acct/io/file.h"

namespace cpuagg::acct {
namespace {

// A process id and a newline are shorter.
constexpr off_t kLongestHolder = 31;

// The process that last held the lock, from the lock's file; it may have ended since.
std::string HolderOf(int fd) {
  char text[kLongestHolder + 1];
  const ssize_t got = pread(fd, text, sizeof text, 0);
  pid_t pid;
  const bool is_alive = got > 0 &&
                        absl::SimpleAtoi(absl::string_view(text, static_cast<size_t>(got)), &pid) &&
                        pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
  return is_alive ? absl::StrCat("process ", pid) : "another process";
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path, absl::Duration timeout) {
  const int fd =
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0640);
  const auto not_a_lock = [&] {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is not a lock of cpuagg; check what it is, and move it away"));
  };
  if (fd < 0) return errno == ELOOP ? not_a_lock() : ErrnoStatus(errno, path, "open");
  FileLock lock(fd);
  // A lock file contains a process id. Does not overwrite anything else that somebody has put
  // there.
  struct stat info;
  if (fstat(fd, &info) != 0) return ErrnoStatus(errno, path, "stat");
  if (!S_ISREG(info.st_mode) || info.st_nlink > 1 || info.st_size > kLongestHolder) {
    return not_a_lock();
  }
  const absl::Time deadline = absl::Now() + timeout;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoStatus(errno, path, "lock");
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat(path, ": is held by ", HolderOf(fd), ", which is still running"));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  // For processes that wait; the lock also works without it.
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return ErrnoStatus(errno, path, "write");
  }
  return lock;
}

FileLock::~FileLock() { Release(); }

void FileLock::Release() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace cpuagg::acct
