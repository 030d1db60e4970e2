// Which processes the flags of `cpuagg records` and `cpuagg report` ask for.

#ifndef CPUAGG_TOOLS_REPORT_ASKED_PROCESSES_H_
#define CPUAGG_TOOLS_REPORT_ASKED_PROCESSES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/tally/process_choice.h"
#include "tools/config/command_context.h"
#include "tools/config/flags.h"

namespace cpuagg::tools {

// The choice of --pid, --signal, --group and the like. In `report`, --min-cpu is not one of them.
// InvalidArgument names the flag that is wrong.
absl::StatusOr<aggregate::ProcessChoice> AskedProcesses(const CommandContext& context);

// Those of the flags that were given, as they were: "--pid=2367, --failed". Empty if there are
// none.
std::string GivenFlags(const Flags& flags);

// The value of a --min-cpu.
absl::StatusOr<absl::Duration> AskedMinCpu(const Flags& flags);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ASKED_PROCESSES_H_
