// /etc/cron.d/cpuagg, as setup writes it and takes it back.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_FILE_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools {

// Whether there is a program of that name.
bool HasCron();

// What is in the file; empty if there is none, or none that can be read.
std::string CronFileText();

// Has cron do these jobs, which nothing else does, with a cron that is installed if there is none.
// What the admin has made of the file stays. What speaks against it is left.
absl::Status WriteCronFile(SetupContext& context, const check::CronJobs& jobs);

// Takes setup's lines out of the file, and the file away if nothing else is in it. What is kept,
// and what was changed and is not, is said.
absl::Status RemoveCronFile(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_CRON_FILE_H_
