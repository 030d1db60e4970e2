// `cpuagg send`: builds the period's report, queues it, and delivers the queue. `cpuagg run`:
// collects first.

#ifndef CPUAGG_TOOLS_SEND_SEND_COMMAND_H_
#define CPUAGG_TOOLS_SEND_SEND_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunSend(CommandContext& context);
ExitCode RunCollectAndSend(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_SEND_COMMAND_H_
