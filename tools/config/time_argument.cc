#include "tools/config/time_argument.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/named_period.h"
#include "tools/config/nearest_name.h"

namespace cpuagg::tools {
namespace {

using aggregate::BeginOfDate;
using aggregate::CalendarUnit;
using aggregate::DateOf;
using aggregate::Period;

// "36h" -> 36 hours; false for anything else.
bool ParseAge(absl::string_view text, absl::Duration& age) {
  int64_t count;
  if (text.size() < 2 || !absl::ascii_isdigit(text[0]) ||
      !absl::SimpleAtoi(text.substr(0, text.size() - 1), &count)) {
    return false;
  }
  switch (text.back()) {
    case 's':
      age = absl::Seconds(count);
      return true;
    case 'm':
      age = absl::Minutes(count);
      return true;
    case 'h':
      age = absl::Hours(count);
      return true;
    case 'd':
      age = absl::Hours(24) * count;
      return true;
    case 'w':
      age = absl::Hours(24 * 7) * count;
      return true;
    default:
      return false;
  }
}

// "3 weeks ago", "1 month ago"; false for anything else. A month ago the calendar showed the same
// day, or the last one of its month.
bool ParseAgeInWords(absl::string_view text, absl::Time now, absl::TimeZone zone,
                     absl::Duration& age) {
  if (!absl::ConsumeSuffix(&text, " ago")) return false;
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  int64_t count;
  if (words.size() != 2 || !absl::ascii_isdigit(words[0][0]) ||
      !absl::SimpleAtoi(words[0], &count)) {
    return false;
  }
  absl::string_view unit = words[1];
  absl::ConsumeSuffix(&unit, "s");
  if (unit == "second" || unit == "minute" || unit == "hour" || unit == "day" || unit == "week") {
    return ParseAge(absl::StrCat(words[0], unit.substr(0, 1)), age);
  }
  if (unit != "month" && unit != "year") return false;
  constexpr int64_t kMost = 100'000;
  if (count > kMost) {
    age = absl::InfiniteDuration();
    return true;
  }
  const absl::CivilSecond shown = absl::ToCivilSecond(now, zone);
  const absl::CivilMonth month = absl::CivilMonth(shown) - (unit == "year" ? 12 * count : count);
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const absl::CivilDay day = std::min(absl::CivilDay(month) + (shown.day() - 1), last);
  age = now - absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), shown.hour(),
                                                shown.minute(), shown.second()),
                              zone);
  return true;
}

constexpr std::array<absl::string_view, 7> kWeekdays = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

// The day that `word` names: "today", "yesterday", "tomorrow", or the latest one of a weekday, such
// as "monday" or "mon", which may be today.
std::optional<absl::CivilDay> NamedDay(absl::string_view word, absl::Time now,
                                       absl::TimeZone zone) {
  const Period today = PeriodOf(CalendarUnit::kDay, now, zone);
  const absl::CivilDay date = DateOf(now, zone);
  if (word == "today") return date;
  if (word == "yesterday") {
    return DateOf(PeriodEndingAt(CalendarUnit::kDay, today.begin, zone).begin, zone);
  }
  if (word == "tomorrow") return DateOf(today.end, zone);
  for (size_t i = 0; i < kWeekdays.size(); ++i) {
    constexpr size_t kShortest = 3;
    if (word.size() < kShortest || !absl::StartsWith(kWeekdays[i], word)) continue;
    const auto wanted = static_cast<absl::Weekday>(i);
    return absl::GetWeekday(date) == wanted ? date : absl::PrevWeekday(date, wanted);
  }
  return std::nullopt;
}

// "18:00", "yesterday 18:00" and "monday 18" with the date of the day; empty for anything else.
std::string WithDate(absl::string_view text, absl::Time now, absl::TimeZone zone) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  std::optional<absl::CivilDay> day = NamedDay(parts.first, now, zone);
  absl::string_view clock = parts.second;
  // A number alone could be anything.
  if (!day.has_value() && clock.empty() && absl::StrContains(text, ':')) {
    day = NamedDay("today", now, zone);
    clock = parts.first;
  }
  if (!day.has_value() || clock.empty() ||
      clock.find_first_not_of("0123456789:") != absl::string_view::npos) {
    return "";
  }
  return absl::StrCat(absl::FormatCivilTime(*day), " ", clock);
}

// Calendars can write more years, but these are enough for records.
constexpr absl::civil_year_t kLastYear = 9999;
bool IsYearOfRecords(absl::civil_year_t year) { return year >= 1970 && year <= kLastYear; }

// The list has no units. A report is of what is over: "weekly" means last-week, "daily" yesterday.
std::string DidYouMeanPeriod(absl::string_view nearest) {
  if (nearest.empty()) return "";
  const bool is_unit = std::find(aggregate::kUnitNames.begin(), aggregate::kUnitNames.end(),
                                 nearest) != aggregate::kUnitNames.end();
  return absl::StrCat("; did you mean ",
                      nearest == "day" ? "yesterday"
                      : is_unit        ? absl::StrCat("last-", nearest)
                                       : std::string(nearest),
                      "?");
}

// "last-7-days", "7days" and "7d" are not periods of the calendar. Empty for anything else.
std::string DidYouMeanSince(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "last")) absl::ConsumePrefix(&name, "past");
  absl::ConsumePrefix(&name, "-");
  const absl::string_view count =
      name.substr(0, std::min(name.find_first_not_of("0123456789"), name.size()));
  name.remove_prefix(count.size());
  absl::ConsumePrefix(&name, "-");
  absl::ConsumeSuffix(&name, "s");
  for (const absl::string_view unit : {"day", "hour", "week", "d", "h", "w"}) {
    if (!count.empty() && name == unit) {
      return absl::StrCat("; did you mean --since ", count, unit.substr(0, 1), "?");
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view flag, absl::string_view text, absl::Time now,
                                     absl::TimeZone zone) {
  std::string words = absl::AsciiStrToLower(text);
  absl::RemoveExtraAsciiWhitespace(&words);
  if (words == "now") return now;
  const Period today = PeriodOf(CalendarUnit::kDay, now, zone);
  if (words == "today") return today.begin;
  if (words == "yesterday") return PeriodEndingAt(CalendarUnit::kDay, today.begin, zone).begin;
  absl::Duration age;
  if (ParseAge(words, age) || ParseAgeInWords(words, now, zone, age)) {
    if (now - age >= absl::UnixEpoch()) return now - age;
    const absl::string_view ago = absl::EndsWith(words, " ago") ? "" : " ago";
    return absl::InvalidArgumentError(absl::StrCat(
        flag, ": '", text, "'", ago, " is before 1970, when no accounting file began"));
  }
  absl::string_view seconds_text = text;
  int64_t seconds;
  if (absl::ConsumePrefix(&seconds_text, "@") && absl::SimpleAtoi(seconds_text, &seconds)) {
    if (seconds >= 0 &&
        IsYearOfRecords(absl::ToCivilYear(absl::FromUnixSeconds(seconds), zone).year())) {
      return absl::FromUnixSeconds(seconds);
    }
    return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text,
                                                   "' is not in the years 1970 to ", kLastYear,
                                                   "; write seconds since 1970, not milliseconds"));
  }
  if (const std::optional<absl::CivilDay> day = NamedDay(words, now, zone)) {
    return BeginOfDate(*day, zone);
  }
  const std::string dated = WithDate(words, now, zone);
  const absl::string_view clock = dated.empty() ? text : dated;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H",
                             "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
                             "%Y-%m-%d%ET%H:%M%Ez", "%Y-%m-%d%ET%H:%M:%S%Ez", "%Y-%m", "%Y"}) {
    absl::Time time;
    // It takes a leap second for the second after it.
    if (!absl::StrContains(clock, ":60") && absl::ParseTime(format, clock, zone, &time, nullptr) &&
        IsYearOfRecords(absl::ToCivilYear(time, zone).year())) {
      return time;
    }
  }
  std::vector<absl::string_view> days(kWeekdays.begin(), kWeekdays.end());
  days.insert(days.end(), {"today", "yesterday", "tomorrow", "now"});
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", text,
                   "' is not a time; write 2026-11-22, \"2026-11-22 14:00\", 14:00, \"yesterday "
                   "14:00\", monday, "
                   "2026-11, or how long ago: 90m, 36h, 7d, \"3 weeks ago\"",
                   DidYouMean(words, days)));
}

absl::StatusOr<absl::Duration> ParseLength(absl::string_view flag, absl::string_view text) {
  absl::Duration length;
  if (ParseAge(text, length) && length > absl::ZeroDuration()) return length;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", text, "' is not a length of time; write 30s, 90m, 36h, 3d or 2w"));
}

absl::StatusOr<Period> ParsePeriod(absl::string_view flag, absl::string_view name, absl::Time now,
                                   absl::TimeZone zone) {
  const std::string small = absl::AsciiStrToLower(name);
  if (const std::optional<Period> period = aggregate::NamedPeriod(small, now, zone)) {
    return *period;
  }
  constexpr std::array<absl::string_view, 13> kPeriods = {
      "today",     "yesterday", "last-day",  "this-week", "last-week", "this-month", "last-month",
      "this-year", "last-year", "this-hour", "last-hour", "all",       "since-last"};
  std::vector<absl::string_view> names(kPeriods.begin(), kPeriods.end());
  names.insert(names.end(), aggregate::kUnitNames.begin(), aggregate::kUnitNames.end());
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": '", name, "' is not a period; it must be one of ", absl::StrJoin(kPeriods, ", "),
      ", or a date: 2026-11-22, 2026-11 or 2026", flag == "--period" ? DidYouMeanSince(small) : "",
      DidYouMeanSince(small).empty() ? DidYouMeanPeriod(NearestName(small, names)) : ""));
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
