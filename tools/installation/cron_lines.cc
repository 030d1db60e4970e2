#include "tools/installation/cron_lines.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::tools {
namespace {

constexpr absl::string_view kFirstLine =
    "# Written by cpuagg setup; cpuagg setup --undo removes it.";

}  // namespace

std::string CronFileFor(const std::string& program, const check::CronJobs& jobs) {
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
