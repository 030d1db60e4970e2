// Checks whether the configuration is valid, and whether its files have the right owner and mode.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_CHECKS_H_

#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// Whether the configuration names chats to send reports to.
bool HasChats(const CommandContext& context);

// Adds "configuration", "configuration_readable", "configuration_warning" for each key and variable
// without effect, "settings" for an invalid value, "token" and "chats". None of them shows a secret
// value.
void CheckConfiguration(const CommandContext& context, const Collector& collector,
                        Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_CHECKS_H_
