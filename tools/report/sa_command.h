// `cpuagg sa -u` and `cpuagg sa -m`: what GNU sa prints.

#ifndef CPUAGG_TOOLS_REPORT_SA_COMMAND_H_
#define CPUAGG_TOOLS_REPORT_SA_COMMAND_H_

#include "tools/config/exit_code.h"
#include "tools/config/session.h"

namespace cpuagg::tools {

ExitCode RunSa(Session& session);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_SA_COMMAND_H_
