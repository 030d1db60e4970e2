// `cpuagg collect`: adds new accounting records to the store.

#ifndef CPUAGG_TOOLS_COLLECT_COLLECT_COMMAND_H_
#define CPUAGG_TOOLS_COLLECT_COLLECT_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunCollect(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_COLLECT_COLLECT_COMMAND_H_
