// Fuzzes the parsers of times and periods of the command line with arbitrary text.
//
// The first byte of the input chooses the zone and the current time; the rest is the text.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/fuzz_check.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/named_period.h"
#include "aggregate/usage/period.h"
#include "tools/config/time_argument.h"

namespace cpuagg::tools {
namespace {

using acct::testing::Require;
using aggregate::Period;

absl::TimeZone ZoneOf(size_t choice) {
  // Zones with summer time, quarters of an hour, half an hour of summer time, and a day that never
  // existed.
  static const absl::TimeZone* const kZones = [] {
    constexpr const char* kNames[] = {"UTC", "Europe/Berlin", "Asia/Kathmandu",
                                      "Australia/Lord_Howe", "Pacific/Apia"};
    auto* const zones = new absl::TimeZone[std::size(kNames) + 1];
    for (size_t i = 0; i < std::size(kNames); ++i) {
      Require(absl::LoadTimeZone(kNames[i], &zones[i]), "the system has time zones");
    }
    zones[std::size(kNames)] = absl::FixedTimeZone(-(9 * 3600 + 1800));
    return zones;
  }();
  return kZones[choice % 6];
}

absl::Time NowOf(size_t choice) {
  // An ordinary second, a time within it, both 2:30 on the day when Berlin's clocks are set back,
  // and the new year.
  constexpr int64_t kMilliseconds[] = {1'795'361'410'000, 1'795'361'410'999, 1'792'888'200'000,
                                       1'792'891'800'000, 1'798'761'600'000};
  return absl::FromUnixMillis(kMilliseconds[choice % std::size(kMilliseconds)]);
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

// The value of a string of digits; nullopt if it takes more than 63 bits.
std::optional<int64_t> NumberOf(absl::string_view digits) {
  __extension__ using Wide = __int128;
  Wide number = 0;
  for (const char c : digits) {
    number = number * 10 + (c - '0');
    if (number > INT64_MAX) return std::nullopt;
  }
  return static_cast<int64_t>(number);
}

// Whether a time may be infinite because it is too long ago to be represented.
bool MayBeInfinite(absl::string_view text) {
  constexpr int kManyDigits = 12;  // 2^63 seconds are 292 billion years
  int digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= kManyDigits) return true;
  }
  return false;
}

// The meaning of the simplest forms of times; not known for others.
struct Expected {
  bool is_known = false;
  std::optional<absl::Time> time;  // nullopt if the text must be refused
};

Expected ExpectedOf(absl::string_view text, absl::Time now, absl::TimeZone zone) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  if (text == "now") return {.is_known = true, .time = now};
  if (text == "today") return {.is_known = true, .time = absl::FromCivil(today, zone)};
  if (text == "yesterday") return {.is_known = true, .time = absl::FromCivil(today - 1, zone)};
  if (text.size() < 2) return {};
  const absl::string_view number = text.substr(1);
  if (text[0] == '@' && IsDigits(number)) {
    const std::optional<int64_t> seconds = NumberOf(number);
    if (!seconds.has_value()) return {.is_known = true};
    const absl::civil_year_t year = absl::ToCivilYear(absl::FromUnixSeconds(*seconds), zone).year();
    if (year < 1970 || year > 9999) return {.is_known = true};
    return {.is_known = true, .time = absl::FromUnixSeconds(*seconds)};
  }
  const absl::string_view count = text.substr(0, text.size() - 1);
  if (!IsDigits(count)) return {};
  double unit;
  switch (text.back()) {
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86'400;
      break;
    case 'w':
      unit = 604'800;
      break;
    default:
      return {};
  }
  const std::optional<int64_t> units = NumberOf(count);
  if (!units.has_value()) return {.is_known = true};
  // Exact where it matters: up to 2^53 seconds, beyond any calendar.
  const double seconds = static_cast<double>(*units) * unit;
  if (seconds > 9e15) return {};
  return {.is_known = true, .time = now - absl::Seconds(static_cast<int64_t>(seconds))};
}

void CheckTime(const std::string& text, absl::Time now, absl::TimeZone zone) {
  const absl::StatusOr<absl::Time> time = ParseTime("--since", text, now, zone);
  const Expected expected = ExpectedOf(text, now, zone);
  if (expected.is_known) {
    Require(time.ok() == expected.time.has_value(), "what is a time is one");
    Require(!time.ok() || *time == *expected.time, "it is the time that the text says");
  }
  if (!time.ok()) {
    Require(absl::StrContains(time.status().message(), "--since"), "an error names the flag");
    return;
  }
  // It begins a period: times before it are outside, even at the ends of time.
  const Period period = {.begin = *time};
  Require(period.Contains(*time) || *time == absl::InfiniteFuture(),
          "a period holds its beginning");
  if (*time == absl::InfinitePast() || *time == absl::InfiniteFuture()) {
    Require(MayBeInfinite(text), "only what is too far away is infinite");
    return;
  }
  const int64_t seconds = absl::ToUnixSeconds(*time);
  Require(absl::FromUnixSeconds(seconds) <= *time, "seconds are rounded down");
  Require(*time - absl::FromUnixSeconds(seconds) < absl::Seconds(1), "and by less than one");
  // The formatted time can be parsed again, within the range of calendars.
  const absl::civil_year_t year = absl::ToCivilYear(*time, zone).year();
  if (year < 1970 || year > 9999) {
    Require(text[0] == '@' || !absl::StrContains(text, "-"), "dates have years of four digits");
    return;
  }
  const std::string shown = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *time, absl::UTCTimeZone());
  const absl::StatusOr<absl::Time> again = ParseTime("--since", shown, now, zone);
  Require(again.ok(), "a time that is shown is a time");
  Require(*again == absl::FromUnixSeconds(seconds), "and the same one");
}

// The largest change of a clock, except that a zone may skip a day.
constexpr absl::Duration kLargestChange = absl::Hours(1);

void CheckLength(aggregate::CalendarUnit unit, absl::Duration length) {
  struct Lengths {
    absl::Duration shortest;
    absl::Duration longest;
  };
  const absl::Duration day = absl::Hours(24);
  // In the order of CalendarUnit.
  const Lengths all[] = {{absl::Minutes(30), absl::Hours(1)},
                         {day - kLargestChange, day + kLargestChange},
                         {7 * day - kLargestChange, 7 * day + kLargestChange},
                         {28 * day - kLargestChange, 31 * day + kLargestChange},
                         {364 * day - kLargestChange, 366 * day + kLargestChange}};
  const Lengths& lengths = all[static_cast<size_t>(unit)];
  Require(length >= lengths.shortest && length <= lengths.longest, "it is as long as it is called");
}

void CheckPeriod(const std::string& name, absl::Time now, absl::TimeZone zone) {
  const absl::StatusOr<Period> period = ParsePeriod("--period", name, now, zone);
  if (!period.ok()) {
    Require(absl::StrContains(period.status().message(), "--period"), "an error names the flag");
    return;
  }
  if (name == "all") {
    Require(period->is_all(), "all is all");
    Require(!aggregate::PeriodBefore(name, *period, now, zone).has_value(),
            "and nothing is before it");
    return;
  }
  const std::optional<aggregate::CalendarUnit> unit = aggregate::UnitOfPeriod(name);
  Require(unit.has_value(), "every other one is a unit of the calendar");
  const bool is_last = absl::StartsWith(name, "last-") || name == "yesterday";
  const bool is_date = absl::ascii_isdigit(name[0]);
  if (is_last) {
    const absl::string_view current =
        name == "yesterday" ? "today" : absl::string_view(name).substr(5);
    Require(ParsePeriod("--period", current, now, zone)->begin == period->end,
            "the last one ends where the current one begins");
  } else if (!is_date) {
    Require(period->Contains(now), "the period holds the time that it is");
  }
  CheckLength(*unit, period->end - period->begin);
  const std::optional<Period> before = aggregate::PeriodBefore(name, *period, now, zone);
  const bool is_over = period->end <= now;
  // There is none either if the clock was changed in between.
  Require(!before.has_value() || now > period->begin, "something is compared with it");
  Require(before.has_value() || (!is_over && now - period->begin <= kLargestChange),
          "it has one before it");
  if (!before.has_value()) return;
  Require(before->begin < before->end && before->end <= period->begin, "which is before it");
  if (is_over) {
    Require(before->end == period->begin, "just before");
    CheckLength(*unit, before->end - before->begin);
  } else {
    Require(before->end - before->begin <= now - period->begin + kLargestChange,
            "and no longer than it is so far, by the clock");
  }
}

void Run(const uint8_t* data, size_t size) {
  if (size < 1) return;
  const std::string text(data + 1, data + size);
  const absl::TimeZone zone = ZoneOf(data[0] / 8);
  const absl::Time now = NowOf(data[0] % 8);
  CheckTime(text, now, zone);
  CheckPeriod(text, now, zone);
}

}  // namespace
}  // namespace cpuagg::tools

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::tools::Run(data, size);
  return 0;
}
