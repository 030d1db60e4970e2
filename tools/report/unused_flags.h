// Flags that the source of a report or of records would not use. They are refused, since whoever
// gives them expects an effect.

#ifndef CPUAGG_TOOLS_REPORT_UNUSED_FLAGS_H_
#define CPUAGG_TOOLS_REPORT_UNUSED_FLAGS_H_

#include "absl/status/status.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// InvalidArgument for a flag of accounting files, in a report from the store. Not for --threads,
// which is a limit.
absl::Status CheckStoreFlags(const CommandContext& context);

// InvalidArgument for a flag of this machine's accounting file, in a report of HOST=FILE.
absl::Status CheckHostFileFlags(const Flags& flags);

// InvalidArgument for FILE with such a flag, in `records` and `sa`.
absl::Status CheckRecordFlags(const Flags& flags);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_UNUSED_FLAGS_H_
