// Warns of users and groups for which the user directory gave no answer.

#ifndef CPUAGG_TOOLS_REPORT_UNKNOWN_NAMES_H_
#define CPUAGG_TOOLS_REPORT_UNKNOWN_NAMES_H_

#include "aggregate/names/user_directory.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

// For the users and groups in the output. With `by_department`, users without a name may lack their
// department.
void WarnOfUnknownNames(const aggregate::UserDirectory& directory, Console& console,
                        bool by_department = false);

// For the users of a collect run; later runs ask for them again.
void WarnOfUnresolvedUsers(const aggregate::UnknownNames& users, Console& console);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_UNKNOWN_NAMES_H_
