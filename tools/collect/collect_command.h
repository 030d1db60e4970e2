// `cpuagg collect`: folds new accounting records into the store.

#ifndef CPUAGG_TOOLS_COLLECT_COLLECT_COMMAND_H_
#define CPUAGG_TOOLS_COLLECT_COLLECT_COMMAND_H_

#include "tools/config/exit_code.h"
#include "tools/config/session.h"

namespace cpuagg::tools {

ExitCode RunCollect(Session& session);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_COLLECT_COLLECT_COMMAND_H_
