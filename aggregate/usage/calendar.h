// The calendar of a zone's clock: the hour, day, week, month or year that contains a time. All code
// that divides time uses it, so that everything counts by the same units.
//
//   const Period day = PeriodOf(CalendarUnit::kDay, now, zone);
//   CalendarBuckets hours(CalendarUnit::kHour, zone);
//   hours.BeginOf(seconds);  // the same for very many times
//
// Every time is in exactly one period of each unit, and each period ends where the next one begins,
// whatever happens to the clock:
//
// - An hour lies between two full hours of the clock, and is cut where the clock is put forward or
//   back. If that is not at a full hour (Lord Howe Island changes by half an hour; the Chatham
//   Islands at a quarter to; Newfoundland, until 2011, at a minute past midnight), the pieces are
//   hours of their own.
// - A day begins when the clock first shows its date or a later one. It begins at one o'clock if
//   midnight is skipped, and never if the whole day is skipped. A clock that is put back over
//   midnight does not return to the previous day: that hour belongs to the day that has begun.
// - A week begins with its Monday, months and years with their first day.
//
// Each day consists of whole hours, and so does every longer unit.

#ifndef CPUAGG_AGGREGATE_USAGE_CALENDAR_H_
#define CPUAGG_AGGREGATE_USAGE_CALENDAR_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

enum class CalendarUnit { kHour, kDay, kWeek, kMonth, kYear };

// What units are called, in their order.
inline constexpr std::array<absl::string_view, 5> kUnitNames = {"hour", "day", "week", "month",
                                                                "year"};
constexpr absl::string_view NameOf(CalendarUnit unit) {
  return kUnitNames[static_cast<size_t>(unit)];
}

// The period of the unit that contains `time`, which is finite. Its ends are whole seconds.
Period PeriodOf(CalendarUnit unit, absl::Time time, absl::TimeZone zone);

// The period of the unit that ends where the one of `begin` begins.
Period PeriodEndingAt(CalendarUnit unit, absl::Time begin, absl::TimeZone zone);

// The date of the day that contains `time`: what the clock shows, or a later date if the clock has
// been put back over midnight. So dates never go back.
absl::CivilDay DateOf(absl::Time time, absl::TimeZone zone);

// The beginning of the day with that date, or of the next one if that day is skipped.
absl::Time BeginOfDate(absl::CivilDay date, absl::TimeZone zone);

// Finds the units of many times. Caches recent results, since records are nearly in order of time:
// in the order in which processes ended, plus or minus how long they ran.
class CalendarBuckets {
 public:
  CalendarBuckets(CalendarUnit unit, absl::TimeZone zone) : unit_(unit), zone_(zone) {}

  // The beginning of the unit of `time`; both in seconds since 1970.
  ABSL_ATTRIBUTE_ALWAYS_INLINE int64_t BeginOf(int64_t time) { return Of(time).begin; }

  // The end of the unit.
  int64_t EndOf(int64_t time) {
    const Known& known = Of(time);
    return known.begin + static_cast<int64_t>(known.seconds);
  }

 private:
  // A unit; none at first.
  struct Known {
    int64_t begin = 0;
    uint64_t seconds = 0;
  };

  ABSL_ATTRIBUTE_ALWAYS_INLINE const Known& Of(int64_t time) {
    // Nearly all hours begin at a quarter of an hour, so nearly all times of one cache slot are in
    // the same unit.
    Known& known = known_[static_cast<uint64_t>(time) / 900 % known_.size()];
    if (static_cast<uint64_t>(time) - static_cast<uint64_t>(known.begin) >= known.seconds) {
      known = Find(time);
    }
    return known;
  }

  Known Find(int64_t time) const;

  CalendarUnit unit_;
  absl::TimeZone zone_;
  std::array<Known, 16> known_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_CALENDAR_H_
