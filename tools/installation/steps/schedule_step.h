// The step of setup that lets systemd's timers, or cron, run cpuagg from now on.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SCHEDULE_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SCHEDULE_STEP_H_

#include <string>

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Whether systemd runs this machine and has cpuagg's units.
bool HasUnits();

// Enables the timers where there are units, for the next boot if systemd does not run here, else
// writes /etc/cron.d/cpuagg: for collecting, and if `sends` for reports. Never both: what a crontab
// of somebody else's does is left to that.
absl::Status Schedule(SetupContext& context, bool sends);

// Whether a timer runs; where systemd does not, whether it is enabled for the next boot.
bool IsOn(const std::string& timer);

// Whether nothing of what Schedule() does is left to take back.
bool IsUnscheduled();

// Ends both.
absl::Status Unschedule(SetupContext& context);

// Runs the first collect, as the service where there is one.
absl::Status CollectOnce(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SCHEDULE_STEP_H_
