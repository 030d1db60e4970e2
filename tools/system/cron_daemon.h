// Finds out whether a daemon that reads this system's crontabs is running.

#ifndef CPUAGG_TOOLS_SYSTEM_CRON_DAEMON_H_
#define CPUAGG_TOOLS_SYSTEM_CRON_DAEMON_H_

#include <optional>
#include <string>

namespace cpuagg::tools::check {

// Looks for a cron, or for systemd's generator of timers from crontabs, below `root`, which is ""
// except in tests. Ignores ended ones (zombies) and, seen from a chroot, those outside. One whose
// root directory this user may not see counts as inside. nullopt if not even the first process is
// visible.
std::optional<bool> IsCronRunning(const std::string& root);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRON_DAEMON_H_
