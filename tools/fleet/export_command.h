// `cpuagg export`: the store's counters and hours, for machines.

#ifndef CPUAGG_TOOLS_FLEET_EXPORT_COMMAND_H_
#define CPUAGG_TOOLS_FLEET_EXPORT_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunExport(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_FLEET_EXPORT_COMMAND_H_
