// The cron lines that setup writes if timers are unavailable.
//
// An admin may change their times or add other lines to the file; both are kept.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_LINES_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_LINES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools {

// A file for /etc/cron.d that runs the program at the path `program` for these jobs. The line for
// the report also delivers queued reports.
std::string CronFileFor(const std::string& program, const check::CronJobs& jobs);

// Whether CronFileFor() wrote it.
bool IsOfSetup(absl::string_view crontab);

// `crontab`, written by setup or by somebody else, adapted to this program and these jobs. Lines
// that run one of setup's jobs get this program, whatever their time and user, and are removed if
// the job is not wanted. Missing lines are added. Every other line is unchanged.
std::string WithCronJobs(absl::string_view crontab, const std::string& program,
                         const check::CronJobs& jobs);

// The rest of such a file without setup's lines.
struct ForeignCronLines {
  std::string text;                  // a crontab without setup's jobs; empty if nothing is left
  std::vector<std::string> kept;     // the lines of others in it
  std::vector<std::string> changed;  // removed lines of setup's that had another time or user
};
ForeignCronLines WithoutSetup(absl::string_view crontab);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_LINES_H_
