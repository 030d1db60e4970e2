// Says whose names the user directory did not give.

#ifndef CPUAGG_TOOLS_REPORT_UNKNOWN_NAMES_H_
#define CPUAGG_TOOLS_REPORT_UNKNOWN_NAMES_H_

#include "aggregate/names/user_directory.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

// Of the users and groups that something was printed of.
void WarnOfUnknownNames(const aggregate::UserDirectory& directory, Console& console);

// Of the users that a run collected something of, which later runs go on asking for.
void WarnOfUnresolvedUsers(const aggregate::UnknownNames& users, Console& console);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_UNKNOWN_NAMES_H_
