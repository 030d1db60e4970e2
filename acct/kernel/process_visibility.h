// Whether /proc shows all processes to its reader, or hides some (proc(5): hidepid).

#ifndef CPUAGG_ACCT_KERNEL_PROCESS_VISIBILITY_H_
#define CPUAGG_ACCT_KERNEL_PROCESS_VISIBILITY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

// The facts from which WhatIsHidden() concludes.
struct Visibility {
  // A path of a process that could not be read for lack of permission; empty if there is none.
  std::string refused;
  // The user of the first process of the namespace, which always exists; nullopt if it is not
  // visible.
  std::optional<Uid> first_user;
  Uid reader;  // effective
  // Whether the reader may trace other users' processes (CAP_SYS_PTRACE). /proc requires that.
  bool may_trace = false;
  // The mount options, which contain hidepid, from SuperOptionsOf(); nullopt if unknown.
  std::optional<std::string> mount_options;
};

// Why some processes may be hidden in `root`, which the text names; empty if none is.
//
// A reader who sees the first process sees all processes of the namespace. There is one exception:
// the first process may be the reader's own, while those of other users are hidden.
std::string WhatIsHidden(absl::string_view root, const Visibility& visibility);

// The super options (the last field, proc(5)) of the file system with this `device` in
// /proc/PID/mountinfo; nullopt if it is not listed.
std::optional<std::string> SuperOptionsOf(absl::string_view mountinfo, dev_t device);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_PROCESS_VISIBILITY_H_
