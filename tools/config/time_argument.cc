#include "tools/config/time_argument.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::tools {
namespace {

using aggregate::CalendarUnit;
using aggregate::Period;

// "36h" -> 36 hours; false for anything else.
bool ParseAgo(absl::string_view text, absl::Duration& ago) {
  int64_t count;
  if (text.size() < 2 || !absl::ascii_isdigit(text[0]) ||
      !absl::SimpleAtoi(text.substr(0, text.size() - 1), &count)) {
    return false;
  }
  switch (text.back()) {
    case 's':
      ago = absl::Seconds(count);
      return true;
    case 'm':
      ago = absl::Minutes(count);
      return true;
    case 'h':
      ago = absl::Hours(count);
      return true;
    case 'd':
      ago = absl::Hours(24) * count;
      return true;
    case 'w':
      ago = absl::Hours(24 * 7) * count;
      return true;
    default:
      return false;
  }
}

// The meaning of "day" and "last-day".
struct CalendarName {
  CalendarUnit unit;
  bool is_last;  // the last complete one, instead of the current one
};

std::optional<CalendarName> ParseCalendarName(absl::string_view name) {
  const bool is_last = absl::ConsumePrefix(&name, "last-");
  if (name == "hour") return CalendarName{CalendarUnit::kHour, is_last};
  if (name == "day") return CalendarName{CalendarUnit::kDay, is_last};
  if (name == "week") return CalendarName{CalendarUnit::kWeek, is_last};
  if (name == "month") return CalendarName{CalendarUnit::kMonth, is_last};
  return std::nullopt;
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
  const absl::CivilDay date = aggregate::DateOf(time, zone);
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

// Calendars can write more years, but these are enough for records.
bool IsYearOfRecords(absl::civil_year_t year) { return year >= 1970 && year <= 9999; }

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view flag, absl::string_view text, absl::Time now,
                                     absl::TimeZone zone) {
  if (text == "now") return now;
  const Period today = PeriodOf(CalendarUnit::kDay, now, zone);
  if (text == "today") return today.begin;
  if (text == "yesterday") return PeriodEndingAt(CalendarUnit::kDay, today.begin, zone).begin;
  absl::Duration ago;
  if (ParseAgo(text, ago)) {
    if (now - ago >= absl::UnixEpoch()) return now - ago;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": '", text, "' ago is before 1970, when no accounting file began"));
  }
  absl::string_view seconds_text = text;
  int64_t seconds;
  if (absl::ConsumePrefix(&seconds_text, "@") && absl::SimpleAtoi(seconds_text, &seconds)) {
    return absl::FromUnixSeconds(seconds);
  }
  for (const char* format :
       {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d%ET%H:%M%Ez", "%Y-%m-%d%ET%H:%M:%S%Ez"}) {
    absl::Time time;
    if (absl::ParseTime(format, text, zone, &time, nullptr) &&
        IsYearOfRecords(absl::ToCivilYear(time, zone).year())) {
      return time;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": '", text,
      "' is not a time; write 2026-11-22, \"2026-11-22 14:00\", today, yesterday, or how "
      "long ago: 90m, 36h, 7d, 2w"));
}

absl::StatusOr<absl::Duration> ParseLength(absl::string_view flag, absl::string_view text) {
  absl::Duration length;
  if (ParseAgo(text, length) && length > absl::ZeroDuration()) return length;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", text, "' is not a length of time; write 30s, 90m, 36h, 3d or 2w"));
}

absl::StatusOr<Period> ParsePeriod(absl::string_view flag, absl::string_view name, absl::Time now,
                                   absl::TimeZone zone) {
  if (name == "all") return Period();
  const std::optional<CalendarName> calendar = ParseCalendarName(name);
  if (!calendar.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        flag, ": '", name,
        "' is not a period; it must be one of hour, day, week, month, last-hour, last-day, "
        "last-week, last-month, all or since-last"));
  }
  const Period current = PeriodOf(calendar->unit, now, zone);
  return calendar->is_last ? PeriodEndingAt(calendar->unit, current.begin, zone) : current;
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

absl::StatusOr<int> ParseDays(absl::string_view flag, absl::string_view text) {
  constexpr int kDaysPerYear = 365;
  constexpr int kMost = 100 * kDaysPerYear;
  absl::string_view number = text;
  int unit = 1;
  if (absl::ConsumeSuffix(&number, "w")) {
    unit = 7;
  } else if (absl::ConsumeSuffix(&number, "y")) {
    unit = kDaysPerYear;
  } else {
    absl::ConsumeSuffix(&number, "d");
  }
  int count;
  if (absl::SimpleAtoi(number, &count) && count >= 1 && count <= kMost / unit) return count * unit;
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": '", text, "' is not a number of days from 1 to ", kMost, "; write 400d, 60w or 2y"));
}

}  // namespace cpuagg::tools
