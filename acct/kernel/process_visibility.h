// What a /proc hides from who reads it (proc(5): hidepid): whether the processes that it shows are
// all there are.

#ifndef CPUAGG_ACCT_KERNEL_PROCESS_VISIBILITY_H_
#define CPUAGG_ACCT_KERNEL_PROCESS_VISIBILITY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

// What tells it.
struct Visibility {
  // A path of a process that may not be read; empty if every process could be.
  std::string refused;
  // Whose the first process of the namespace is; nullopt if it is not shown. It is always there.
  std::optional<Uid> first_user;
  Uid reader;  // effective
  // Whether the reader may trace other users' processes (CAP_SYS_PTRACE), which is what /proc asks.
  bool may_trace = false;
  // With which hidepid it is mounted, as SuperOptionsOf() has it; nullopt if that is not known.
  std::optional<std::string> mount_options;
};

// Why some processes may be hidden in `root`, which is named; empty if none is.
//
// Whoever sees the first process sees all of its namespace, with an exception: where processes of
// other users are hidden, it may be the reader's own.
std::string WhatIsHidden(absl::string_view root, const Visibility& visibility);

// The options (the last field, proc(5)) of the file system with this `device` in
// /proc/PID/mountinfo; nullopt if there is none.
std::optional<std::string> SuperOptionsOf(absl::string_view mountinfo, dev_t device);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_PROCESS_VISIBILITY_H_
