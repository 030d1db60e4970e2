#include "tools/installation/cron_lines.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace cpuagg::tools {
namespace {

constexpr absl::string_view kFirstLine =
    "# Written by cpuagg setup; cpuagg setup --undo removes it.";

}  // namespace

CronJobs JobsIn(absl::string_view crontab) {
  CronJobs jobs;
  for (const absl::string_view line : absl::StrSplit(crontab, '\n')) {
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "#")) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t;&|()"), absl::SkipEmpty());
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] != "cpuagg" && !absl::EndsWith(words[i], "/cpuagg")) continue;
      const absl::string_view command = words[i + 1];
      jobs.collect |= command == "collect" || command == "run";
      const bool makes_none = std::any_of(words.begin(), words.end(), [](absl::string_view word) {
        return word == "--pending" || word == "--alerts" || word == "--status" ||
               word == "--test" || word == "--dry-run";
      });
      jobs.report |= command == "run" || (command == "send" && !makes_none);
    }
  }
  return jobs;
}

std::string CronFileFor(const std::string& program, const CronJobs& jobs) {
  std::string text =
      absl::StrCat(kFirstLine,
                   "\nSHELL=/bin/sh\n"
                   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
  if (jobs.collect) absl::StrAppend(&text, "*/15 * * * *  root  ", program, " collect --quiet\n");
  if (jobs.report) {
    absl::StrAppend(&text, "0 7 * * *  root  ", program, " send --period last-day\n",
                    "37 * * * *  root  ", program, " send --pending --quiet\n");
  }
  return text;
}

bool IsOfSetup(absl::string_view crontab) { return absl::StartsWith(crontab, kFirstLine); }

}  // namespace cpuagg::tools
