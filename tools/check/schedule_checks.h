// What runs cpuagg by itself: timers of systemd, or lines of a crontab; and as whom.

#ifndef CPUAGG_TOOLS_CHECK_SCHEDULE_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SCHEDULE_CHECKS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/check/finding.h"
#include "tools/check/identity.h"

namespace cpuagg::tools::check {

// The properties of units by their names ("cpuagg-collect.timer"), as `systemctl show` prints them.
using Units = std::map<std::string, std::map<std::string, std::string>>;
Units ParseUnits(absl::string_view shown);

struct CronLine {
  std::string path;  // of the file that it stands in; of a script, that itself
  std::string text;
};

// The lines of crontab `text` that run cpuagg.
std::vector<CronLine> CronLinesIn(absl::string_view text, const std::string& path);

struct ScheduleFacts {
  bool has_systemd = false;
  absl::StatusOr<Units> units = Units();
  std::vector<CronLine> cron;
  std::vector<std::string> unread;  // crontabs that this user may not read
  bool sends = false;               // a chat is configured
};

// Asks systemd, if it runs, and reads the crontabs below `root`, which is "" but in tests.
ScheduleFacts GatherSchedule(const std::string& root, bool sends);

// "schedule_collect", "schedule_report", "schedule_deliver", "schedule_result" for each unit that
// failed, and "schedule_twice".
void CheckSchedule(const ScheduleFacts& facts, Findings& findings);

// Who collects, and whether he may read every file: the unit's user, or else the owner of the
// store, or root.
struct Collector {
  Identity who;
  bool may_read_everything = false;
  std::string source;  // "cpuagg-collect.service"
};
Collector FindCollector(const ScheduleFacts& facts, const std::string& store);

// Whether the timer that collects is switched on, and so how often that is expected.
bool CollectsByTimer(const ScheduleFacts& facts);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SCHEDULE_CHECKS_H_
