// The calendar of a zone's clock: which hour, day, week, month or year a moment lies in. All that
// divides time asks here, so that what one counts is what another asks for.
//
//   const Period day = PeriodOf(CalendarUnit::kDay, now, zone);
//   CalendarBuckets hours(CalendarUnit::kHour, zone);
//   hours.BeginOf(seconds);  // the same for very many
//
// Every moment lies in exactly one of each unit, and each ends where the next begins, whatever is
// done to the clock:
//
// - An hour is what lies between two full hours of the clock, and is cut where the clock is put
//   forward or back. Where that is not at a full hour (Lord Howe Island by half an hour; the
//   Chatham Islands at a quarter to; Newfoundland, until 2011, a minute past midnight) it leaves
//   pieces that are hours of their own.
// - A day begins when the clock first shows it, or a later one: at one o'clock where midnight is
//   left out, and never where the whole day is. A clock that is put back over midnight does not
//   return to the day before: that hour belongs to the day that has begun.
// - A week begins with its Monday, months and years with their first day.
//
// Each day has whole hours, and so has everything longer.

#ifndef CPUAGG_AGGREGATE_USAGE_CALENDAR_H_
#define CPUAGG_AGGREGATE_USAGE_CALENDAR_H_

#include <array>
#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

enum class CalendarUnit { kHour, kDay, kWeek, kMonth, kYear };

// The one that holds `time`, which is finite. Its ends are whole seconds.
Period PeriodOf(CalendarUnit unit, absl::Time time, absl::TimeZone zone);

// The one that ends where the one of `begin` begins.
Period PeriodEndingAt(CalendarUnit unit, absl::Time begin, absl::TimeZone zone);

// The date of the day in which `time` lies, so that it never goes back: what the clock shows, or
// a later one where it has been put back over midnight.
absl::CivilDay DateOf(absl::Time time, absl::TimeZone zone);

// When the day of that date begins; or the next one, if it is left out.
absl::Time BeginOfDate(absl::CivilDay date, absl::TimeZone zone);

// Finds when the units of many moments began. Remembers where it looked, since records come nearly
// in order: by when the processes ended, give or take how long they ran.
class CalendarBuckets {
 public:
  CalendarBuckets(CalendarUnit unit, absl::TimeZone zone) : unit_(unit), zone_(zone) {}

  // When the unit of `time` began; both in seconds since 1970.
  ABSL_ATTRIBUTE_ALWAYS_INLINE int64_t BeginOf(int64_t time) { return Of(time).begin; }

  // When it ended.
  int64_t EndOf(int64_t time) {
    const Known& known = Of(time);
    return known.begin + static_cast<int64_t>(known.seconds);
  }

 private:
  // A unit, none at first.
  struct Known {
    int64_t begin = 0;
    uint64_t seconds = 0;
  };

  ABSL_ATTRIBUTE_ALWAYS_INLINE const Known& Of(int64_t time) {
    // Few hours begin but at a quarter of an hour, so that nearly all of what shares a place is in
    // one of them.
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
