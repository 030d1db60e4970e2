// `cpuagg records`: prints the records of accounting files, one per line.

#ifndef CPUAGG_TOOLS_REPORT_RECORDS_COMMAND_H_
#define CPUAGG_TOOLS_REPORT_RECORDS_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

ExitCode RunRecords(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_RECORDS_COMMAND_H_
