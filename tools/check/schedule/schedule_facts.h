// The timers and crontabs that run cpuagg, as they are found.

#ifndef CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_FACTS_H_
#define CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_FACTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {

// The properties of units by their names ("cpuagg-collect.timer"), as `systemctl show` prints them.
using Units = std::map<std::string, std::map<std::string, std::string>>;
Units ParseUnits(absl::string_view shown);

struct ScheduleFacts {
  bool has_systemd = false;
  absl::StatusOr<Units> units = Units();
  Crontabs cron;
  // Whether a daemon runs that obeys crontabs; nullopt if no process of others is seen.
  std::optional<bool> cron_runs;
  // Timers that are enabled for the next boot, where systemd does not run.
  std::vector<std::string> enabled_for_boot;
  // Units that are masked then: what is enabled of them begins nothing.
  std::vector<std::string> masked_for_boot;
  // In a chroot or a container, where others may be meant to run things: an image that is made here
  // has no daemon yet, and one of outside may obey the crontabs here.
  bool is_confined = false;
  bool sends = false;   // a chat is configured
  std::string program;  // the path of this program, if root's cron may run it
};

// Asks systemd, if it runs, and reads the crontabs below `root`, which is "" but in tests.
ScheduleFacts GatherSchedule(const std::string& root, bool sends);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_FACTS_H_
