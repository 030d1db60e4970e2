// OwnCommand: a command line of cpuagg that uses the same paths as the current one.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// "cpuagg collect --store /srv/store": `command` with those of the flags --config, --store and, for
// `collect`, --accounting-file and --rotated-dir that were given, quoted for a shell.
std::string OwnCommand(const CommandContext& context, absl::string_view command);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_
