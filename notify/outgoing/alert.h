// Alerts: finds the users whose CPU time in a period exceeds their limit. Each is reported once.
//
//   absl::StatusOr<AlertLimits> limits = ParseAlertLimits("200, alice=500, ci-runner=none");

#ifndef CPUAGG_NOTIFY_OUTGOING_ALERT_H_
#define CPUAGG_NOTIFY_OUTGOING_ALERT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "notify/outgoing/limit_period.h"

namespace cpuagg::notify {

// ALERT_CPU_HOURS.
struct AlertLimits {
  std::optional<acct::Ticks> everybody;
  // By name, or id in digits. nullopt: no limit.
  std::map<std::string, std::optional<acct::Ticks>, std::less<>> users = {};

  bool empty() const { return !everybody.has_value() && users.empty(); }
  // The limit for a row of users.
  std::optional<acct::Ticks> For(const aggregate::ReportRow& row) const;
};

// Parses the value of ALERT_CPU_HOURS. InvalidArgument names an entry that is neither hours nor
// USER=hours nor USER=none.
absl::StatusOr<AlertLimits> ParseAlertLimits(absl::string_view text);

// A limit that a user exceeded in a period, and that has been reported.
struct AlertMark {
  uint32_t uid = 0;
  std::string user = {};    // empty without a name
  std::string period = {};  // as in ALERT_PERIOD
  int64_t begin = 0;        // of the period, in seconds since 1970
  uint64_t limit_ticks = 0;

  friend bool operator==(const AlertMark&, const AlertMark&) = default;
};

// A user who exceeded a limit.
struct PassedLimit {
  AlertMark mark;
  aggregate::ReportRow row;
};

// The users in `report` who exceeded a limit that is not in `told`. `report` needs a row for each
// user, and is of `checked`, or of a longer period if the store does not divide it. Of a period
// that is over, a user is reported once, whatever the limit was: a new limit is for what is used
// from then on.
std::vector<PassedLimit> FindPassedLimits(const aggregate::Report& report,
                                          const AlertLimits& limits, const LimitPeriod& checked,
                                          const std::vector<AlertMark>& told);

// The alert about `passed`, in at most kTextLimit visible characters. `report`, which has an id, is
// the report in which they were found. `commands` has rows of the same users by command.
std::string RenderAlert(const aggregate::Report& report, const LimitPeriod& checked,
                        const std::vector<PassedLimit>& passed, const aggregate::Report& commands);

// Keeps only those of `marks` that still matter if checks look at periods of kind `period`
// from `begin` on.
void ForgetPast(absl::string_view period, int64_t begin, std::vector<AlertMark>& marks);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_ALERT_H_
