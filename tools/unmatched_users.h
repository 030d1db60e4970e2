// Asks the user directory about users that were asked for and are not in what is shown.

#ifndef CPUAGG_TOOLS_UNMATCHED_USERS_H_
#define CPUAGG_TOOLS_UNMATCHED_USERS_H_

#include <vector>

#include "aggregate/unmatched.h"
#include "tools/session.h"

namespace cpuagg::tools {

// Fills in whether they have accounts, as far as the directory says. Takes those off the list that
// were to be left out and are not there: nobody wonders at that, but for a name of --ignore-user
// that is no account's, which may be misspelt.
void FindAccounts(const Session& session, std::vector<aggregate::Unmatched>& unmatched);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_UNMATCHED_USERS_H_
