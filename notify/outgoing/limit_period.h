// LimitPeriod: a period of the calendar in which users are compared with their limits.
//
//   for (const LimitPeriod& checked : PeriodsToCheck("day", now, zone, last_check)) ...

#ifndef CPUAGG_NOTIFY_OUTGOING_LIMIT_PERIOD_H_
#define CPUAGG_NOTIFY_OUTGOING_LIMIT_PERIOD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::notify {

struct LimitPeriod {
  enum class When { kNow, kLast, kEarlier };  // kLast: the one that ended last

  std::string unit;  // as in ALERT_PERIOD: "hour", "day", "week", "month"
  aggregate::Period period;
  When when = When::kNow;

  bool is_over() const { return when != When::kNow; }
  // "the day", "yesterday", "last week", "an earlier month".
  std::string Name() const;
};

// The periods that a check at `now` looks at, oldest first: the one of `now`, and the one that
// ended last, since a limit may have been passed after the last check in it, and since records may
// be collected late. If the same limits have been checked before, also those from the one before
// `last_check` on, of which the first thirty.
std::vector<LimitPeriod> PeriodsToCheck(absl::string_view unit, absl::Time now, absl::TimeZone zone,
                                        std::optional<absl::Time> last_check);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_LIMIT_PERIOD_H_
