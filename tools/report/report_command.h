// `cpuagg report`: prints who used the CPU.

#ifndef CPUAGG_TOOLS_REPORT_REPORT_COMMAND_H_
#define CPUAGG_TOOLS_REPORT_REPORT_COMMAND_H_

#include "tools/config/exit_code.h"
#include "tools/config/session.h"

namespace cpuagg::tools {

ExitCode RunReport(Session& session);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_REPORT_COMMAND_H_
