// Finds programs, units and users of this machine.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_SYSTEM_FACTS_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_SYSTEM_FACTS_H_

#include <sys/types.h>

#include <optional>
#include <string>

namespace cpuagg::tools {

// The path of the program `name` in the system's folders for programs; empty if it is in none of
// them.
std::string FindSystemProgram(const std::string& name);

// Whether systemd runs this machine, so that timers work.
bool IsRunBySystemd();

// Whether this system boots with systemd, now or later.
bool IsSystemdTheInit();

// Whether a cron that reads this system's crontabs is running. Seen from a chroot, a cron outside
// does not count.
bool IsCronRunning();

// The path of the unit file `name`; empty if it does not exist.
std::string FindUnit(const std::string& name);

// Whether the unit is masked (systemd.unit(5)), so that it can be neither enabled nor started.
bool IsMasked(const std::string& unit);

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

// The user of the services, "cpuagg"; nullopt if it does not exist.
std::optional<Account> FindServiceUser();

// The id of the group `name`; nullopt if it does not exist.
std::optional<gid_t> FindGroup(const char* name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_SYSTEM_FACTS_H_
