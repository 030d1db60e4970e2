// Which users of a fleet a report is about, as conditions on the series of an engine.

#ifndef CPUAGG_NOTIFY_FLEET_USER_CHOICE_H_
#define CPUAGG_NOTIFY_FLEET_USER_CHOICE_H_

#include <vector>

#include "aggregate/report/report.h"
#include "notify/fleet/promql.h"

namespace cpuagg::notify {

struct UserChoice {
  std::vector<Conditions> chosen;
  // Those that were asked for, and are ignored; empty if nobody is.
  std::vector<Conditions> excluded;
};

// By the users of `options`. `base` holds for all.
UserChoice ChooseUsers(const aggregate::ReportOptions& options, const Conditions& base);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_USER_CHOICE_H_
