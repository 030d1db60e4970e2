#include "acct/kernel/accounting_probe.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"
#include "acct/record/layout.h"

namespace cpuagg::acct {
namespace {

absl::StatusOr<int64_t> LengthOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, path, "look at");
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a regular file"));
  }
  return int64_t{info.st_size};
}

}  // namespace

absl::StatusOr<bool> GrowsWhenAProcessEnds(const std::string& path) {
  const absl::StatusOr<int64_t> before = LengthOf(path);
  if (!before.ok()) return before.status();
  if (const absl::StatusOr<AccountingProbe> probe = ProbeAccounting(); !probe.ok()) {
    return probe.status();
  }
  const absl::StatusOr<int64_t> after = LengthOf(path);
  if (!after.ok()) return after.status();
  // A rotation may make it shorter, but nobody rotates while accounting is off.
  return *after != *before;
}

absl::StatusOr<AccountingProbe> ProbeAccounting() {
  AccountingProbe probe = {.uid = Uid(getuid()), .reader = static_cast<uint32_t>(getpid())};
  // The name of this thread, which the new process inherits.
  std::array<char, kCommandBytes> command = {};
  prctl(PR_GET_NAME, command.data(), 0, 0, 0);
  probe.command = std::string(command.data(), strnlen(command.data(), command.size()));

  // The new process shares this one's memory, so block signals: a handler must not run in both.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  probe.begin_time = time(nullptr);
  // NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): it does nothing but end.
  const pid_t child = vfork();
  if (child == 0) _exit(0);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) {
    return absl::Status(absl::ErrnoToStatusCode(error),
                        absl::StrCat("cannot make a process: ", strerror(error)));
  }
  probe.pid = static_cast<uint32_t>(child);
  // If SIGCHLD is ignored, waitpid() waits for the end and then fails with ECHILD.
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  probe.end_time = time(nullptr);
  return probe;
}

}  // namespace cpuagg::acct
