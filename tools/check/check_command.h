// `cpuagg check`: is everything in order, and if not, which commands fix it? `cpuagg check
// FILE...`: is this accounting file whole?

#ifndef CPUAGG_TOOLS_CHECK_CHECK_COMMAND_H_
#define CPUAGG_TOOLS_CHECK_CHECK_COMMAND_H_

#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"

namespace cpuagg::tools {

// Changes nothing, holds no lock, and ends within half a minute even if something hangs (a minute
// with --online). The exit status is that of a monitoring plugin: kAllOk, kSomeWarning,
// kSomethingCritical or kNothingKnown. docs/check.md describes the output.
ExitCode RunCheck(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CHECK_CHECK_COMMAND_H_
