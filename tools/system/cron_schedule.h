// The cron lines that replace the timers: setup writes them, and check suggests them.
//
//   CronLinesFor("/usr/bin/cpuagg", {.collect = true})
//   // "*/15 * * * *  root  /usr/bin/cpuagg collect --quiet\n"

#ifndef CPUAGG_TOOLS_SYSTEM_CRON_SCHEDULE_H_
#define CPUAGG_TOOLS_SYSTEM_CRON_SCHEDULE_H_

#include <array>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {

inline constexpr char kCronFile[] = "/etc/cron.d/cpuagg";

// A job of cron and its time.
struct CronJob {
  absl::string_view when;
  absl::string_view arguments;
  bool CronJobs::*kind;
  absl::string_view former_arguments =
      {};  // in the lines of setup of 1.0.0; empty if they are the same
};
inline constexpr std::array<CronJob, 3> kCronJobs = {{
    {"*/15 * * * *", "collect --quiet", &CronJobs::collect},
    {"0 7 * * *", "send --period last-day", &CronJobs::report},
    {"37 * * * *", "send --pending --alerts --quiet", &CronJobs::deliver, "send --pending --quiet"},
}};

// The line for a job, in the format of /etc/cron.d. `program` is an absolute path, since cron only
// searches /usr/bin and /bin.
std::string CronLineFor(const CronJob& job, absl::string_view program);
// A line for each of `jobs`.
std::string CronLinesFor(const std::string& program, const CronJobs& jobs);

// The path of this program.
absl::StatusOr<std::string> PathOfThisProgram();

// Why root must not run the program at `path` by cron; empty if it may.
std::string WhyUnfitForRoot(const std::string& path);

// The longest time between two runs of a crontab line (crontab(5)), by wall-clock time: 15 min for
// "*/15 * * * *", 16 h for "0 1,9 * * *". nullopt if it differs between days, or if `line` is not
// such a line.
std::optional<absl::Duration> LongestPause(absl::string_view line);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRON_SCHEDULE_H_
