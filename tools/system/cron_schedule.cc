#include "tools/system/cron_schedule.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/io/file.h"

namespace cpuagg::tools::check {
namespace {

// The numbers from 0 to `most` that a field contains ("*/15", "1,9-17/2"); empty if it is not a
// valid field.
std::vector<int> NumbersOf(absl::string_view field, int most) {
  std::vector<int> numbers;
  for (const absl::string_view part : absl::StrSplit(field, ',')) {
    const std::pair<absl::string_view, absl::string_view> range_and_step =
        absl::StrSplit(part, absl::MaxSplits('/', 1));
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(range_and_step.first, absl::MaxSplits('-', 1));
    const bool has_step = absl::StrContains(part, '/');
    int first = 0;
    int last = most;
    int step = 1;
    if (range_and_step.first != "*") {
      if (!absl::SimpleAtoi(ends.first, &first)) return {};
      last = first;
      if (absl::StrContains(range_and_step.first, '-') && !absl::SimpleAtoi(ends.second, &last)) {
        return {};
      }
    }
    if (has_step && !absl::SimpleAtoi(range_and_step.second, &step)) return {};
    if (first < 0 || last > most || step < 1) return {};
    for (int number = first; number <= last; number += step) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::string CronLineFor(const CronJob& job, absl::string_view program) {
  return absl::StrCat(job.when, "  root  ", program, " ", job.arguments);
}

std::string CronLinesFor(const std::string& program, const CronJobs& jobs) {
  std::string text;
  for (const CronJob& job : kCronJobs) {
    if (jobs.*job.kind) absl::StrAppend(&text, CronLineFor(job, program), "\n");
  }
  return text;
}

absl::StatusOr<std::string> PathOfThisProgram() {
  std::array<char, PATH_MAX> path = {};
  if (readlink("/proc/self/exe", path.data(), path.size() - 1) < 0) {
    return acct::ErrnoStatus(errno, "/proc/self/exe", "read");
  }
  return path.data();
}

std::string WhyUnfitForRoot(const std::string& path) {
  for (std::filesystem::path at = path;; at = at.parent_path()) {
    struct stat info;
    if (stat(at.c_str(), &info) != 0) return absl::StrCat(at.string(), " is not there");
    const bool is_sticky = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
    const bool is_group_of_root = info.st_gid == 0;
    if (info.st_uid != 0 ||
        (!is_sticky &&
         ((info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && !is_group_of_root)))) {
      return absl::StrCat(at.string(), " can be changed by users other than root");
    }
    if (at == at.root_path()) return "";
  }
}

std::optional<absl::Duration> LongestPause(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (!words.empty() && words[0] == "@hourly") return absl::Hours(1);
  if (!words.empty() && (words[0] == "@daily" || words[0] == "@midnight")) return absl::Hours(24);
  if (words.size() < 6 || words[2] != "*" || words[3] != "*" || words[4] != "*") {
    return std::nullopt;
  }
  constexpr int kMinutesOfDay = 24 * 60;
  std::vector<int> times;
  for (const int hour : NumbersOf(words[1], 23)) {
    for (const int minute : NumbersOf(words[0], 59)) times.push_back(hour * 60 + minute);
  }
  if (times.empty()) return std::nullopt;
  std::sort(times.begin(), times.end());
  int longest = times.front() + kMinutesOfDay - times.back();
  for (size_t i = 1; i < times.size(); ++i) longest = std::max(longest, times[i] - times[i - 1]);
  return absl::Minutes(longest);
}

}  // namespace cpuagg::tools::check
