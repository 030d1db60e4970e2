// Finds users of ALERT_CPU_HOURS and IGNORED_USERS who do not exist: the limit of one who is
// misspelt is that of nobody, and nobody is left out.

#ifndef CPUAGG_TOOLS_SEND_LIMIT_USERS_H_
#define CPUAGG_TOOLS_SEND_LIMIT_USERS_H_

#include <string>
#include <vector>

#include "aggregate/usage/period.h"
#include "notify/outgoing/alert.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// A sentence for each user with a limit who has no account and nothing in the store, with a
// user of a similar name, if one has used something in `period`. Nothing if the store or the
// accounts cannot be read.
std::vector<std::string> UnknownLimitUsers(const CommandContext& context,
                                           const notify::AlertLimits& limits,
                                           const aggregate::Period& period);

// The same for each user of IGNORED_USERS.
std::vector<std::string> UnknownIgnoredUsers(const CommandContext& context,
                                             const aggregate::Period& period);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_LIMIT_USERS_H_
