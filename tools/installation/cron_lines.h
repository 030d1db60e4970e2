// The file for cron that setup writes where no timers are to be had.

#ifndef CPUAGG_TOOLS_INSTALLATION_CRON_LINES_H_
#define CPUAGG_TOOLS_INSTALLATION_CRON_LINES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tools/check/crontabs.h"

namespace cpuagg::tools {

// A file for /etc/cron.d that runs the program at the path `program` for these jobs, and delivers
// what reports leave queued.
std::string CronFileFor(const std::string& program, const check::CronJobs& jobs);

// Whether CronFileFor() wrote it.
bool IsOfSetup(absl::string_view crontab);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CRON_LINES_H_
