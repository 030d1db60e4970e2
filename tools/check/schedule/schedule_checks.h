// Checks what runs cpuagg regularly, timers of systemd or lines of a crontab, and as which user.

#ifndef CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_CHECKS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_facts.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {

// Adds "schedule_collect", "schedule_report" and "schedule_deliver", "schedule_result" for each
// unit that failed, and "schedule_twice" for each report that is scheduled twice.
void CheckSchedule(const ScheduleFacts& facts, Findings& findings);

inline constexpr char kCollectUnit[] = "cpuagg-collect.service";
inline constexpr char kWhoAsks[] = "who asks";

// The user that collects, and whether that user may read every file. It is the user of the unit. If
// the timer is off and a line of a crontab collects, it is the user of that line. Otherwise it is
// the owner of the store.
struct Collector {
  Identity who;
  bool may_read_everything = false;
  // kCollectUnit, the path of a crontab, "the owner of the store", or kWhoAsks if no collector is
  // known.
  std::string source;
  std::string problem;  // why no collector is known, if that should be fixed
};
Collector FindCollector(const ScheduleFacts& facts, const std::string& store);

// Whether the timer that collects is active.
bool CollectsByTimer(const ScheduleFacts& facts);

// The longest time between two collect runs, from the timer or a crontab; nullopt if neither shows
// it.
std::optional<absl::Duration> CollectPeriod(const ScheduleFacts& facts);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_CHECKS_H_
