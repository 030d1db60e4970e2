// Alerts: which users have used more CPU than they should in the period that it is, each told once.
//
//   absl::StatusOr<AlertLimits> limits = ParseAlertLimits("200, alice=500, ci-runner=none");

#ifndef CPUAGG_NOTIFY_ALERT_H_
#define CPUAGG_NOTIFY_ALERT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/units.h"
#include "aggregate/report.h"

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

struct PassedLimits {
  std::vector<AlertMark> marks;  // those not told yet; nothing to do if there are none
  std::string html;              // what is to be told, in at most kTextLimit visible characters
};

// Who in `report`, which has a row for each user and `id`, has passed a limit that none of `told`
// has. The report's period must be the calendar's that `period` names, its begin not infinite.
PassedLimits FindPassedLimits(const aggregate::Report& report, const AlertLimits& limits,
                              absl::string_view period, const std::vector<AlertMark>& told);

// Leaves of `marks` those that can still matter at `begin`, when the period of theirs began.
void ForgetPast(absl::string_view period, int64_t begin, std::vector<AlertMark>& marks);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_ALERT_H_
