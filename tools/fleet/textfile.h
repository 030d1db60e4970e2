// The counters of the store as a file for node_exporter's textfile collector: TEXTFILE.

#ifndef CPUAGG_TOOLS_FLEET_TEXTFILE_H_
#define CPUAGG_TOOLS_FLEET_TEXTFILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/fleet/fleet_counters.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// The path of the file that TEXTFILE names, itself or by its directory; nullopt if it is not set.
// InvalidArgument if it is neither.
absl::StatusOr<std::optional<std::string>> FindTextfile(const CommandContext& context);

struct TextfileUpdate {
  absl::Time now;
  std::optional<int> keep_days = std::nullopt;  // Retention::days
  // Users have been deleted from the store on purpose: whoever it does not have any more is deleted
  // from the file, too.
  bool forgets = false;
};

// Writes the file anew. No counter in it becomes smaller, also if the store is another one than
// when it was written last. Locks the store. InvalidArgument if the file is of somebody else.
absl::Status UpdateTextfile(const std::string& path, const aggregate::SnapshotStore& store,
                            const TextfileUpdate& update);

// The counters of the store with those of earlier stores; not below those in the file at `path`, if
// there is one.
absl::StatusOr<notify::FleetCounters> CountersToShow(const aggregate::SnapshotStore& store,
                                                     const std::optional<std::string>& path,
                                                     std::vector<std::string>& damage);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_FLEET_TEXTFILE_H_
