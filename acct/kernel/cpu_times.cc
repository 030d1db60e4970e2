#include "acct/kernel/cpu_times.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/io/file.h"
#include "acct/record/units.h"

namespace cpuagg::acct {
namespace {

// The columns of a cpu line. Linux 2.4 has the first four, 2.6 got steal with 2.6.11. The columns
// after it are times of guests.
constexpr size_t kIdleColumn = 3;
constexpr size_t kWaitColumn = 4;
constexpr size_t kStealColumn = 7;
constexpr size_t kColumns = 8;

absl::Status OddTimes(absl::string_view path, absl::string_view how) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", how));
}

// Whether `line` is that of one processor: "cpu12 ...". `line` begins with "cpu".
bool IsOfOneProcessor(absl::string_view line) {
  return line.size() > 3 && absl::ascii_isdigit(static_cast<unsigned char>(line[3]));
}

absl::StatusOr<std::string> ReadAllOf(const std::string& path) {
  // With thousands of interrupts, /proc/stat has some hundred KiB.
  constexpr uint64_t kMost = 64 << 20;
  const absl::StatusOr<File> file = File::OpenForReading(path);
  if (!file.ok()) return file.status();
  return file->ReadToEnd(kMost);
}

}  // namespace

absl::StatusOr<CpuTimes> ParseCpuTimes(absl::string_view stat, uint64_t rate,
                                       absl::string_view path) {
  CpuTimes times;
  bool has_sum = false;
  std::array<uint64_t, kColumns> columns = {};
  for (absl::string_view line : absl::StrSplit(stat, '\n')) {
    if (!absl::StartsWith(line, "cpu")) continue;
    // A processor that is off has no line, so the numbers need not be consecutive.
    if (IsOfOneProcessor(line)) {
      ++times.processors;
      continue;
    }
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (has_sum || words[0] != "cpu") continue;
    has_sum = true;
    if (words.size() <= kIdleColumn + 1) return OddTimes(path, "has too few times of the CPU");
    for (size_t i = 0; i < std::min(columns.size(), words.size() - 1); ++i) {
      // So that neither the conversion nor the sum overflows.
      constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max() / kTicksPerSecond / kColumns;
      if (!absl::SimpleAtoi(words[i + 1], &columns[i]) || columns[i] > kMost) {
        return OddTimes(path, "has a time of the CPU that is too large or not a number");
      }
    }
  }
  if (!has_sum || times.processors == 0) return OddTimes(path, "has no times of the CPU");
  for (size_t i = 0; i < columns.size(); ++i) {
    uint64_t& sum = i == kIdleColumn || i == kWaitColumn ? times.idle
                    : i == kStealColumn                  ? times.stolen
                                                         : times.busy;
    sum += columns[i];
  }
  for (uint64_t CpuTimes::*sum : {&CpuTimes::busy, &CpuTimes::idle, &CpuTimes::stolen}) {
    times.*sum = times.*sum * kTicksPerSecond / rate;
  }
  return times;
}

absl::StatusOr<CpuTimes> ReadCpuTimes(const std::string& root) {
  const std::string path = absl::StrCat(root, "/stat");
  const absl::StatusOr<std::string> stat = ReadAllOf(path);
  if (!stat.ok()) return stat.status();
  absl::StatusOr<CpuTimes> times =
      ParseCpuTimes(*stat, static_cast<uint64_t>(sysconf(_SC_CLK_TCK)), path);
  if (!times.ok()) return times.status();
  const absl::StatusOr<std::string> boot_id =
      ReadAllOf(absl::StrCat(root, "/sys/kernel/random/boot_id"));
  if (!boot_id.ok()) return boot_id.status();
  times->boot_id = std::string(absl::StripAsciiWhitespace(*boot_id));
  const std::string clock_path = absl::StrCat(root, "/uptime");
  const absl::StatusOr<std::string> clock = ReadAllOf(clock_path);
  if (!clock.ok()) return clock.status();
  // "350735.47 234388.90"
  const absl::string_view uptime = *clock;
  constexpr uint64_t kMostSeconds = std::numeric_limits<uint32_t>::max();
  if (times->boot_id.empty() ||
      !absl::SimpleAtoi(uptime.substr(0, uptime.find_first_of(". \n")), &times->uptime) ||
      times->uptime > kMostSeconds) {
    return OddTimes(clock_path, "does not say when the machine booted");
  }
  return times;
}

}  // namespace cpuagg::acct
