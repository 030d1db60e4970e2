// Asks the user directory about users that were asked for and are not in what is shown.

#ifndef CPUAGG_TOOLS_REPORT_UNMATCHED_USERS_H_
#define CPUAGG_TOOLS_REPORT_UNMATCHED_USERS_H_

#include <vector>

#include "aggregate/report/unmatched.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// Fills in whether they have accounts, as far as the directory says. Takes those off the list who
// were to be left out and have an account: they are not there, as they should be.
void FindAccounts(const CommandContext& context, std::vector<aggregate::Unmatched>& unmatched);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_UNMATCHED_USERS_H_
