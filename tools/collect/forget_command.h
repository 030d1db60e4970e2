// `cpuagg forget`: deletes usage from the store, for good.

#ifndef CPUAGG_TOOLS_COLLECT_FORGET_COMMAND_H_
#define CPUAGG_TOOLS_COLLECT_FORGET_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunForget(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_COLLECT_FORGET_COMMAND_H_
