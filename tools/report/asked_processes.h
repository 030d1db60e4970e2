// Which processes the flags of `cpuagg records` ask for.

#ifndef CPUAGG_TOOLS_REPORT_ASKED_PROCESSES_H_
#define CPUAGG_TOOLS_REPORT_ASKED_PROCESSES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/process_choice.h"
#include "tools/config/flags.h"

namespace cpuagg::tools {

// The choice of --pid, --signal and the like. InvalidArgument names the flag that is wrong.
absl::StatusOr<aggregate::ProcessChoice> AskedProcesses(const ProcessFlags& flags, absl::Time now,
                                                        absl::TimeZone zone);

// Those of the flags that were given, as they were: "--pid=2367, --failed".
std::string GivenFlags(const ProcessFlags& flags);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ASKED_PROCESSES_H_
