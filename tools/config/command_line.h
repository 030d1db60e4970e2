// Parses the command line: the subcommand and its flags.

#ifndef CPUAGG_TOOLS_CONFIG_COMMAND_LINE_H_
#define CPUAGG_TOOLS_CONFIG_COMMAND_LINE_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "tools/config/flags.h"

namespace cpuagg::tools {

// A text to print on standard output instead of running a command: help, or the version.
struct Information {
  std::string text;
};

// Parses the command line. InvalidArgument names the wrong flag.
absl::StatusOr<std::variant<Flags, Information>> ParseCommandLine(int argc,
                                                                  const char* const* argv);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_COMMAND_LINE_H_
