// `cpuagg setup`: everything that has to be so that reports come, step by step; what is so already
// is left alone.

#ifndef CPUAGG_TOOLS_INSTALLATION_SETUP_COMMAND_H_
#define CPUAGG_TOOLS_INSTALLATION_SETUP_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

// With --undo, takes it back. The configuration of the session is the host's alone.
ExitCode RunSetup(CommandContext& command);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_SETUP_COMMAND_H_
