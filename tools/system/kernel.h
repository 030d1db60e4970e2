// Finds out what the kernel supports of process accounting, and in which environment this runs.

#ifndef CPUAGG_TOOLS_SYSTEM_KERNEL_H_
#define CPUAGG_TOOLS_SYSTEM_KERNEL_H_

#include <optional>
#include <string>

namespace cpuagg::tools::check {

struct KernelFacts {
  std::string release;  // "6.1.0-18-amd64"
  // Whether it supports accounting (CONFIG_BSD_PROCESS_ACCT), and whether it then writes version 3;
  // nullopt if unknown.
  std::optional<bool> has_accounting;
  std::optional<bool> writes_version3;
  std::string source;  // where this was found
  // "a container (docker)", "WSL", "a user namespace": an environment that does not have its own
  // accounting; empty otherwise.
  std::string confinement;
  // Whether some process here may turn accounting on all the same (CAP_SYS_PACCT).
  bool may_be_turned_on = true;
};

// Reads files of /proc and /boot below `root`, which is "" except in tests. Changes nothing.
KernelFacts ReadKernelFacts(const std::string& root);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_KERNEL_H_
