// Whether the configuration says what it is meant to say, and is whose it should be.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_CHECKS_H_

#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// Whether reports are to be sent anywhere.
bool HasChats(const CommandContext& context);

// "configuration", "configuration_readable", "configuration_warning" for each key and variable that
// has no effect, "settings" for a value that is wrong, "token" and "chats". No value that is secret
// is in any of them.
void CheckConfiguration(const CommandContext& context, const Collector& collector,
                        Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_CONFIGURATION_CHECKS_H_
