// How long the store keeps what it has: --keep and --keep-hours, or KEEP and KEEP_HOURS.

#ifndef CPUAGG_TOOLS_COLLECT_RETENTION_H_
#define CPUAGG_TOOLS_COLLECT_RETENTION_H_

#include "absl/status/statusor.h"
#include "aggregate/store/compaction.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// InvalidArgument names the flag or key that is wrong.
absl::StatusOr<aggregate::Retention> FindRetention(const CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_COLLECT_RETENTION_H_
