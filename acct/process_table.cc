#include "acct/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "acct/file.h"
#include "acct/layout.h"

namespace cpuagg::acct {
namespace {

// A file of procfs, which has no length beforehand.
absl::StatusOr<std::string> ReadProcFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, path, "open");
  const absl::Cleanup closer = [fd] { close(fd); };
  std::string content;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path, "read");
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<size_t>(got));
  }
}

// The number behind `name` in lines of "name value ...".
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

// For how long the machine has slept, in seconds. /proc counts its sleep as time it ran, and the
// elapsed time of records does not.
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

// What /proc/PID/stat tells (proc(5)); nullopt for kernel threads, zombies, and what is not of that
// form.
std::optional<RunningProcess> ParseStat(absl::string_view stat, uint64_t boot_time) {
  // The command, in parentheses, may hold parentheses, blanks and ends of lines itself.
  const size_t begin = stat.find('(');
  const size_t end = stat.rfind(')');
  if (begin == absl::string_view::npos || end == absl::string_view::npos || end < begin) {
    return std::nullopt;
  }
  const std::vector<absl::string_view> fields =
      absl::StrSplit(stat.substr(end + 1), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  // Field N of proc(5) is the element N - 3: it counts from 1, and two stand before these.
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
  RunningProcess process;
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
  // A zombie has its record already, unless it is the first thread of several.
  const bool has_ended = (fields[kState] == "Z" || fields[kState] == "X") && threads <= 1;
  if ((flags & kKernelThread) != 0 || has_ended) return std::nullopt;
  process.command =
      std::string(stat.substr(begin + 1, end - begin - 1).substr(0, kCommandBytes - 1));
  process.user_ticks = TicksOf(user);
  process.system_ticks = TicksOf(system);
  process.is_ending = (flags & kEnding) != 0;
  process.start_ticks = TicksOf(start);
  process.begin_time = static_cast<int64_t>(boot_time + process.start_ticks / kTicksPerSecond);
  return process;
}

}  // namespace

absl::StatusOr<ProcessTable> ReadProcessTable(const std::string& root) {
  ProcessTable table;
  const absl::StatusOr<std::string> boot_id =
      ReadProcFile(absl::StrCat(root, "/sys/kernel/random/boot_id"));
  if (!boot_id.ok()) return boot_id.status();
  table.boot_id = std::string(absl::StripAsciiWhitespace(*boot_id));
  const absl::StatusOr<std::string> machine = ReadProcFile(absl::StrCat(root, "/stat"));
  if (!machine.ok()) return machine.status();
  const std::optional<uint64_t> boot_time = NumberAfter(*machine, "btime ");
  if (!boot_time.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(root, "/stat: has no boot time"));
  }
  const absl::StatusOr<std::string> clock = ReadProcFile(absl::StrCat(root, "/uptime"));
  if (!clock.ok()) return clock.status();
  uint64_t uptime;
  if (!absl::SimpleAtoi(absl::string_view(*clock).substr(0, clock->find('.')), &uptime)) {
    return absl::FailedPreconditionError(absl::StrCat(root, "/uptime: has no number"));
  }
  const int64_t slept = SecondsSlept();
  table.boot_time = static_cast<int64_t>(*boot_time) + slept;
  table.uptime = static_cast<int64_t>(uptime) - slept;
  DIR* const directory = opendir(root.c_str());
  if (directory == nullptr) return ErrnoStatus(errno, root, "list the processes of");
  const absl::Cleanup closer = [directory] { closedir(directory); };
  while (const dirent* const entry = readdir(directory)) {
    const absl::string_view name = entry->d_name;
    if (!std::all_of(name.begin(), name.end(), absl::ascii_isdigit)) continue;
    const std::string process_root = absl::StrCat(root, "/", name);
    const absl::StatusOr<std::string> stat = ReadProcFile(process_root + "/stat");
    const absl::StatusOr<std::string> status = ReadProcFile(process_root + "/status");
    if (!stat.ok() || !status.ok()) continue;
    std::optional<RunningProcess> process = ParseStat(*stat, *boot_time);
    const std::optional<uint64_t> uid = NumberAfter(*status, "Uid:");
    if (!process.has_value() || !uid.has_value()) continue;
    process->uid = Uid(static_cast<uint32_t>(*uid));
    table.processes.push_back(*process);
  }
  return table;
}

}  // namespace cpuagg::acct
