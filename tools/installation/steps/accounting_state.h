// Where the kernel writes its accounting records, as far as that can be found out.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STATE_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STATE_H_

#include <string>

#include "tools/config/command_context.h"

namespace cpuagg::tools {

// The session's accounting file from the root on: what is remembered of it holds from anywhere.
std::string AccountingPath(const CommandContext& command);

// Whether a process that ends leaves a record in the file at `path`.
bool IsWrittenTo(const std::string& path);

// Whether that comes to be as expected within two seconds.
bool WillBeWrittenTo(const std::string& path, bool expected);

// The file to which the kernel writes where that is not `file`: one of the usual ones, or that of
// the session. Empty if none of them is; the kernel tells nobody of others.
std::string FindOtherFile(const CommandContext& command, const std::string& file);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STATE_H_
