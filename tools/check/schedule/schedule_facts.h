// Finds the timers and crontabs that run cpuagg.

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

// The properties of units by unit name ("cpuagg-collect.timer"), parsed from the output of
// `systemctl show`.
using Units = std::map<std::string, std::map<std::string, std::string>>;
Units ParseUnits(absl::string_view shown);

struct ScheduleFacts {
  bool has_systemd = false;
  absl::StatusOr<Units> units = Units();
  Crontabs cron;
  // Whether a daemon that reads crontabs is running; nullopt if processes of others are not
  // visible.
  std::optional<bool> cron_runs;
  bool has_cron = false;      // such a daemon is installed
  std::string installs_cron;  // "apt-get install --no-install-recommends cron"; empty if unknown
  // The timers enabled for the next boot, if systemd does not run.
  std::vector<std::string> enabled_for_boot;
  // The units masked for the next boot: timers for them start nothing.
  std::vector<std::string> masked_for_boot;
  // This is a chroot or a container, where something outside may run jobs. An image that is being
  // built has no daemon yet, and a daemon outside may read the crontabs here.
  bool is_confined = false;
  bool sends = false;   // a chat is configured
  std::string program;  // the path of this program, if root's cron may run it
  // The flags with which cron's jobs use the paths that this check was asked about
  // (tools/check/findings/own_command.h); empty for the paths that the units use.
  std::string collect_flags;
  std::string send_flags;
};

// Asks systemd, if it runs, and reads the crontabs below `root`, which is "" except in tests.
ScheduleFacts GatherSchedule(const std::string& root, bool sends);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SCHEDULE_SCHEDULE_FACTS_H_
