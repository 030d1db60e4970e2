// Checks whether the store has what was collected, and whether the collector can add to it.

#ifndef CPUAGG_TOOLS_CHECK_STORE_STORE_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_STORE_STORE_CHECKS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "aggregate/store/snapshot_store.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"

namespace cpuagg::tools::check {

struct StoreQuestion {
  std::string directory;
  absl::Time now;
  absl::TimeZone zone;
  Collector collector;
  std::string collect;             // the command that collects into it
  bool collects_by_timer = false;  // then the timer's unit collects, not `collect`
  // See CollectQuestion (last_collect.h).
  absl::Time accounting_written = absl::InfinitePast();
  std::optional<absl::Duration> period = std::nullopt;
  std::optional<bool> is_clock_synchronized = std::nullopt;
  bool has_systemd = false;
  std::optional<int> days_kept;  // KEEP
  int days_of_hours = 0;         // KEEP_HOURS
};

// Adds all findings about the store: "store", "store_owner", "store_writable", "store_collect",
// "store_gaps", "store_damage", "store_size" and "store_space". Reads the store without its lock,
// and changes nothing.
void CheckStore(const StoreQuestion& question, Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_STORE_STORE_CHECKS_H_
