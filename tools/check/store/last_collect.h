// Checks when the last collect run was, and whether it was in time.

#ifndef CPUAGG_TOOLS_CHECK_STORE_LAST_COLLECT_H_
#define CPUAGG_TOOLS_CHECK_STORE_LAST_COLLECT_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "aggregate/store/snapshot_store.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

struct CollectQuestion {
  absl::Time now;
  // The last time that a run held the lock, even if it found nothing new or failed; infinite past
  // if none did.
  absl::Time begun = absl::InfinitePast();
  // When the accounting file was last written to, before this program's own processes were
  // recorded.
  absl::Time accounting_written = absl::InfinitePast();
  // The longest time between two runs; nullopt if unknown.
  std::optional<absl::Duration> period;
  std::optional<bool> is_clock_synchronized;  // nullopt if unknown
  bool has_systemd = false;                   // whether systemd runs
  std::string collect;                        // the command that collects
};

// The modification time of a file; infinite past if there is no such file.
absl::Time WrittenAt(const std::string& path);

// The finding "store_collect". Uses the snapshot of the last run, which need not be the one with
// the latest date: the clock may have been ahead.
Finding CheckLastCollect(const CollectQuestion& question, const aggregate::StoreListing& listing);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_STORE_LAST_COLLECT_H_
