// `cpuagg sa -u` and `cpuagg sa -m`: print what GNU sa prints.

#ifndef CPUAGG_TOOLS_REPORT_SA_COMMAND_H_
#define CPUAGG_TOOLS_REPORT_SA_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunSa(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_SA_COMMAND_H_
