// When something was collected last, and whether that was in time.

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
  // When a run had the lock last, whether it found something or not, and if it failed; infinite if
  // none had.
  absl::Time begun = absl::InfinitePast();
  // When the accounting file was written to before this program's own processes were recorded.
  absl::Time accounting_written = absl::InfinitePast();
  // How long it takes at most from one run to the next; nullopt where that is not known.
  std::optional<absl::Duration> period;
  std::optional<bool> is_clock_synchronized;  // nullopt where that is not known
  std::string collect;                        // the command that collects
};

// When a file was written to last; infinite past if it is none.
absl::Time WrittenAt(const std::string& path);

// "store_collect". The snapshot of the last run counts, which need not be the one with the latest
// date: the clock may have been ahead.
Finding CheckLastCollect(const CollectQuestion& question, const aggregate::StoreListing& listing);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_STORE_LAST_COLLECT_H_
