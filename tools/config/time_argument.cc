#include "tools/config/time_argument.h"

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/named_period.h"

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
  if (const std::optional<Period> period = aggregate::NamedPeriod(name, now, zone)) return *period;
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": '", name,
      "' is not a period; it must be one of hour, day, week, month, last-hour, last-day, "
      "last-week, last-month, all or since-last"));
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
