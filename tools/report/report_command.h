// `cpuagg report`: reports who used the CPU.

#ifndef CPUAGG_TOOLS_REPORT_REPORT_COMMAND_H_
#define CPUAGG_TOOLS_REPORT_REPORT_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunReport(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_REPORT_COMMAND_H_
