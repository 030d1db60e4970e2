// Checks whether running processes are visible, whether the clock is right, and whether users have
// names.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_PROCESS_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_PROCESS_CHECKS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"

namespace cpuagg::tools::check {

// The finding "processes": what the /proc at `root` shows to the current user. If that is not
// `collector`, the collector may see something else.
Finding CheckProcesses(const std::string& root, const absl::StatusOr<acct::ProcessTable>& table,
                       const Collector& collector);

struct ClockFacts {
  absl::Time now;
  std::optional<absl::Time> last_record;    // the latest end of a process among the last records
  std::optional<absl::Time> newest_record;  // the end of the last record, which may be earlier
  std::optional<bool> is_synchronized;      // by NTP; nullopt if the kernel does not say
  bool has_systemd = false;                 // whether systemd runs, of which timedatectl is a part
  std::string zone_problem;                 // why the time zone is not the one in TZ
  std::string zone;                         // "Europe/Berlin"
};
// Reads adjtimex(2) without changing anything.
std::optional<bool> IsClockSynchronized();
// Adds "clock" and "time_zone".
void CheckClock(const ClockFacts& facts, Findings& findings);

// The finding "user_directory": asks `names`, which has a time limit, for `users`, and measures the
// time.
Finding CheckUserDirectory(aggregate::UserDirectory& names, const std::vector<acct::Uid>& users);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_PROCESS_CHECKS_H_
