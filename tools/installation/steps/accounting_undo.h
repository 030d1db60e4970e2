// TurnAccountingOff: the part of setup --undo that concerns accounting.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_UNDO_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_UNDO_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Takes back what the record says that setup did: the unit for the next boots, and accounting for
// the file, unless the kernel now writes to another one. Removes from `context.record` what was
// taken back, and does not save it. The rest, which the admin refused to take back or which failed,
// stays in it.
absl::Status TurnAccountingOff(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_UNDO_H_
