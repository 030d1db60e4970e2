// The lines with which cron does what the timers would: setup writes them, and check names them.
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

// What cron runs, and when.
struct CronJob {
  absl::string_view when;
  absl::string_view arguments;
  bool CronJobs::*kind;
};
inline constexpr std::array<CronJob, 3> kCronJobs = {{
    {"*/15 * * * *", "collect --quiet", &CronJobs::collect},
    {"0 7 * * *", "send --period last-day", &CronJobs::report},
    {"37 * * * *", "send --pending --quiet", &CronJobs::deliver},
}};

// The line for it, in the form of /etc/cron.d. `program` is a whole path, since cron looks in
// /usr/bin and /bin alone.
std::string CronLineFor(const CronJob& job, absl::string_view program);
// A line for each of `jobs`.
std::string CronLinesFor(const std::string& program, const CronJobs& jobs);

// The path of this program.
absl::StatusOr<std::string> PathOfThisProgram();

// Why root must not run the program at `path` by cron; empty if nothing speaks against it.
std::string WhyUnfitForRoot(const std::string& path);

// For how long a line of a crontab lets its job rest at most, by the clock on the wall
// (crontab(5)): 15 min for "*/15 * * * *", 16 h for "0 1,9 * * *". nullopt for one that does not
// say it for each day alike, and for what is no such line.
std::optional<absl::Duration> LongestPause(absl::string_view line);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRON_SCHEDULE_H_
