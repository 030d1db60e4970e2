// MakeServiceUser: the step of setup that creates what the package creates: the user cpuagg, the
// store's directory, and the locations of the configuration and the token.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SERVICE_USER_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SERVICE_USER_STEP_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Gives a store that root's runs have created to the user, so that the services can write there. If
// the user cannot be created, reports that, and everything belongs to root.
absl::Status MakeServiceUser(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SERVICE_USER_STEP_H_
