#include "tools/time_argument.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

namespace cpuagg::tools {
namespace {

using aggregate::Period;

// "36h" -> 36 hours; false for anything else.
bool ParseAgo(absl::string_view text, absl::Duration& ago) {
  int64_t count;
  if (text.size() < 2 || !absl::ascii_isdigit(text[0]) ||
      !absl::SimpleAtoi(text.substr(0, text.size() - 1), &count)) {
    return false;
  }
  switch (text.back()) {
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

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view flag, absl::string_view text, absl::Time now,
                                     absl::TimeZone zone) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  if (text == "now") return now;
  if (text == "today") return absl::FromCivil(today, zone);
  if (text == "yesterday") return absl::FromCivil(today - 1, zone);
  absl::Duration ago;
  if (ParseAgo(text, ago)) return now - ago;
  absl::string_view seconds_text = text;
  int64_t seconds;
  if (absl::ConsumePrefix(&seconds_text, "@") && absl::SimpleAtoi(seconds_text, &seconds)) {
    return absl::FromUnixSeconds(seconds);
  }
  for (const char* format :
       {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d%ET%H:%M%Ez", "%Y-%m-%d%ET%H:%M:%S%Ez"}) {
    absl::Time time;
    if (absl::ParseTime(format, text, zone, &time, nullptr)) return time;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", text,
                   "' is no time; write 2026-11-22, \"2026-11-22 14:00\", today, yesterday, or how "
                   "long ago: 90m, 36h, 7d, 2w"));
}

absl::StatusOr<Period> ParsePeriod(absl::string_view flag, absl::string_view name, absl::Time now,
                                   absl::TimeZone zone) {
  if (name == "all") return Period();
  if (name == "hour") {
    // By the clock's own hour: where clocks are set back, two hours have the same name.
    const absl::Time begin =
        now - (now - absl::FromCivil(absl::ToCivilHour(now, zone), zone)) % absl::Hours(1);
    return Period{.begin = begin, .end = begin + absl::Hours(1)};
  }
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  if (name == "day") {
    return Period{.begin = absl::FromCivil(today, zone), .end = absl::FromCivil(today + 1, zone)};
  }
  if (name == "week") {
    const absl::CivilDay monday = absl::PrevWeekday(today + 1, absl::Weekday::monday);
    return Period{.begin = absl::FromCivil(monday, zone), .end = absl::FromCivil(monday + 7, zone)};
  }
  if (name == "month") {
    const absl::CivilMonth month(today);
    return Period{.begin = absl::FromCivil(month, zone), .end = absl::FromCivil(month + 1, zone)};
  }
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": '", name,
                   "' is no period; it is one of hour, day, week, month, all and since-last"));
}

}  // namespace cpuagg::tools
