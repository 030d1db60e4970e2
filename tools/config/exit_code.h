// What the program's exit status tells its caller; docs/design.md and the README list the same.

#ifndef CPUAGG_TOOLS_CONFIG_EXIT_CODE_H_
#define CPUAGG_TOOLS_CONFIG_EXIT_CODE_H_

namespace cpuagg::tools {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kWrongUsage = 2,    // of the command line or the configuration
  kDamagedInput = 3,  // done, but part of the input was skipped
  // Of `check`, as monitoring plugins have them.
  kAllOk = 0,
  kSomeWarning = 1,
  kSomethingCritical = 2,
  kNothingKnown = 3,  // wrong usage as well
  kPostponed = 75,    // not delivered yet, kept in the outbox (EX_TEMPFAIL of sysexits.h)
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_EXIT_CODE_H_
