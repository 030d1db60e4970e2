// Units as systemctl shows them, and what CheckSchedule() finds, for tests.

#ifndef CPUAGG_TOOLS_CHECK_SCHEDULE_CHECKED_SCHEDULE_H_
#define CPUAGG_TOOLS_CHECK_SCHEDULE_CHECKED_SCHEDULE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/check/schedule/schedule_facts.h"

namespace cpuagg::tools::check::testing {

inline std::string Timer(const std::string& name, const std::string& active,
                         const std::string& enabled) {
  return absl::StrCat("Id=", name, ".timer\nLoadState=loaded\nActiveState=", active,
                      "\nUnitFileState=", enabled, "\nLastTriggerUSec=n/a\n\n");
}

inline constexpr char kUnit[] =
    "Id=cpuagg-collect.service\nLoadState=loaded\nActiveState=inactive\nResult=success\n"
    "User=root\nAmbientCapabilities=cap_dac_read_search\n\n";

inline std::vector<Finding> Check(const ScheduleFacts& facts) {
  Findings findings;
  CheckSchedule(facts, findings);
  return findings.Get();
}

// The first with this id; nullptr if there is none.
inline const Finding* Find(const std::vector<Finding>& findings, const std::string& id) {
  for (const Finding& finding : findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

}  // namespace cpuagg::tools::check::testing

#endif  // CPUAGG_TOOLS_CHECK_SCHEDULE_CHECKED_SCHEDULE_H_
