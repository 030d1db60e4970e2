#include "aggregate/usage/calendar.h"

#include <cstdint>

namespace cpuagg::aggregate {
namespace {

// The zone's table also has changes of only the name.
bool MovesClock(const absl::TimeZone::CivilTransition& transition) {
  return transition.from != transition.to;
}

absl::Time TimeOf(const absl::TimeZone::CivilTransition& transition, absl::TimeZone zone) {
  return zone.At(transition.to).trans;
}

Period HourOf(absl::Time time, absl::TimeZone zone) {
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  const absl::Duration local = second - absl::UnixEpoch() + absl::Seconds(zone.At(time).offset);
  absl::Duration past_the_hour = local % absl::Hours(1);
  if (past_the_hour < absl::ZeroDuration()) past_the_hour += absl::Hours(1);
  Period hour = {.begin = second - past_the_hour};
  hour.end = hour.begin + absl::Hours(1);
  absl::TimeZone::CivilTransition transition;
  // PrevTransition() searches strictly before its argument, so this includes `second` itself.
  for (absl::Time from = second + absl::Seconds(1); zone.PrevTransition(from, &transition);) {
    from = TimeOf(transition, zone);
    if (from <= hour.begin) break;
    if (MovesClock(transition)) {
      hour.begin = from;
      break;
    }
  }
  for (absl::Time from = second; zone.NextTransition(from, &transition);) {
    from = TimeOf(transition, zone);
    if (from >= hour.end) break;
    if (MovesClock(transition)) {
      hour.end = from;
      break;
    }
  }
  return hour;
}

}  // namespace

absl::Time BeginOfDate(absl::CivilDay date, absl::TimeZone zone) {
  return absl::FromCivil(date, zone);
}

absl::CivilDay DateOf(absl::Time time, absl::TimeZone zone) {
  absl::CivilDay date = absl::ToCivilDay(time, zone);
  while (BeginOfDate(date + 1, zone) <= time) ++date;
  return date;
}

Period PeriodOf(CalendarUnit unit, absl::Time time, absl::TimeZone zone) {
  const auto days = [zone](absl::CivilDay first, absl::CivilDay next) {
    return Period{.begin = BeginOfDate(first, zone), .end = BeginOfDate(next, zone)};
  };
  switch (unit) {
    case CalendarUnit::kHour:
      return HourOf(time, zone);
    case CalendarUnit::kDay: {
      const absl::CivilDay day = DateOf(time, zone);
      return days(day, day + 1);
    }
    case CalendarUnit::kWeek: {
      const absl::CivilDay monday =
          absl::PrevWeekday(DateOf(time, zone) + 1, absl::Weekday::monday);
      return days(monday, monday + 7);
    }
    case CalendarUnit::kMonth: {
      const absl::CivilMonth month(DateOf(time, zone));
      return days(absl::CivilDay(month), absl::CivilDay(month + 1));
    }
    case CalendarUnit::kYear: {
      const absl::CivilYear year(DateOf(time, zone));
      return days(absl::CivilDay(year), absl::CivilDay(year + 1));
    }
  }
  return {};
}

Period PeriodEndingAt(CalendarUnit unit, absl::Time begin, absl::TimeZone zone) {
  // A date or an hour may be skipped or occur twice; but the time just before `begin` is unique.
  return PeriodOf(unit, begin - absl::Nanoseconds(1), zone);
}

CalendarBuckets::Known CalendarBuckets::Find(int64_t time) const {
  const Period period = PeriodOf(unit_, absl::FromUnixSeconds(time), zone_);
  const int64_t begin = absl::ToUnixSeconds(period.begin);
  return {.begin = begin,
          .seconds = static_cast<uint64_t>(absl::ToUnixSeconds(period.end) - begin)};
}

}  // namespace cpuagg::aggregate
