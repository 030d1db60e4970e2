// Whether something runs that obeys this system's crontabs.

#ifndef CPUAGG_TOOLS_SYSTEM_CRON_DAEMON_H_
#define CPUAGG_TOOLS_SYSTEM_CRON_DAEMON_H_

#include <optional>
#include <string>

namespace cpuagg::tools::check {

// A cron, or systemd's generator of timers from crontabs, below `root`, which is "" but in tests.
// None that has ended (a zombie), and none of outside, as seen from a chroot; one whose root this
// user may not look at counts as inside. nullopt if not even the first process is seen.
std::optional<bool> IsCronRunning(const std::string& root);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_CRON_DAEMON_H_
