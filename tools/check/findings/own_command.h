// Command lines of cpuagg that use the same paths as the current one.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// "cpuagg collect --store /srv/store": `command` with those of the flags --config, --store and, for
// `collect`, --accounting-file and --rotated-dir that were given, quoted for a shell.
std::string OwnCommand(const CommandContext& context, absl::string_view command);

// The flags of that command for a line of a crontab: with the paths that the environment names,
// which cron does not know, with absolute paths, since cron starts in another directory, and with
// "%" as crontab(5) wants it. Each has a space before it. Empty if they are the units' paths.
std::string CronFlags(const CommandContext& context, absl::string_view command);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_
