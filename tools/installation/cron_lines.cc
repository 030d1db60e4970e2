#include "tools/installation/cron_lines.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/check/cron_schedule.h"

namespace cpuagg::tools {
namespace {

constexpr absl::string_view kFirstLine =
    "# Written by cpuagg setup; cpuagg setup --undo removes it.";

}  // namespace

std::string CronFileFor(const std::string& program, const check::CronJobs& jobs) {
  return absl::StrCat(
      kFirstLine,
      "\nSHELL=/bin/sh\n"
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
      check::CronLinesFor(
          program, {.collect = jobs.collect, .report = jobs.report, .deliver = jobs.report}));
}

bool IsOfSetup(absl::string_view crontab) { return absl::StartsWith(crontab, kFirstLine); }

}  // namespace cpuagg::tools
