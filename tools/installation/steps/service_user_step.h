// The step of setup that makes what the package makes: the user cpuagg, the store's directory, and
// the places of configuration and token.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_SERVICE_USER_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_SERVICE_USER_STEP_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// A store that root's runs have made becomes the user's, so that the services can write there. A
// user that cannot be made is left; everything is root's then.
absl::Status MakeServiceUser(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_SERVICE_USER_STEP_H_
