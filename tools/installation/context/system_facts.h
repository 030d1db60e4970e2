// What there is on this machine: programs, units, users.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_SYSTEM_FACTS_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_SYSTEM_FACTS_H_

#include <sys/types.h>

#include <optional>
#include <string>

namespace cpuagg::tools {

// The path of `name` in one of the system's folders for programs; empty if it is in none.
std::string FindSystemProgram(const std::string& name);

// Whether systemd runs this machine, so that there is somebody to run timers.
bool IsRunBySystemd();

// Whether systemd is what this system boots with, be it now or later.
bool IsSystemdTheInit();

// Whether a cron runs that obeys this system's crontabs: none of outside, as seen from a chroot.
bool IsCronRunning();

// The path of the unit file `name`; empty if there is none.
std::string FindUnit(const std::string& name);

// Whether the unit is masked (systemd.unit(5)), so that it can be neither enabled nor started.
bool IsMasked(const std::string& unit);

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

// The user that services run as, "cpuagg"; nullopt if there is none.
std::optional<Account> FindServiceUser();

// The number of a group; nullopt if there is none of that name.
std::optional<gid_t> FindGroup(const char* name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_SYSTEM_FACTS_H_
