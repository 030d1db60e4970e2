// The help of a command: its flags in groups, and examples.

#ifndef CPUAGG_TOOLS_CONFIG_COMMAND_HELP_H_
#define CPUAGG_TOOLS_CONFIG_COMMAND_HELP_H_

#include <CLI/CLI.hpp>

#include "tools/config/flags.h"

namespace cpuagg::tools {

// Call after all flags of `command` have been added to `app`.
void SetHelp(Command command, CLI::App& app);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_COMMAND_HELP_H_
