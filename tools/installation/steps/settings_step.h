// WriteSettings: the step of setup that writes the settings to where the services read them.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_STEP_H_

#include "absl/status/status.h"
#include "notify/telegram/secret.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Writes the settings of the environment and `context.changes` to /etc/cpuagg/cpuagg.env. Writes
// `token`, unless it is empty, to /etc/cpuagg/bot_token, and removes any token from cpuagg.env. A
// previous token is kept in bot_token.old. The owner and mode of cpuagg.env stay as the admin has
// chosen them; if the services then cannot read it, reports that. Reloads the configuration.
// FailedPrecondition, without writing anything, if the file would be too large to be read.
absl::Status WriteSettings(SetupContext& context, const notify::Secret& token);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_STEP_H_
