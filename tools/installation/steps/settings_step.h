// The step of setup that writes the settings down where the services read them.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_STEP_H_

#include "absl/status/status.h"
#include "notify/telegram/secret.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Writes what the environment sets, and `context.changes`, into /etc/cpuagg/cpuagg.env, and
// `token`, unless it is empty, into /etc/cpuagg/bot_token and nowhere else: what stands in
// cpuagg.env goes there. A token that was there before is kept in bot_token.old. Owner and mode of
// cpuagg.env stay as the admin has chosen them, also where the services cannot read it then, which
// is left. The session has the configuration that results. FailedPrecondition, and nothing is
// written, if the file would be too large to be read.
absl::Status WriteSettings(SetupContext& context, const notify::Secret& token);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SETTINGS_STEP_H_
