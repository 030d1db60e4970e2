// `cpuagg setup`: sets up everything that reports need, step by step, and leaves alone what is
// already set up.

#ifndef CPUAGG_TOOLS_INSTALLATION_SETUP_COMMAND_H_
#define CPUAGG_TOOLS_INSTALLATION_SETUP_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

// With --undo, takes it back. The context's configuration must be the host's alone.
ExitCode RunSetup(CommandContext& command);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_SETUP_COMMAND_H_
