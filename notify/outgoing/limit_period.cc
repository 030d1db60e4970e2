#include "notify/outgoing/limit_period.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/named_period.h"

namespace cpuagg::notify {
namespace {

using aggregate::CalendarUnit;
using aggregate::Period;
using When = LimitPeriod::When;

}  // namespace

std::string LimitPeriod::Name() const {
  switch (when) {
    case When::kNow:
      return absl::StrCat("the ", unit);
    case When::kLast:
      if (unit == "day") return "yesterday";
      return absl::StrCat(unit == "hour" ? "the last " : "last ", unit);
    case When::kEarlier:
      break;
  }
  return absl::StrCat("an earlier ", unit);
}

std::vector<LimitPeriod> PeriodsToCheck(absl::string_view unit, absl::Time now, absl::TimeZone zone,
                                        std::optional<absl::Time> last_check) {
  const CalendarUnit kind = aggregate::UnitOfPeriod(unit).value_or(CalendarUnit::kDay);
  const Period current = aggregate::PeriodOf(kind, now, zone);
  const Period last = aggregate::PeriodEndingAt(kind, current.begin, zone);
  std::vector<LimitPeriod> periods;
  const auto add = [&](const Period& period, When when) {
    periods.push_back({.unit = std::string(unit), .period = period, .when = when});
  };
  if (last_check.has_value() && *last_check < last.end) {
    constexpr size_t kMost = 30;
    const Period seen = aggregate::PeriodOf(kind, *last_check, zone);
    // Of the one before it, records may have been collected since.
    Period earlier = aggregate::PeriodEndingAt(kind, seen.begin, zone);
    while (earlier.begin < last.begin && periods.size() < kMost) {
      add(earlier, When::kEarlier);
      earlier = aggregate::PeriodOf(kind, earlier.end, zone);
    }
  }
  add(last, When::kLast);
  add(current, When::kNow);
  return periods;
}

}  // namespace cpuagg::notify
