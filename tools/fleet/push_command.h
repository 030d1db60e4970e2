// `cpuagg push`: sends the hours of the store to a receiver of Prometheus remote write.

#ifndef CPUAGG_TOOLS_FLEET_PUSH_COMMAND_H_
#define CPUAGG_TOOLS_FLEET_PUSH_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunPush(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_FLEET_PUSH_COMMAND_H_
