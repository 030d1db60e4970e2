// TurnAccountingOn: the step of setup that turns the kernel's accounting on, now and for the next
// boots.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STEP_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Does nothing if accounting is already on. FailedPrecondition, before changing anything, if it
// cannot be turned on: in a container, without CAP_SYS_PACCT, or with a kernel built without it.
// Also FailedPrecondition if no records come although everything was done.
absl::Status TurnAccountingOn(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STEP_H_
