// What setup --undo does about accounting.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_UNDO_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_UNDO_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Takes back what the record says that setup did: the unit for the next boots, and accounting for
// the file, unless the kernel writes elsewhere by now. What is taken back goes from
// `context.record`, which is not saved; what is not, since the answer was no or something failed,
// stays there.
absl::Status TurnAccountingOff(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_UNDO_H_
