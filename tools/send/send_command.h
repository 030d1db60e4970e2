// `cpuagg send`: builds the period's report, queues it, and delivers the queue. `cpuagg run`:
// collects first.

#ifndef CPUAGG_TOOLS_SEND_SEND_COMMAND_H_
#define CPUAGG_TOOLS_SEND_SEND_COMMAND_H_

#include "tools/config/exit_code.h"
#include "tools/config/session.h"

namespace cpuagg::tools {

ExitCode RunSend(Session& session);
ExitCode RunCollectAndSend(Session& session);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_SEND_COMMAND_H_
