// The step of setup that makes systemd's timers, or cron, run cpuagg regularly.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SCHEDULE_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SCHEDULE_STEP_H_

#include <string>

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Whether systemd runs this machine and has cpuagg's units.
bool HasUnits();

// Enables the timers if there are units (for the next boot, if systemd does not run here);
// otherwise writes /etc/cron.d/cpuagg. The jobs are collecting and, if `sends`, reports. Never sets
// up both, and does not repeat a job of somebody else's crontab.
absl::Status Schedule(SetupContext& context, bool sends);

// Whether a timer runs or, if systemd does not run, whether it is enabled for the next boot.
bool IsOn(const std::string& timer);

// Whether nothing that Schedule() does is left to take back.
bool IsUnscheduled();

// Removes both the timers and the cron file's lines.
absl::Status Unschedule(SetupContext& context);

// Runs the first collect, as the service if there is one.
absl::Status CollectOnce(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SCHEDULE_STEP_H_
