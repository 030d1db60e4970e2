// CommandContext: what every command uses: the flags, the configuration, the clock, and the
// settings that follow from them.

#ifndef CPUAGG_TOOLS_CONFIG_COMMAND_CONTEXT_H_
#define CPUAGG_TOOLS_CONFIG_COMMAND_CONTEXT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/plausibility.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/usage/period.h"
#include "tools/config/command_line.h"
#include "tools/config/config.h"
#include "tools/config/exit_code.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

// How long `report` and `records` wait for the user directory.
inline constexpr absl::Duration kNamesOfReports = absl::Seconds(10);

struct CommandContext {
  Flags flags;
  Config config;
  Console console;
  absl::Time now;
  absl::TimeZone zone;
  // `check` reports these together with its other findings; other commands fail. Why the
  // configuration cannot be used, in which case it is empty; the warnings about it; and why the
  // zone is not the local one.
  absl::Status config_problem;
  std::vector<std::string> config_warnings;
  absl::Status zone_problem;

  std::string StoreDirectory() const;
  std::string AccountingFile() const;
  // Other folders that hold rotated generations.
  std::vector<std::string> RotatedDirectories() const;
  std::string HostName() const;
  // The number of threads that may scan a file: --threads, else one per processor.
  size_t Threads() const;

  // What the flags and the clock determine about accounting files that the files do not state
  // themselves.
  acct::RecordFormat FileFormat() const;

  // The accounts of --passwd, else of this host, with `budget` as the time limit for lookups.
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> UserNames(absl::Duration budget) const;

  // Prints the error on standard error, with the origin of a wrong setting, and returns its exit
  // code. For a problem of the accounting file or the store without a suggested fix, Fail() refers
  // to `cpuagg check`.
  ExitCode Fail(const absl::Status& status);
  ExitCode FailUsage(const absl::Status& status);
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_COMMAND_CONTEXT_H_
