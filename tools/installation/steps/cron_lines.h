// The cron lines that setup writes where no timers are to be had.
//
// Whoever changes when they run, or adds lines of their own to the file, keeps that.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_LINES_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_LINES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools {

// A file for /etc/cron.d that runs the program at the path `program` for these jobs; who reports
// delivers as well what is left queued.
std::string CronFileFor(const std::string& program, const check::CronJobs& jobs);

// Whether CronFileFor() wrote it.
bool IsOfSetup(absl::string_view crontab);

// `crontab`, such a file or one of somebody else's, for this program and these jobs: lines that run
// what setup has cron run have this program, whenever and as whom they run it, and go where a job
// is not wanted; what is missing is added; every other line stays as it is.
std::string WithCronJobs(absl::string_view crontab, const std::string& program,
                         const check::CronJobs& jobs);

// What is left of such a file without what setup has written.
struct ForeignCronLines {
  std::string text;               // a crontab without setup's jobs; empty if nothing is left
  std::vector<std::string> kept;  // the lines of somebody else's in it
  std::vector<std::string>
      changed;  // those of setup's, not in it, that run at another time or user
};
ForeignCronLines WithoutSetup(absl::string_view crontab);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_LINES_H_
