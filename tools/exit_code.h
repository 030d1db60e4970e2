// What the program's exit status tells its caller; docs/design.md and the README list the same.

#ifndef CPUAGG_TOOLS_EXIT_CODE_H_
#define CPUAGG_TOOLS_EXIT_CODE_H_

namespace cpuagg::tools {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kWrongUsage = 2,    // of the command line or the configuration
  kDamagedInput = 3,  // done, but part of the input was skipped
  kPostponed = 75,    // not delivered yet, kept in the outbox (EX_TEMPFAIL of sysexits.h)
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_EXIT_CODE_H_
