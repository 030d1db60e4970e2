#include "aggregate/usage/calendar.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/sanitized.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr CalendarUnit kUnits[] = {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kWeek,
                                   CalendarUnit::kMonth, CalendarUnit::kYear};

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// "2026-04-05 03:05 +12:45"
absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M %Ez", text, &time, &error)) << text << ": " << error;
  return time;
}

std::string Shown(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Ez", time, zone);
}

TEST(CalendarTest, HasWhatTheClockShows) {
  using enum CalendarUnit;
  struct Moment {
    CalendarUnit unit;
    const char* time;
    const char* begin;
    const char* end;
  };
  struct Case {
    const char* zone;
    std::vector<Moment> moments;
  };
  const Case cases[] = {
      {"Europe/Berlin",
       {{kHour, "2026-11-23 17:59 +01:00", "2026-11-23 17:00 +01:00", "2026-11-23 18:00 +01:00"},
        {kDay, "2026-11-23 17:59 +01:00", "2026-11-23 00:00 +01:00", "2026-11-24 00:00 +01:00"},
        {kWeek, "2026-11-29 23:59 +01:00", "2026-11-23 00:00 +01:00", "2026-11-30 00:00 +01:00"},
        {kMonth, "2026-10-01 00:00 +02:00", "2026-10-01 00:00 +02:00", "2026-11-01 00:00 +01:00"},
        {kYear, "2026-10-01 00:00 +02:00", "2026-01-01 00:00 +01:00", "2027-01-01 00:00 +01:00"}}},
      // At 20:30 the war time got another name.
      {"America/St_Johns",
       {{kHour, "1945-08-14 20:10 -02:30", "1945-08-14 20:00 -02:30", "1945-08-14 21:00 -02:30"},
        {kHour, "1945-08-14 20:40 -02:30", "1945-08-14 20:00 -02:30", "1945-08-14 21:00 -02:30"}}},
      {"UTC",
       {{kDay, "1969-12-31 23:59 +00:00", "1969-12-31 00:00 +00:00", "1970-01-01 00:00 +00:00"}}},
      {"Asia/Kathmandu",
       {{kHour, "2026-05-01 09:59 +05:45", "2026-05-01 09:00 +05:45", "2026-05-01 10:00 +05:45"}}},
      // An hour that occurs twice, and one that is skipped.
      {"Europe/Berlin",
       {{kHour, "2026-10-25 02:30 +02:00", "2026-10-25 02:00 +02:00", "2026-10-25 02:00 +01:00"},
        {kHour, "2026-10-25 02:30 +01:00", "2026-10-25 02:00 +01:00", "2026-10-25 03:00 +01:00"},
        {kHour, "2026-03-29 01:30 +01:00", "2026-03-29 01:00 +01:00", "2026-03-29 03:00 +02:00"}}},
      // Half an hour occurs twice, or is skipped.
      {"Australia/Lord_Howe",
       {{kHour, "2026-04-05 01:45 +11:00", "2026-04-05 01:00 +11:00", "2026-04-05 01:30 +10:30"},
        {kHour, "2026-04-05 01:30 +10:30", "2026-04-05 01:30 +10:30", "2026-04-05 02:00 +10:30"},
        {kHour, "2026-10-04 02:45 +11:00", "2026-10-04 02:30 +11:00", "2026-10-04 03:00 +11:00"}}},
      // Changes at a quarter to four.
      {"Pacific/Chatham",
       {{kHour, "2026-04-05 03:44 +13:45", "2026-04-05 03:00 +13:45", "2026-04-05 02:45 +12:45"},
        {kHour, "2026-04-05 02:50 +12:45", "2026-04-05 02:45 +12:45", "2026-04-05 03:00 +12:45"},
        {kHour, "2026-04-05 03:05 +12:45", "2026-04-05 03:00 +12:45", "2026-04-05 04:00 +12:45"}}},
      // A minute past midnight, the clock goes back to the previous day, which does not begin
      // again.
      {"America/St_Johns",
       {{kHour, "2010-11-07 00:00 -02:30", "2010-11-07 00:00 -02:30", "2010-11-06 23:01 -03:30"},
        {kHour, "2010-11-06 23:01 -03:30", "2010-11-06 23:01 -03:30", "2010-11-07 00:00 -03:30"},
        {kDay, "2010-11-06 23:30 -02:30", "2010-11-06 00:00 -02:30", "2010-11-07 00:00 -02:30"},
        {kDay, "2010-11-06 23:30 -03:30", "2010-11-07 00:00 -02:30", "2010-11-08 00:00 -03:30"},
        {kWeek, "1987-10-25 23:30 -03:30", "1987-10-19 00:00 -02:30", "1987-10-26 00:00 -03:30"},
        {kHour, "2010-03-14 00:00 -03:30", "2010-03-14 00:00 -03:30", "2010-03-14 01:01 -02:30"},
        {kHour, "2010-03-14 01:30 -02:30", "2010-03-14 01:01 -02:30", "2010-03-14 02:00 -02:30"}}},
      // Midnight is skipped, or occurs twice.
      {"America/Sao_Paulo",
       {{kDay, "2018-11-04 01:00 -02:00", "2018-11-04 01:00 -02:00", "2018-11-05 00:00 -02:00"},
        {kDay, "2018-11-03 23:59 -03:00", "2018-11-03 00:00 -03:00", "2018-11-04 01:00 -02:00"},
        {kDay, "2018-02-17 23:30 -03:00", "2018-02-17 00:00 -02:00", "2018-02-18 00:00 -03:00"}}},
      {"America/Havana",
       {{kDay, "2025-11-02 00:30 -05:00", "2025-11-02 00:00 -04:00", "2025-11-03 00:00 -05:00"}}},
      // 30 December is skipped.
      {"Pacific/Apia",
       {{kDay, "2011-12-29 23:59 -10:00", "2011-12-29 00:00 -10:00", "2011-12-31 00:00 +14:00"},
        {kDay, "2011-12-31 00:00 +14:00", "2011-12-31 00:00 +14:00", "2012-01-01 00:00 +14:00"},
        {kMonth, "2011-12-31 00:00 +14:00", "2011-12-01 00:00 -10:00", "2012-01-01 00:00 +14:00"}}},
      // One day occurs twice.
      {"Pacific/Kwajalein",
       {{kDay, "1969-10-01 00:30 -12:00", "1969-10-01 00:00 -12:00", "1969-10-02 00:00 -12:00"}}},
  };
  for (const auto& [zone_name, moments] : cases) {
    const absl::TimeZone zone = Zone(zone_name);
    for (const auto& [unit, time, begin, end] : moments) {
      SCOPED_TRACE(absl::StrCat(zone_name, " ", time));
      const Period period = PeriodOf(unit, At(time), zone);
      EXPECT_EQ(Shown(period.begin, zone), begin);
      EXPECT_EQ(Shown(period.end, zone), end);
      EXPECT_EQ(PeriodEndingAt(unit, period.end, zone), period);
    }
  }
}

// Checks the guarantees of `unit` at `seconds`.
void Check(CalendarUnit unit, int64_t seconds, absl::TimeZone zone, CalendarBuckets& buckets) {
  const absl::Time time = absl::FromUnixSeconds(seconds);
  const Period period = PeriodOf(unit, time, zone);
  ASSERT_TRUE(period.Contains(time)) << seconds;
  ASSERT_EQ(PeriodOf(unit, time + absl::Milliseconds(999), zone), period) << seconds;
  ASSERT_EQ(PeriodOf(unit, period.begin, zone), period) << seconds;
  ASSERT_EQ(PeriodOf(unit, period.end - absl::Seconds(1), zone), period) << seconds;
  ASSERT_EQ(PeriodOf(unit, period.end, zone).begin, period.end) << seconds;
  ASSERT_EQ(buckets.BeginOf(seconds), absl::ToUnixSeconds(period.begin)) << seconds;
  if (unit == CalendarUnit::kHour) {
    ASSERT_LE(period.end - period.begin, absl::Hours(1)) << seconds;
    // It has one name and one offset.
    const absl::Time last = period.end - absl::Seconds(1);
    ASSERT_EQ(absl::ToCivilHour(period.begin, zone), absl::ToCivilHour(last, zone)) << seconds;
    ASSERT_EQ(zone.At(period.begin).offset, zone.At(last).offset) << seconds;
  } else {
    // It has whole hours.
    ASSERT_EQ(PeriodOf(CalendarUnit::kHour, period.begin, zone).begin, period.begin) << seconds;
  }
  if (unit == CalendarUnit::kWeek || unit == CalendarUnit::kMonth || unit == CalendarUnit::kYear) {
    ASSERT_EQ(PeriodOf(CalendarUnit::kDay, period.begin, zone).begin, period.begin) << seconds;
  }
}

// All existing zones, around every change of their clocks.
TEST(CalendarTest, EveryMomentLiesInOneOfEachUnitWhateverIsDoneToTheClock) {
  constexpr size_t kStep = acct::testing::LessIfSanitized(1, 10);
  size_t zones = 0;
  size_t transitions = 0;
  const std::string root = "/usr/share/zoneinfo";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().string().substr(root.size() + 1);
    // Skips copies, and zones that count leap seconds.
    if (!entry.is_regular_file() || entry.is_symlink() || absl::StartsWith(name, "right/") ||
        absl::StartsWith(name, "posix/")) {
      continue;
    }
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(name, &zone) || ++zones % kStep != 0) continue;
    SCOPED_TRACE(name);
    std::vector<CalendarBuckets> buckets;
    buckets.reserve(std::size(kUnits));
    for (const CalendarUnit unit : kUnits) buckets.emplace_back(unit, zone);
    absl::TimeZone::CivilTransition transition;
    absl::Time from = absl::FromUnixSeconds(-3'000'000'000);
    while (zone.NextTransition(from, &transition)) {
      from = zone.At(transition.to).trans;
      if (from > absl::FromUnixSeconds(1'900'000'000)) break;
      ++transitions;
      for (const int64_t off :
           {-90'000, -7'200, -3'600, -1'800, -901,  -61,   -60,   -1,    0,      1,     59,
            60,      900,    1'799,  3'540,  3'599, 3'600, 3'660, 7'199, 80'000, 90'000}) {
        for (size_t i = 0; i < std::size(kUnits); ++i) {
          ASSERT_NO_FATAL_FAILURE(
              Check(kUnits[i], absl::ToUnixSeconds(from) + off, zone, buckets[i]));
        }
      }
    }
  }
  EXPECT_GT(transitions, 10'000u / kStep) << "where are the zones?";
}

TEST(CalendarTest, EveryHourOfAYearFollowsTheOneBefore) {
  struct Case {
    const char* zone;
    int year;
    int hours;
  };
  const Case cases[] = {{"UTC", 2026, 8760},
                        {"Europe/Berlin", 2026, 8760},
                        {"Asia/Kolkata", 2026, 8760},
                        {"Australia/Lord_Howe", 2026, 8761},
                        {"Pacific/Chatham", 2026, 8762},
                        {"America/St_Johns", 2010, 8762},
                        {"Pacific/Apia", 2011, 8736}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.zone);
    const absl::TimeZone zone = Zone(c.zone);
    const absl::Time end = absl::FromCivil(absl::CivilYear(c.year + 1), zone);
    int hours = 0;
    for (absl::Time begin = absl::FromCivil(absl::CivilYear(c.year), zone); begin < end;) {
      const Period hour = PeriodOf(CalendarUnit::kHour, begin, zone);
      ASSERT_EQ(hour.begin, begin);
      ASSERT_EQ(PeriodEndingAt(CalendarUnit::kHour, hour.end, zone), hour);
      begin = hour.end;
      ++hours;
    }
    EXPECT_EQ(hours, c.hours);
  }
}

TEST(CalendarTest, BucketsRememberedAreThoseThatAreFound) {
  const absl::TimeZone zone = Zone("Australia/Lord_Howe");
  for (const CalendarUnit unit : kUnits) {
    CalendarBuckets buckets(unit, zone);
    // Back and forth over a year, and far away.
    for (int64_t i = 0; i < 40'000; ++i) {
      const int64_t time = 1'767'225'600 + i * 7'919 % 31'536'000;
      ASSERT_EQ(buckets.BeginOf(time),
                absl::ToUnixSeconds(PeriodOf(unit, absl::FromUnixSeconds(time), zone).begin));
    }
    for (const int64_t time : {int64_t{-1}, int64_t{0}, int64_t{-62'135'596'800},
                               int64_t{4'294'967'295}, int64_t{250'000'000'000}}) {
      ASSERT_EQ(buckets.BeginOf(time),
                absl::ToUnixSeconds(PeriodOf(unit, absl::FromUnixSeconds(time), zone).begin));
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
