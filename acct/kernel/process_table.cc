#include "acct/kernel/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "acct/io/file.h"
#include "acct/kernel/process_visibility.h"
#include "acct/record/layout.h"

namespace cpuagg::acct {
namespace {

// The content of a file of unknown length; `error` is an errno value if it could not be read.
struct FileRead {
  std::string content;
  int error = 0;
};

FileRead ReadAt(int directory, const char* name) {
  FileRead file;
  const int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {.error = errno};
  const absl::Cleanup closer = [fd] { close(fd); };
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {.error = errno};
    if (got == 0) return file;
    file.content.append(buffer.data(), static_cast<size_t>(got));
  }
}

absl::StatusOr<std::string> ReadProcFile(const std::string& path) {
  FileRead file = ReadAt(AT_FDCWD, path.c_str());
  if (file.error != 0) return ErrnoStatus(file.error, path, "read");
  return std::move(file.content);
}

bool HasEnded(int error) { return error == ENOENT || error == ESRCH; }
bool IsRefused(int error) { return error == EACCES || error == EPERM; }

// The number after `name` in lines of the form "name value ...".
std::optional<uint64_t> NumberAfter(absl::string_view content, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    if (!absl::ConsumePrefix(&line, name)) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    uint64_t number;
    if (!words.empty() && absl::SimpleAtoi(words[0], &number)) return number;
  }
  return std::nullopt;
}

uint64_t TicksOf(uint64_t clock_ticks) {
  static const auto rate = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return clock_ticks * kTicksPerSecond / rate;
}

// How long the machine has slept since boot, in seconds. Start times in /proc include sleep; the
// elapsed times of records do not.
int64_t SecondsSlept() {
  timespec with_sleep;
  timespec without_sleep;
  if (clock_gettime(CLOCK_BOOTTIME, &with_sleep) != 0 ||
      clock_gettime(CLOCK_MONOTONIC, &without_sleep) != 0) {
    return 0;
  }
  return absl::ToInt64Seconds(absl::DurationFromTimespec(with_sleep) -
                              absl::DurationFromTimespec(without_sleep));
}

// The fields of /proc/PID/stat (proc(5)).
struct Stat {
  RunningProcess process;
  bool is_kernel_thread = false;
  // A zombie already has its record.
  bool is_zombie = false;
};

// nullopt if the text is malformed.
std::optional<Stat> ParseStat(absl::string_view stat, uint64_t boot_time) {
  // The command is in parentheses, and may itself contain parentheses, blanks and newlines.
  const size_t begin = stat.find('(');
  const size_t end = stat.rfind(')');
  if (begin == absl::string_view::npos || end == absl::string_view::npos || end < begin) {
    return std::nullopt;
  }
  const std::vector<absl::string_view> fields =
      absl::StrSplit(stat.substr(end + 1), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  // Field N of proc(5), which counts from 1, is element N - 3, since two fields precede these.
  constexpr size_t kState = 0;
  constexpr size_t kFlags = 6;
  constexpr size_t kUserTime = 11;
  constexpr size_t kSystemTime = 12;
  constexpr size_t kThreads = 17;
  constexpr size_t kStartTime = 19;
  // PF_EXITING and PF_KTHREAD of linux/sched.h.
  constexpr uint64_t kEnding = 0x0000'0004;
  constexpr uint64_t kKernelThread = 0x0020'0000;
  if (fields.size() <= kStartTime) return std::nullopt;
  Stat parsed;
  RunningProcess& process = parsed.process;
  uint64_t flags;
  uint64_t threads;
  uint64_t user;
  uint64_t system;
  uint64_t start;
  if (!absl::SimpleAtoi(fields[kFlags], &flags) || !absl::SimpleAtoi(fields[kThreads], &threads) ||
      !absl::SimpleAtoi(fields[kUserTime], &user) ||
      !absl::SimpleAtoi(fields[kSystemTime], &system) ||
      !absl::SimpleAtoi(fields[kStartTime], &start) ||
      !absl::SimpleAtoi(stat.substr(0, stat.find(' ')), &process.pid)) {
    return std::nullopt;
  }
  parsed.is_kernel_thread = (flags & kKernelThread) != 0;
  // The first thread of several may be a zombie while the others run.
  parsed.is_zombie = (fields[kState] == "Z" || fields[kState] == "X") && threads <= 1;
  process.command =
      std::string(stat.substr(begin + 1, end - begin - 1).substr(0, kCommandBytes - 1));
  process.user_ticks = TicksOf(user);
  process.system_ticks = TicksOf(system);
  process.is_ending = (flags & kEnding) != 0;
  process.start_ticks = TicksOf(start);
  process.begin_time = static_cast<int64_t>(boot_time + process.start_ticks / kTicksPerSecond);
  return parsed;
}

// Whether a thread of the process in the open `directory` is not about to end. The kernel writes
// the record with the end of the last one, so it had not done so before this was asked.
bool HasThreadThatRuns(int directory) {
  const int tasks = openat(directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (tasks < 0) return false;
  DIR* const threads = fdopendir(tasks);
  if (threads == nullptr) {
    close(tasks);
    return false;
  }
  const absl::Cleanup closer = [threads] { closedir(threads); };
  while (const dirent* const entry = readdir(threads)) {
    if (entry->d_name[0] == '.') continue;
    const FileRead stat = ReadAt(tasks, absl::StrCat(entry->d_name, "/stat").c_str());
    const std::optional<Stat> thread = ParseStat(stat.content, 0);
    if (thread.has_value() && !thread->process.is_ending) return true;
  }
  return false;
}

bool HasCapability(unsigned capability) {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets = {};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return (sets[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
}

// The mount options of the file system of the open directory; nullopt if unknown. Does not use
// /proc/self/fdinfo, which a process that is not dumpable cannot read.
std::optional<std::string> MountOptionsOf(int directory) {
  struct stat info;
  if (fstat(directory, &info) != 0) return std::nullopt;
  return SuperOptionsOf(ReadAt(AT_FDCWD, "/proc/self/mountinfo").content, info.st_dev);
}

// `missing`, with what is wrong with the procfs at `root`, if that is known.
absl::Status WithMountOf(const std::string& root, const absl::Status& missing) {
  if (!absl::IsNotFound(missing)) return missing;
  const int directory = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return missing;
  const absl::Cleanup closer = [directory] { close(directory); };
  struct statfs info;
  if (fstatfs(directory, &info) != 0) return missing;
  const std::string mount = absl::StrCat("mount -t proc proc ", root);
  std::string fix;
  if (info.f_type != PROC_SUPER_MAGIC) {
    fix = absl::StrCat("no procfs is mounted at ", root, "; mount one: ", mount);
  } else if (absl::StrContains(MountOptionsOf(directory).value_or(""), "subset=pid")) {
    fix = absl::StrCat(root,
                       " is mounted with subset=pid, and so has processes only; mount a whole "
                       "one: ",
                       mount, ", or leave ProcSubset=pid out of the systemd unit");
  } else {
    return missing;
  }
  return absl::Status(missing.code(), absl::StrCat(missing.message(), ": ", fix));
}

// The process id of this process in the open /proc; zero if it does not appear there.
uint32_t ReaderIn(int directory) {
  std::array<char, 16> target;
  const ssize_t length = readlinkat(directory, "self", target.data(), target.size());
  uint32_t pid = 0;
  if (length <= 0 ||
      !absl::SimpleAtoi(absl::string_view(target.data(), static_cast<size_t>(length)), &pid)) {
    return 0;
  }
  return pid;
}

// The content of a process's files. All of it belongs to one process, even if the id is reused
// meanwhile.
struct ProcessFiles {
  std::optional<Stat> stat;  // nullopt if malformed
  std::string status;
  int error = 0;       // an errno value if a file could not be read
  std::string failed;  // the path of that file under the root
};

ProcessFiles ReadFilesOf(const char* pid, int root, uint64_t boot_time) {
  const int directory = openat(root, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return {.error = errno, .failed = pid};
  const absl::Cleanup closer = [directory] { close(directory); };
  FileRead stat = ReadAt(directory, "stat");
  if (stat.error != 0) return {.error = stat.error, .failed = absl::StrCat(pid, "/stat")};
  FileRead status = ReadAt(directory, "status");
  if (status.error != 0) return {.error = status.error, .failed = absl::StrCat(pid, "/status")};
  ProcessFiles files = {.stat = ParseStat(stat.content, boot_time),
                        .status = std::move(status.content)};
  // The state is that of the first thread, which may have ended before the others.
  if (files.stat.has_value() && files.stat->process.is_ending && HasThreadThatRuns(directory)) {
    files.stat->process.is_ending = false;
  }
  return files;
}

// Adds the processes of `directory`, which is open at `root`, to the table, and what they reveal
// about hidden processes to `visibility`.
absl::Status ReadProcesses(DIR* directory, const std::string& root, uint64_t boot_time,
                           ProcessTable& table, Visibility& visibility) {
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(directory);
    if (entry == nullptr) {
      return errno == 0 ? absl::OkStatus() : ErrnoStatus(errno, root, "list the processes of");
    }
    const absl::string_view pid = entry->d_name;
    if (!std::all_of(pid.begin(), pid.end(), absl::ascii_isdigit)) continue;
    const ProcessFiles files = ReadFilesOf(entry->d_name, dirfd(directory), boot_time);
    if (HasEnded(files.error)) continue;
    if (IsRefused(files.error)) {
      visibility.refused = absl::StrCat(root, "/", files.failed);
      continue;
    }
    if (files.error != 0) {
      return ErrnoStatus(files.error, absl::StrCat(root, "/", files.failed), "read");
    }
    std::optional<Stat> stat = files.stat;
    if (!stat.has_value()) {
      return absl::FailedPreconditionError(
          absl::StrCat(root, "/", pid, "/stat: has an unknown format"));
    }
    const std::optional<uint64_t> uid = NumberAfter(files.status, "Uid:");
    if (!uid.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat(root, "/", pid, "/status: has no user"));
    }
    stat->process.uid = Uid(static_cast<uint32_t>(*uid));
    if (stat->process.pid == 1) visibility.first_user = stat->process.uid;
    if (!stat->is_kernel_thread && !stat->is_zombie) {
      table.processes.push_back(std::move(stat->process));
    }
  }
}

}  // namespace

absl::StatusOr<int64_t> ReadBootTime(const std::string& root) {
  const absl::StatusOr<std::string> machine = ReadProcFile(absl::StrCat(root, "/stat"));
  if (!machine.ok()) return machine.status();
  const std::optional<uint64_t> boot_time = NumberAfter(*machine, "btime ");
  if (!boot_time.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(root, "/stat: has no boot time"));
  }
  return static_cast<int64_t>(*boot_time);
}

absl::StatusOr<ProcessTable> ReadProcessTable(const std::string& root) {
  ProcessTable table;
  const absl::StatusOr<std::string> boot_id =
      ReadProcFile(absl::StrCat(root, "/sys/kernel/random/boot_id"));
  if (!boot_id.ok()) return WithMountOf(root, boot_id.status());
  table.boot_id = std::string(absl::StripAsciiWhitespace(*boot_id));
  const absl::StatusOr<int64_t> boot_time = ReadBootTime(root);
  if (!boot_time.ok()) return boot_time.status();
  const absl::StatusOr<std::string> clock = ReadProcFile(absl::StrCat(root, "/uptime"));
  if (!clock.ok()) return clock.status();
  uint64_t uptime;
  if (!absl::SimpleAtoi(absl::string_view(*clock).substr(0, clock->find('.')), &uptime)) {
    return absl::FailedPreconditionError(absl::StrCat(root, "/uptime: has no number"));
  }
  const int64_t slept = SecondsSlept();
  table.boot_time = *boot_time + slept;
  table.uptime = static_cast<int64_t>(uptime) - slept;
  DIR* const directory = opendir(root.c_str());
  if (directory == nullptr) return ErrnoStatus(errno, root, "list the processes of");
  const absl::Cleanup closer = [directory] { closedir(directory); };
  Visibility visibility = {.reader = Uid(geteuid()),
                           .may_trace = HasCapability(CAP_SYS_PTRACE),
                           .mount_options = MountOptionsOf(dirfd(directory))};
  table.reader = ReaderIn(dirfd(directory));
  if (absl::Status status =
          ReadProcesses(directory, root, static_cast<uint64_t>(*boot_time), table, visibility);
      !status.ok()) {
    return status;
  }
  table.hidden = WhatIsHidden(root, visibility);
  table.is_complete = table.hidden.empty();
  return table;
}

}  // namespace cpuagg::acct
