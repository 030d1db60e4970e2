// Writes and removes setup's /etc/cron.d/cpuagg.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_FILE_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools {

// Whether cron is installed.
bool HasCron();

// The content of the file; empty if it does not exist or cannot be read.
std::string CronFileText();

// Makes cron run these jobs, which nothing else runs, and installs cron if there is none. Keeps the
// admin's changes to the file. Reports obstacles with SetupContext::Leave().
absl::Status WriteCronFile(SetupContext& context, const check::CronJobs& jobs);

// Removes setup's lines from the file, and the file itself if nothing else is in it. Prints which
// lines were kept, and which removed lines had been changed.
absl::Status RemoveCronFile(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_FILE_H_
