// CommandContext: what every command works with: the flags, the configuration, the clock, and the
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

// For how long a report, or the records, may wait for the user directory.
inline constexpr absl::Duration kNamesOfReports = absl::Seconds(10);

struct CommandContext {
  Flags flags;
  Config config;
  Console console;
  absl::Time now;
  absl::TimeZone zone;
  // What other commands end with, and `check` tells with the rest: why the configuration cannot be
  // used, so that there is none; what is odd about it; why the zone is not the local one.
  absl::Status config_problem;
  std::vector<std::string> config_warnings;
  absl::Status zone_problem;

  std::string StoreDirectory() const;
  std::string AccountingFile() const;
  // Other folders in which its rotated generations are.
  std::vector<std::string> RotatedDirectories() const;
  std::string HostName() const;
  // How many threads may scan a file: --threads, else one for each processor.
  size_t Threads() const;

  // What the flags and the clock say of accounting files that those do not say themselves.
  acct::RecordFormat FileFormat() const;

  // The accounts of --passwd, else of this host, which is asked for no longer than `budget`.
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> UserNames(absl::Duration budget) const;

  // Says what is wrong on standard error, of a setting where it was set as well, and returns the
  // exit code for it. Of a fault of the accounting file or the store without a way out, Fail() says
  // that `cpuagg check` knows more.
  ExitCode Fail(const absl::Status& status);
  ExitCode FailUsage(const absl::Status& status);
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_COMMAND_CONTEXT_H_
