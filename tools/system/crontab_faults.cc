#include "tools/system/crontab_faults.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tools/system/identity.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

struct Field {
  const char* name;
  int least;
  int most;
  const char* names;  // names of its numbers from `least` on, three letters each
};
constexpr std::array<Field, 5> kFields = {{{"minute", 0, 59, ""},
                                           {"hour", 0, 23, ""},
                                           {"day of the month", 1, 31, ""},
                                           {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                           {"day of the week", 0, 7, "sunmontuewedthufrisat"}}};
constexpr size_t kDay = 2;
constexpr size_t kMonth = 3;
constexpr size_t kWeekday = 4;

bool ParseNumber(absl::string_view text, const Field& field, int& number) {
  const size_t name = absl::string_view(field.names).find(absl::AsciiStrToLower(text));
  if (text.size() == 3 && name != absl::string_view::npos && name % 3 == 0) {
    number = field.least + static_cast<int>(name / 3);
    return true;
  }
  return absl::SimpleAtoi(text, &number) && number >= field.least && number <= field.most;
}

// The numbers that a field contains; empty if it is not valid.
std::vector<int> NumbersOf(absl::string_view text, const Field& field) {
  std::vector<int> numbers;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> range_and_step =
        absl::StrSplit(part, absl::MaxSplits('/', 1));
    int first = field.least;
    int last = field.most;
    int step = 1;
    if (range_and_step.first != "*") {
      // cronie picks a random time from 0~59.
      const std::vector<absl::string_view> ends =
          absl::StrSplit(range_and_step.first, absl::MaxSplits(absl::ByAnyChar("-~"), 1));
      if (!ParseNumber(ends.front(), field, first)) return {};
      last = first;
      if (ends.size() > 1 && !ParseNumber(ends.back(), field, last)) return {};
    }
    if (absl::StrContains(part, '/') && !absl::SimpleAtoi(range_and_step.second, &step)) return {};
    if (last < first || step < 1) return {};
    for (int number = first; number <= last; number += step) numbers.push_back(number);
  }
  return numbers;
}

std::string WhyNoTime(const std::vector<absl::string_view>& words) {
  std::array<std::vector<int>, kFields.size()> numbers;
  for (size_t i = 0; i < kFields.size(); ++i) {
    numbers[i] = NumbersOf(words[i], kFields[i]);
    if (numbers[i].empty()) return absl::StrCat(words[i], " is not a valid ", kFields[i].name);
  }
  // If days of the week are given, they also match.
  if (!absl::StartsWith(words[kWeekday], "*")) return "";
  constexpr std::array kMostDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int first_day = *std::min_element(numbers[kDay].begin(), numbers[kDay].end());
  const bool comes = std::any_of(numbers[kMonth].begin(), numbers[kMonth].end(), [&](int month) {
    return first_day <= kMostDays[static_cast<size_t>(month) - 1];
  });
  return comes ? "" : "this date never comes";
}

bool IsUser(const std::string& name, const std::string& root) {
  const absl::StatusOr<std::string> passwd = ReadSmallFile(root + "/etc/passwd");
  if (!passwd.ok()) return true;
  for (const absl::string_view line : absl::StrSplit(*passwd, '\n')) {
    if (absl::StartsWith(line, name + ":")) return true;
  }
  // The user may be in a directory.
  return root.empty() && !absl::IsNotFound(AccountNamed(name, {}).status());
}

// Checks the absolute paths of cpuagg in `command`.
std::string WhyNoProgram(absl::string_view command, const std::string& root) {
  for (const absl::string_view word :
       absl::StrSplit(command, absl::ByAnyChar(" \t;&|()<>`'\""), absl::SkipEmpty())) {
    if (!absl::StartsWith(word, "/") || !absl::EndsWith(word, "/cpuagg")) continue;
    struct stat info;
    const std::string path = absl::StrCat(root, word);
    if (stat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return absl::StrCat("there is no program ", word);
    } else if (S_ISREG(info.st_mode) && (info.st_mode & 0111) == 0) {
      return absl::StrCat(word, " may not be executed");
    }
  }
  return "";
}

}  // namespace

std::string WhyNeverRun(absl::string_view line, CrontabForm form, const std::string& root) {
  if (form == CrontabForm::kScript) return "";
  line = absl::StripAsciiWhitespace(line);
  // SUSE's cron does not log lines that begin with "-".
  absl::ConsumePrefix(&line, "-");
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty()) return "";
  const bool has_name = absl::StartsWith(words[0], "@");
  const size_t times = has_name ? 1 : kFields.size();
  const bool has_user = form == CrontabForm::kOfSystem;
  if (words.size() <= times + (has_user ? 1 : 0)) return "it is not a line of a crontab";
  if (has_name) {
    constexpr std::array kNames = {"@reboot", "@yearly", "@annually", "@monthly",
                                   "@weekly", "@daily",  "@midnight", "@hourly"};
    if (std::find(kNames.begin(), kNames.end(), words[0]) == kNames.end()) {
      return absl::StrCat("cron does not know ", words[0]);
    }
  } else if (std::string why = WhyNoTime(words); !why.empty()) {
    return why;
  }
  const absl::string_view after_times = line.substr(
      static_cast<size_t>(words[times - 1].data() + words[times - 1].size() - line.data()));
  if (has_user) {
    const absl::string_view user = words[times];
    const absl::string_view first = words[times + 1];
    if (absl::StrContains(user, '/') ||
        (user == "cpuagg" && (first == "collect" || first == "run" || first == "send"))) {
      return absl::StrCat("the user is missing before ", user);
    }
    if (!IsUser(std::string(user), root)) return absl::StrCat("there is no user ", user);
  }
  if (!has_user && words[times] == "root") return "the crontab of a user does not name a user";
  return WhyNoProgram(after_times, root);
}

std::string WhyPassedOver(const std::string& path, absl::string_view text, CrontabForm form,
                          const std::string& root) {
  struct stat info;
  if (form == CrontabForm::kOfUser || stat(path.c_str(), &info) != 0) return "";
  if (form == CrontabForm::kScript) {
    return (info.st_mode & 0111) == 0 ? "it may not be executed" : "";
  }
  if (info.st_uid != 0 && (root.empty() || info.st_uid != geteuid())) {
    return "the file is not root's";
  }
  if ((info.st_mode & 022) != 0) return "users other than root may write to the file";
  if (!text.empty() && text.back() != '\n') return "the last line of the file has no newline";
  return "";
}

}  // namespace cpuagg::tools::check
