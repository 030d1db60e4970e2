// What runs cpuagg by itself: timers of systemd, or lines of a crontab; and as whom.

#ifndef CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_CHECKS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_facts.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {

// "schedule_collect", "schedule_report", "schedule_deliver", "schedule_result" for each unit that
// failed, and "schedule_twice" for each report that comes once more.
void CheckSchedule(const ScheduleFacts& facts, Findings& findings);

inline constexpr char kCollectUnit[] = "cpuagg-collect.service";
inline constexpr char kWhoAsks[] = "who asks";

// Who collects, and whether he may read every file: the unit's user, unless a line of a crontab
// collects and the timer is off, which is then who runs that; or else the owner of the store.
struct Collector {
  Identity who;
  bool may_read_everything = false;
  // kCollectUnit, the path of a crontab, "the owner of the store", or kWhoAsks for nobody known.
  std::string source;
  std::string problem;  // why nobody is known, if that is to be mended
};
Collector FindCollector(const ScheduleFacts& facts, const std::string& store);

// Whether the timer that collects is switched on.
bool CollectsByTimer(const ScheduleFacts& facts);

// How long it takes at most from one collect to the next, by the timer or a crontab; nullopt where
// neither says it.
std::optional<absl::Duration> CollectPeriod(const ScheduleFacts& facts);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_CHECKS_H_
