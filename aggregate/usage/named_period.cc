#include "aggregate/usage/named_period.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::aggregate {
namespace {

// The meaning of "day" and "last-day", and of a date.
struct CalendarName {
  CalendarUnit unit;
  bool is_last = false;  // the last complete one, instead of the current one
  std::optional<absl::CivilDay> first = std::nullopt;  // of a certain one
};

// A day, month or year of four digits: "2026-11-22", "2026-11", "2026".
std::optional<CalendarName> ParseDate(absl::string_view text) {
  const auto is_digits = [](absl::string_view field, size_t count) {
    return field.size() == count && std::all_of(field.begin(), field.end(), absl::ascii_isdigit);
  };
  const std::vector<absl::string_view> fields = absl::StrSplit(text, '-');
  if (fields.size() > 3 || !is_digits(fields[0], 4)) return std::nullopt;
  std::array<int, 3> numbers = {0, 1, 1};
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0 && !is_digits(fields[i], 2)) return std::nullopt;
    if (!absl::SimpleAtoi(fields[i], &numbers[i])) return std::nullopt;
  }
  const absl::CivilDay day(numbers[0], numbers[1], numbers[2]);
  // What does not exist would be a day of another month: February has no 30th.
  if (day.month() != numbers[1] || day.year() < 1970) return std::nullopt;
  constexpr std::array kUnits = {CalendarUnit::kYear, CalendarUnit::kMonth, CalendarUnit::kDay};
  return CalendarName{.unit = kUnits[fields.size() - 1], .first = day};
}

std::optional<CalendarName> ParseCalendarName(absl::string_view name) {
  if (name == "today") return CalendarName{.unit = CalendarUnit::kDay};
  if (name == "yesterday") return CalendarName{.unit = CalendarUnit::kDay, .is_last = true};
  if (const std::optional<CalendarName> date = ParseDate(name)) return date;
  const bool is_last = absl::ConsumePrefix(&name, "last-");
  if (!is_last) absl::ConsumePrefix(&name, "this-");
  const auto* const found = std::find(kUnitNames.begin(), kUnitNames.end(), name);
  if (found == kUnitNames.end()) return std::nullopt;
  return CalendarName{.unit = static_cast<CalendarUnit>(found - kUnitNames.begin()),
                      .is_last = is_last};
}

bool IsInfinite(absl::Time time) {
  return time == absl::InfinitePast() || time == absl::InfiniteFuture();
}

// `time`, if an hour begins then; else the beginning of the next hour.
absl::Time FirstHourFrom(absl::Time time, absl::TimeZone zone) {
  if (IsInfinite(time)) return time;
  const Period hour = PeriodOf(CalendarUnit::kHour, time, zone);
  return hour.begin == time ? time : hour.end;
}

// `time`, if an hour begins then; else the beginning of its hour.
absl::Time LastHourUntil(absl::Time time, absl::TimeZone zone) {
  return IsInfinite(time) ? time : PeriodOf(CalendarUnit::kHour, time, zone).begin;
}

// The time in `before` at which the clock shows the same as at `time` in the following period; an
// end of `before` if there is no such time.
absl::Time Counterpart(CalendarUnit unit, absl::Time time, const Period& before,
                       absl::TimeZone zone) {
  const absl::CivilDay date = DateOf(time, zone);
  absl::CivilSecond shown = absl::ToCivilSecond(time, zone);
  // If the clock was put back over midnight, a day that has begun counts as at its beginning as
  // long as the clock shows the previous day.
  if (unit != CalendarUnit::kHour && absl::CivilDay(shown) < date) shown = absl::CivilSecond(date);
  const absl::CivilSecond first = absl::ToCivilSecond(before.begin, zone);
  const auto at_the_time_of_day = [&](absl::CivilDay day) {
    return absl::CivilSecond(day.year(), day.month(), day.day(), shown.hour(), shown.minute(),
                             shown.second());
  };
  absl::CivilSecond wanted;
  switch (unit) {
    case CalendarUnit::kHour:
      wanted =
          absl::CivilSecond(absl::CivilHour(first)) + int64_t{shown.minute()} * 60 + shown.second();
      break;
    case CalendarUnit::kDay:
      wanted = at_the_time_of_day(absl::CivilDay(first));
      break;
    case CalendarUnit::kWeek:
      wanted = at_the_time_of_day(absl::CivilDay(shown) - 7);
      break;
    case CalendarUnit::kMonth:
      // If the month has no 31st, that is after its end.
      wanted = at_the_time_of_day(absl::CivilDay(absl::CivilMonth(first)) + (shown.day() - 1));
      break;
    case CalendarUnit::kYear:
      wanted = at_the_time_of_day(absl::CivilDay(first.year(), shown.month(), shown.day()));
      break;
  }
  // If the time occurs twice, the first one, unless that is before `before`. If it is skipped, the
  // time of the change.
  const absl::TimeZone::TimeInfo found = zone.At(wanted);
  absl::Time counterpart =
      found.kind == absl::TimeZone::TimeInfo::SKIPPED ? found.trans : found.pre;
  if (counterpart < before.begin) counterpart = found.post;
  return std::clamp(counterpart + zone.At(time).subsecond, before.begin, before.end);
}

}  // namespace

std::optional<Period> NamedPeriod(absl::string_view name, absl::Time now, absl::TimeZone zone) {
  if (name == "all") return Period();
  const std::optional<CalendarName> calendar = ParseCalendarName(name);
  if (!calendar.has_value()) return std::nullopt;
  if (calendar->first.has_value()) {
    return PeriodOf(calendar->unit, BeginOfDate(*calendar->first, zone), zone);
  }
  const Period current = PeriodOf(calendar->unit, now, zone);
  return calendar->is_last ? PeriodEndingAt(calendar->unit, current.begin, zone) : current;
}

std::optional<CalendarUnit> UnitOfPeriod(absl::string_view name) {
  const std::optional<CalendarName> calendar = ParseCalendarName(name);
  if (!calendar.has_value()) return std::nullopt;
  return calendar->unit;
}

std::optional<Period> PeriodBefore(absl::string_view name, const Period& period, absl::Time now,
                                   absl::TimeZone zone) {
  const absl::Time passed_until = std::min(period.end, now);
  if (const std::optional<CalendarName> calendar = ParseCalendarName(name)) {
    Period before = PeriodEndingAt(calendar->unit, period.begin, zone);
    if (calendar->is_last || passed_until == period.end) return before;
    if (passed_until <= period.begin) return std::nullopt;
    before.end = Counterpart(calendar->unit, passed_until, before, zone);
    if (before.end <= before.begin) return std::nullopt;
    return before;
  }
  if (!name.empty() || period.begin == absl::InfinitePast() || passed_until <= period.begin) {
    return std::nullopt;
  }
  return Period{.begin = period.begin - (passed_until - period.begin), .end = period.begin};
}

Period WholeHours(const Period& period, absl::TimeZone zone) {
  return {.begin = LastHourUntil(period.begin, zone), .end = FirstHourFrom(period.end, zone)};
}

absl::Time NearestHour(absl::Time time, absl::TimeZone zone) {
  const Period hour = PeriodOf(CalendarUnit::kHour, time, zone);
  return time - hour.begin < hour.end - time ? hour.begin : hour.end;
}

std::optional<Period> StoredPeriodBefore(absl::string_view name, const Period& period,
                                         absl::Time now, absl::TimeZone zone) {
  const std::optional<Period> before =
      PeriodBefore(name, WholeHours(period, zone), NearestHour(now, zone), zone);
  if (!before.has_value()) return std::nullopt;
  return WholeHours(*before, zone);
}

}  // namespace cpuagg::aggregate
