// Finds out to which file the kernel writes its accounting records.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STATE_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STATE_H_

#include <string>

#include "tools/config/command_context.h"

namespace cpuagg::tools {

// The absolute path of the configured accounting file, so that a remembered path is valid from any
// directory.
std::string AccountingPath(const CommandContext& command);

// Whether a process that ends leaves a record in the file at `path`.
bool IsWrittenTo(const std::string& path);

// Whether that becomes `expected` within two seconds.
bool WillBeWrittenTo(const std::string& path, bool expected);

// The file to which the kernel writes, if it is not `file`: a usual one, or the configured one.
// Empty if the kernel writes to another file, which it does not reveal.
std::string FindOtherFile(const CommandContext& command, const std::string& file);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_ACCOUNTING_STATE_H_
