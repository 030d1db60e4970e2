// What the kernel says of process accounting, and where this runs.

#ifndef CPUAGG_TOOLS_SYSTEM_KERNEL_H_
#define CPUAGG_TOOLS_SYSTEM_KERNEL_H_

#include <optional>
#include <string>

namespace cpuagg::tools::check {

struct KernelFacts {
  std::string release;  // "6.1.0-18-amd64"
  // Whether it can do accounting (CONFIG_BSD_PROCESS_ACCT), and writes version 3 then; nullopt
  // where nothing tells.
  std::optional<bool> has_accounting;
  std::optional<bool> writes_version3;
  std::string source;  // what told that
  // "a container (docker)", "WSL", "a user namespace": where accounting is not this system's own;
  // empty where it is.
  std::string confinement;
  // Whether some process here may turn it on all the same (CAP_SYS_PACCT).
  bool may_be_turned_on = true;
};

// Looks at files below `root`, which is "" but in tests: /proc and /boot. Changes nothing.
KernelFacts ReadKernelFacts(const std::string& root);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_KERNEL_H_
