#include "notify/words/period_text.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::notify {
namespace {

bool IsFinite(absl::Time time) {
  return time != absl::InfinitePast() && time != absl::InfiniteFuture();
}

bool BeginsDay(absl::Time time, absl::TimeZone zone) {
  return PeriodOf(aggregate::CalendarUnit::kDay, time, zone).begin == time;
}

// For a period with two finite ends.
std::string ZoneOf(const aggregate::Period& period, absl::TimeZone zone) {
  return absl::FormatTime(" %Z", period.end, zone);
}

}  // namespace

const char* ClockFormat(absl::Time time, absl::TimeZone zone) {
  return zone.At(time).cs.second() != 0 ? "%H:%M:%S" : "%H:%M";
}

bool IsWholeDays(const aggregate::Period& period, absl::TimeZone zone) {
  return IsFinite(period.begin) && IsFinite(period.end) && period.begin < period.end &&
         BeginsDay(period.begin, zone) && BeginsDay(period.end, zone);
}

std::string EndsText(const aggregate::Period& period, absl::TimeZone zone) {
  const bool has_seconds =
      zone.At(period.begin).cs.second() != 0 || zone.At(period.end).cs.second() != 0;
  const char* const clock = has_seconds ? "%H:%M:%S" : "%H:%M";
  const std::string date_and_clock = absl::StrCat("%Y-%m-%d ", clock);
  const bool is_one_day =
      absl::ToCivilDay(period.begin, zone) == absl::ToCivilDay(period.end, zone);
  return absl::StrCat(absl::FormatTime(date_and_clock, period.begin, zone), " – ",
                      absl::FormatTime(is_one_day ? clock : date_and_clock, period.end, zone));
}

std::string EndsName(const aggregate::Period& period, absl::TimeZone zone) {
  if (!IsWholeDays(period, zone)) return EndsText(period, zone);
  const absl::CivilDay first = aggregate::DateOf(period.begin, zone);
  const absl::CivilDay last = aggregate::DateOf(period.end - absl::Seconds(1), zone);
  if (first == last) return absl::FormatCivilTime(first);
  return absl::StrCat(absl::FormatCivilTime(first), " – ", absl::FormatCivilTime(last));
}

std::string PeriodText(const aggregate::Period& period, absl::TimeZone zone) {
  if (period.is_all()) return "all time";
  const auto moment = [&](absl::Time time) {
    return absl::FormatTime(absl::StrCat("%Y-%m-%d ", ClockFormat(time, zone), " %Z"), time, zone);
  };
  if (period.begin == absl::InfinitePast()) return absl::StrCat("until ", moment(period.end));
  if (period.end == absl::InfiniteFuture()) return absl::StrCat("since ", moment(period.begin));
  return absl::StrCat(EndsText(period, zone), ZoneOf(period, zone));
}

std::string PeriodName(const aggregate::Period& period, absl::TimeZone zone) {
  if (!IsWholeDays(period, zone)) return PeriodText(period, zone);
  return absl::StrCat(EndsName(period, zone), ZoneOf(period, zone));
}

}  // namespace cpuagg::notify
