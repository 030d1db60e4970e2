#include "tools/installation/steps/next_report.h"

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/schedule_step.h"
#include "tools/system/crontabs.h"
#include "tools/system/run_program.h"

namespace cpuagg::tools {
namespace {

constexpr char kTimer[] = "cpuagg-report.timer";

std::string ByTimer() {
  if (!IsRunBySystemd()) {
    return absl::StrCat("Reports come once systemd runs; systemctl cat ", kTimer, " shows when");
  }
  const absl::StatusOr<ProgramResult> run =
      RunProgram({.path = FindSystemProgram("systemctl"),
                  .arguments = {"show", "--property=NextElapseUSecRealtime", "--value", kTimer}});
  const absl::string_view next = run.ok() ? absl::StripAsciiWhitespace(run->out) : "";
  if (next.empty())
    return absl::StrCat("systemctl list-timers ", kTimer, " shows when reports come");
  return absl::StrCat("The next report comes ", next, "; systemctl edit ", kTimer, " changes when");
}

// "daily at 07:00", for a crontab line that means just that; else empty.
std::string DailyTime(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  unsigned minute = 0;
  unsigned hour = 0;
  if (words.size() < 6 || !absl::SimpleAtoi(words[0], &minute) ||
      !absl::SimpleAtoi(words[1], &hour) || words[2] != "*" || words[3] != "*" || words[4] != "*") {
    return "";
  }
  return absl::StrFormat("daily at %02u:%02u", hour, minute);
}

std::string ByCron(const check::CronLine& line) {
  if (!IsCronRunning()) {
    return absl::StrCat("No report comes until cron runs: service ",
                        FindSystemProgram("cron").empty() ? "crond" : "cron", " start");
  }
  const std::string time = DailyTime(line.text);
  if (time.empty()) return absl::StrCat(line.path, " says when reports come: ", line.text);
  return absl::StrCat("Reports come ", time, ", as ", line.path, " says");
}

}  // namespace

std::string WhenReportsCome() {
  if (IsOn(kTimer)) return ByTimer();
  for (const check::CronLine& line : check::ReadCrontabs("").lines) {
    if (line.jobs.report) return ByCron(line);
  }
  return "";
}

}  // namespace cpuagg::tools
