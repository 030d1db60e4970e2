// Alerts: which users have used more CPU than they should in the period that it is, each told once.
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

namespace cpuagg::notify {

// ALERT_CPU_HOURS.
struct AlertLimits {
  std::optional<acct::Ticks> everybody;
  // By name, or id in digits; without a value: none.
  std::map<std::string, std::optional<acct::Ticks>, std::less<>> users = {};

  bool empty() const { return !everybody.has_value() && users.empty(); }
  // Of a row of users.
  std::optional<acct::Ticks> For(const aggregate::ReportRow& row) const;
};

// InvalidArgument names the entry that is neither hours nor USER=hours nor USER=none.
absl::StatusOr<AlertLimits> ParseAlertLimits(absl::string_view text);

// A limit that a user has passed in a period, and that has been told.
struct AlertMark {
  uint32_t uid = 0;
  std::string user = {};    // empty without a name
  std::string period = {};  // as in ALERT_PERIOD
  int64_t begin = 0;        // of the period, in seconds since 1970
  uint64_t limit_ticks = 0;

  friend bool operator==(const AlertMark&, const AlertMark&) = default;
};

// A user who has passed a limit.
struct PassedLimit {
  AlertMark mark;
  aggregate::ReportRow row;
};

// Who in `report`, which has a row for each user, has passed a limit that none of `told` has. The
// report's period must be the calendar's that `period` names, its begin not infinite.
std::vector<PassedLimit> FindPassedLimits(const aggregate::Report& report,
                                          const AlertLimits& limits, absl::string_view period,
                                          const std::vector<AlertMark>& told);

// What is to be told of them, in at most kTextLimit visible characters. `report`, which has an id,
// is that in which they were found, and `commands` has rows of the same users by command.
std::string RenderAlert(const aggregate::Report& report, const std::vector<PassedLimit>& passed,
                        const aggregate::Report& commands);

// Leaves of `marks` those that can still matter at `begin`, when the period of theirs began.
void ForgetPast(absl::string_view period, int64_t begin, std::vector<AlertMark>& marks);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_ALERT_H_
