// The step of setup that turns the kernel's accounting on, now and for the next boots.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STEP_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Leaves alone what is on already. Else FailedPrecondition, before anything is changed, where it
// cannot be turned on: in a container, without CAP_SYS_PACCT, in a kernel that was built without
// it; and after what it could do where no records come all the same.
absl::Status TurnAccountingOn(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STEP_H_
