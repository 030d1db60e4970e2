// Command lines of cpuagg that use the same paths as the current one.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_

#include <string>

#include <vector>

#include "absl/strings/string_view.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// "cpuagg collect --store /srv/store": `command` with those of the flags --config, --store and, for
// `collect`, --accounting-file and --rotated-dir that were given, quoted for a shell.
std::string OwnCommand(const CommandContext& context, absl::string_view command);

// The flags of that command for a line of a crontab: with the paths that the environment names,
// which cron does not know, with absolute paths, since cron starts in another directory, and with
// "%" as crontab(5) wants it. Each has a space before it. Empty if they are the units' paths.
std::string CronFlags(const CommandContext& context, absl::string_view command);

// "cpuagg" if a shell with this PATH runs `program`, a path, by that name; else the path for a
// shell.
std::string NameOfProgram(const std::string& program, absl::string_view path_variable);

// Makes the commands of cpuagg among the mends those that work where this program was run: with
// `name`, as NameOfProgram() has it, and `check` with the paths that were given. If the paths that
// were given can collect nothing, because the accounting file is missing or the store is a folder
// of stores, leaves out the commands that would.
void AdaptMends(const CommandContext& context, const std::string& name,
                std::vector<Finding>& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_OWN_COMMAND_H_
