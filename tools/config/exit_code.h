// The exit statuses of the program. The README lists the same.

#ifndef CPUAGG_TOOLS_CONFIG_EXIT_CODE_H_
#define CPUAGG_TOOLS_CONFIG_EXIT_CODE_H_

namespace cpuagg::tools {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kWrongUsage = 2,    // of the command line or the configuration
  kDamagedInput = 3,  // done, but part of the input was skipped
  // For `check`, the statuses of monitoring plugins.
  kAllOk = 0,
  kSomeWarning = 1,
  kSomethingCritical = 2,
  kNothingKnown = 3,  // also for wrong usage
  // Nobody reads the output any more: what a shell says of a program that SIGPIPE has ended.
  kReaderGone = 141,
  kPostponed = 75,  // not delivered yet, kept in the outbox (EX_TEMPFAIL of sysexits.h)
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_EXIT_CODE_H_
