// FindRetention: how long the store keeps its data, from --keep and --keep-hours, or KEEP and
// KEEP_HOURS.

#ifndef CPUAGG_TOOLS_COLLECT_RETENTION_H_
#define CPUAGG_TOOLS_COLLECT_RETENTION_H_

#include "absl/status/statusor.h"
#include "aggregate/store/compaction.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// InvalidArgument names the flag or key with the invalid value.
absl::StatusOr<aggregate::Retention> FindRetention(const CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_COLLECT_RETENTION_H_
