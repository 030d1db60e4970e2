// Finds the name of the machine that a report is about.

#ifndef CPUAGG_TOOLS_REPORT_REPORT_HOST_H_
#define CPUAGG_TOOLS_REPORT_REPORT_HOST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// The machine of the accounting files or folders `files`: --host, or HOST_NAME of the environment.
// Otherwise this one if they all are its accounting file or lie where that is rotated to; empty if
// not, since a copy of a file does not tell where it is from.
std::string HostOfFiles(const CommandContext& context, const std::vector<std::string>& files);

// The machine of the store, whose last run was on `collected_on` (empty if unknown): HOST_NAME of
// the environment. Otherwise `collected_on` if the store was named by --store. --host asks for it,
// under this name or `collected_on`, and names it if that is unknown. InvalidArgument if --host
// asks for another one.
absl::StatusOr<std::string> HostOfStore(const CommandContext& context,
                                        const std::string& collected_on);

// Warns that the names of users are this machine's, although --host says that the records are not.
void WarnOfForeignNames(CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_REPORT_HOST_H_
