// The groups that --group asks for.

#ifndef CPUAGG_TOOLS_REPORT_ASKED_GROUPS_H_
#define CPUAGG_TOOLS_REPORT_ASKED_GROUPS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "acct/record/units.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// The ids of the groups. Asks this host for names, for a limited time. InvalidArgument names the
// flag if it has no such group.
absl::StatusOr<std::vector<acct::Gid>> AskedGroups(const CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ASKED_GROUPS_H_
