// Whether running processes can be seen, the clock can be believed, and users have names.

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

// "processes": what the /proc at `root` shows to who asks. If that is not `collector`, it may show
// another picture to him.
Finding CheckProcesses(const std::string& root, const absl::StatusOr<acct::ProcessTable>& table,
                       const Collector& collector);

struct ClockFacts {
  absl::Time now;
  std::optional<absl::Time> last_record;    // when the latest of the last records ended
  std::optional<absl::Time> newest_record;  // when the last one ended, which may be earlier
  std::optional<bool> is_synchronized;  // with others, by NTP; nullopt where the kernel is silent
  std::string zone_problem;             // why the time zone is not what TZ says
  std::string zone;                     // "Europe/Berlin"
};
// As adjtimex(2) tells it, changing nothing.
std::optional<bool> IsClockSynchronized();
// "clock" and "time_zone".
void CheckClock(const ClockFacts& facts, Findings& findings);

// "user_directory": asks `names`, which is bounded, for `users`, and takes the time.
Finding CheckUserDirectory(aggregate::UserDirectory& names, const std::vector<acct::Uid>& users);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_PROCESS_CHECKS_H_
