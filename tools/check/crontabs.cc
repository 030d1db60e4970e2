#include "tools/check/crontabs.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aggregate/directory_files.h"
#include "tools/check/small_file.h"

namespace cpuagg::tools::check {

CronJobs JobsIn(absl::string_view crontab) {
  CronJobs jobs;
  for (const absl::string_view line : absl::StrSplit(crontab, '\n')) {
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "#")) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t;&|()"), absl::SkipEmpty());
    const auto has = [&](absl::string_view word) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] != "cpuagg" && !absl::EndsWith(words[i], "/cpuagg")) continue;
      if (has("--dry-run")) continue;
      const bool runs = words[i + 1] == "run";
      const bool sends = runs || (words[i + 1] == "send" && !has("--status") && !has("--test"));
      jobs.collect |= runs || words[i + 1] == "collect";
      jobs.report |= sends && !has("--pending") && !has("--alerts");
      jobs.deliver |= sends;
    }
  }
  return jobs;
}

std::vector<std::string> CronLine::ReportArguments() const {
  std::vector<std::string> arguments;
  bool is_behind_command = false;
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \t="), absl::SkipEmpty())) {
    // What a shell does with what it prints, or does next.
    if (is_behind_command &&
        (absl::StrContains(";&|)", word[0]) || word.find_first_of("<>") != word.npos)) {
      break;
    }
    const bool is_quiet = word == "--quiet" || word == "-q" || word == "--verbose" || word == "-v";
    if (is_behind_command && !is_quiet) arguments.emplace_back(word);
    is_behind_command = is_behind_command || word == "run" || word == "send";
  }
  std::sort(arguments.begin(), arguments.end());
  return arguments;
}

std::vector<CronLine> CronLinesIn(absl::string_view text, const std::string& path) {
  std::vector<CronLine> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const CronJobs jobs = JobsIn(line);
    if (jobs.any()) lines.push_back({path, std::string(absl::StripAsciiWhitespace(line)), jobs});
  }
  return lines;
}

Crontabs ReadCrontabs(const std::string& root) {
  Crontabs crontabs;
  std::vector<std::string> paths = {root + "/etc/crontab"};
  for (const char* directory :
       {"/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly",
        "/var/spool/cron/crontabs", "/var/spool/cron"}) {
    const absl::StatusOr<std::vector<std::string>> names = aggregate::NamesIn(root + directory);
    if (!names.ok()) crontabs.unread.push_back(root + directory);
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      // As run-parts and cron do, which leave out what an editor or dpkg has put aside.
      const bool is_of_users = absl::StartsWith(directory, "/var/");
      if (!is_of_users && absl::StrContains(name, ".")) continue;
      paths.push_back(absl::StrCat(root, directory, "/", name));
    }
  }
  for (const std::string& path : paths) {
    const absl::StatusOr<std::string> text = ReadSmallFile(path);
    if (absl::IsFailedPrecondition(text.status())) crontabs.unread.push_back(path);
    if (!text.ok()) continue;
    const std::vector<CronLine> lines = CronLinesIn(*text, path);
    crontabs.lines.insert(crontabs.lines.end(), lines.begin(), lines.end());
  }
  return crontabs;
}

}  // namespace cpuagg::tools::check
