#include "tools/installation/steps/cron_lines.h"

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/system/cron_schedule.h"

namespace cpuagg::tools {
namespace {

constexpr absl::string_view kFirstLine =
    "# Written by cpuagg setup; cpuagg setup --undo removes it.";
constexpr absl::string_view kShell = "SHELL=/bin/sh";
constexpr absl::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool IsWanted(const check::CronJob& job, check::CronJobs jobs) {
  jobs.deliver = jobs.report;
  return jobs.*job.kind;
}

// A line that runs one of the jobs, at any time and as any user.
struct JobLine {
  size_t job;  // an index of kCronJobs
  absl::string_view program;
};

std::optional<JobLine> JobOf(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty() || absl::StartsWith(words[0], "#")) return std::nullopt;
  // "@daily" or five words, and then the user.
  const size_t program = absl::StartsWith(words[0], "@") ? 2 : 6;
  if (words.size() <= program || !absl::StartsWith(words[program], "/")) return std::nullopt;
  const std::string arguments =
      absl::StrJoin(words.begin() + static_cast<ptrdiff_t>(program) + 1, words.end(), " ");
  for (size_t i = 0; i < check::kCronJobs.size(); ++i) {
    const check::CronJob& job = check::kCronJobs[i];
    if (arguments == job.arguments ||
        (!job.former_arguments.empty() && arguments == job.former_arguments)) {
      return JobLine{.job = i, .program = words[program]};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string CronFileFor(const std::string& program, const check::CronJobs& jobs) {
  return WithCronJobs(absl::StrCat(kFirstLine, "\n", kShell, "\n", kPath, "\n"), program, jobs);
}

bool IsOfSetup(absl::string_view crontab) { return absl::StartsWith(crontab, kFirstLine); }

std::string WithCronJobs(absl::string_view crontab, const std::string& program,
                         const check::CronJobs& jobs) {
  std::string text = IsOfSetup(crontab) ? "" : absl::StrCat(kFirstLine, "\n");
  std::array<bool, check::kCronJobs.size()> is_there = {};
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(crontab, "\n"), '\n')) {
    const std::optional<JobLine> found = JobOf(line);
    if (found.has_value() && !IsWanted(check::kCronJobs[found->job], jobs)) continue;
    if (!found.has_value()) {
      absl::StrAppend(&text, line, "\n");
      continue;
    }
    is_there[found->job] = true;
    const size_t at = static_cast<size_t>(found->program.data() - line.data());
    absl::StrAppend(&text, line.substr(0, at), program, line.substr(at + found->program.size()),
                    "\n");
  }
  // A line with other flags was written by somebody else on purpose.
  const check::CronJobs done = check::JobsIn(text);
  for (size_t i = 0; i < check::kCronJobs.size(); ++i) {
    const bool is_done = is_there[i] || (i == 0 && done.collect) || (i == 1 && done.report);
    if (IsWanted(check::kCronJobs[i], jobs) && !is_done) {
      absl::StrAppend(&text, check::CronLineFor(check::kCronJobs[i], program), "\n");
    }
  }
  return text;
}

ForeignCronLines WithoutSetup(absl::string_view crontab) {
  ForeignCronLines foreign;
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(crontab, "\n"), '\n')) {
    if (line == kFirstLine) continue;
    if (const std::optional<JobLine> found = JobOf(line); found.has_value()) {
      check::CronJob job = check::kCronJobs[found->job];
      bool is_as_written = line == check::CronLineFor(job, found->program);
      job.arguments = job.former_arguments;
      is_as_written |= line == check::CronLineFor(job, found->program);
      if (!is_as_written) foreign.changed.emplace_back(absl::StripAsciiWhitespace(line));
      continue;
    }
    absl::StrAppend(&foreign.text, line, "\n");
    if (line != kShell && line != kPath && !absl::StripAsciiWhitespace(line).empty()) {
      foreign.kept.emplace_back(absl::StripAsciiWhitespace(line));
    }
  }
  if (foreign.kept.empty()) foreign.text.clear();
  return foreign;
}

}  // namespace cpuagg::tools
