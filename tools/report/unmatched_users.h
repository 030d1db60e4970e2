// Looks up requested users that do not appear in a report.

#ifndef CPUAGG_TOOLS_REPORT_UNMATCHED_USERS_H_
#define CPUAGG_TOOLS_REPORT_UNMATCHED_USERS_H_

#include <vector>

#include "aggregate/report/unmatched.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// Fills in whether they have accounts, if the directory knows. Removes ignored users, and those of
// a list of departments, who have an account: their absence is intended.
void FindAccounts(const CommandContext& context, std::vector<aggregate::Unmatched>& unmatched);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_UNMATCHED_USERS_H_
