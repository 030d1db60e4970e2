#include "aggregate/usage/named_period.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::TimeZone Berlin() { return Zone("Europe/Berlin"); }

absl::Time Utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second),
                         absl::UTCTimeZone());
}

const absl::Time kNow = Utc(2026, 11, 22, 15, 30, 10);

TEST(NamedPeriodTest, IsTheCalendarsThatHoldsNow) {
  struct Case {
    const char* name;
    absl::Time begin;
    absl::Time end;
  };
  const Case cases[] = {
      {"hour", Utc(2026, 11, 22, 15), Utc(2026, 11, 22, 16)},
      {"day", Utc(2026, 11, 21, 23), Utc(2026, 11, 22, 23)},
      {"week", Utc(2026, 11, 15, 23), Utc(2026, 11, 22, 23)},
      {"month", Utc(2026, 10, 31, 23), Utc(2026, 11, 30, 23)},
      {"last-hour", Utc(2026, 11, 22, 14), Utc(2026, 11, 22, 15)},
      {"last-day", Utc(2026, 11, 20, 23), Utc(2026, 11, 21, 23)},
      {"last-week", Utc(2026, 11, 8, 23), Utc(2026, 11, 15, 23)},
      {"last-month", Utc(2026, 9, 30, 22), Utc(2026, 10, 31, 23)},
      {"year", Utc(2025, 12, 31, 23), Utc(2026, 12, 31, 23)},
      {"last-year", Utc(2024, 12, 31, 23), Utc(2025, 12, 31, 23)},
      {"today", Utc(2026, 11, 21, 23), Utc(2026, 11, 22, 23)},
      {"yesterday", Utc(2026, 11, 20, 23), Utc(2026, 11, 21, 23)},
      {"this-hour", Utc(2026, 11, 22, 15), Utc(2026, 11, 22, 16)},
      {"this-week", Utc(2026, 11, 15, 23), Utc(2026, 11, 22, 23)},
      {"2026-07-01", Utc(2026, 6, 30, 22), Utc(2026, 7, 1, 22)},
      {"2024-02-29", Utc(2024, 2, 28, 23), Utc(2024, 2, 29, 23)},
      {"2026-10", Utc(2026, 9, 30, 22), Utc(2026, 10, 31, 23)},
      {"2025", Utc(2024, 12, 31, 23), Utc(2025, 12, 31, 23)},
      {"1970", Utc(1969, 12, 31, 23), Utc(1970, 12, 31, 23)},
  };
  for (const Case& c : cases) {
    const std::optional<Period> period = NamedPeriod(c.name, kNow, Berlin());
    ASSERT_TRUE(period.has_value());
    EXPECT_EQ(*period, (Period{.begin = c.begin, .end = c.end})) << c.name;
  }
  EXPECT_TRUE(NamedPeriod("all", kNow, Berlin())->is_all());
  for (const char* name :
       {"",           "last-",       "last-all",       "last-last-day", "Day",
        "this-",      "this-today",  "last-yesterday", "this-last-day", "2026-",
        "2026-1",     "2026-13",     "2026-00",        "2026-02-29",    "2026-11-31",
        "2026-11-2",  "2026-11-22-", "2026-11-22 ",    "26-11-22",      "1969",
        "1969-12-31", "02026",       "+202",           "2026-+1",       "last-2025"}) {
    EXPECT_FALSE(NamedPeriod(name, kNow, Berlin()).has_value()) << name;
  }
}

TEST(NamedPeriodTest, ADayIs25HoursLongWhenClocksAreSetBack) {
  const std::optional<Period> day = NamedPeriod("day", Utc(2026, 10, 25, 12), Berlin());
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(day->end - day->begin, absl::Hours(25));
}

TEST(NamedPeriodTest, TheHourThatComesTwiceIsOneHourLongEachTime) {
  // 2:30 summer time, then 2:30 winter time.
  for (const absl::Time now : {Utc(2026, 10, 25, 0, 30), Utc(2026, 10, 25, 1, 30)}) {
    const std::optional<Period> hour = NamedPeriod("hour", now, Berlin());
    ASSERT_TRUE(hour.has_value());
    EXPECT_EQ(*hour, (Period{.begin = now - absl::Minutes(30), .end = now + absl::Minutes(30)}));
  }
}

// Checks the meaning of a name at a time in a zone, and the period to compare with.
void Check(const char* zone_name, const char* name, absl::Time now, const Period& period,
           const std::optional<Period>& before) {
  SCOPED_TRACE(std::string(zone_name) + " " + name + " " + absl::FormatTime(now));
  const absl::TimeZone zone = Zone(zone_name);
  const std::optional<Period> parsed = NamedPeriod(name, now, zone);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->begin, period.begin);
  EXPECT_EQ(parsed->end, period.end);
  const std::optional<Period> found = PeriodBefore(name, *parsed, now, zone);
  ASSERT_EQ(found.has_value(), before.has_value());
  if (!found.has_value()) return;
  EXPECT_EQ(found->begin, before->begin);
  EXPECT_EQ(found->end, before->end);
}

TEST(PeriodBeforeTest, ForACompletePeriodItIsTheOneBeforeItWhole) {
  const char* const zone = "Europe/Berlin";
  Check(zone, "last-hour", kNow, {Utc(2026, 11, 22, 14), Utc(2026, 11, 22, 15)},
        Period{Utc(2026, 11, 22, 13), Utc(2026, 11, 22, 14)});
  // The day of 25 hours, and the 24 hours before it.
  Check(zone, "last-day", Utc(2026, 10, 26, 6), {Utc(2026, 10, 24, 22), Utc(2026, 10, 25, 23)},
        Period{Utc(2026, 10, 23, 22), Utc(2026, 10, 24, 22)});
  Check(zone, "last-day", Utc(2026, 10, 27, 6), {Utc(2026, 10, 25, 23), Utc(2026, 10, 26, 23)},
        Period{Utc(2026, 10, 24, 22), Utc(2026, 10, 25, 23)});
  // The day of 23 hours.
  Check(zone, "last-day", Utc(2026, 3, 30, 6), {Utc(2026, 3, 28, 23), Utc(2026, 3, 29, 22)},
        Period{Utc(2026, 3, 27, 23), Utc(2026, 3, 28, 23)});
  Check(zone, "last-week", Utc(2026, 11, 2, 6), {Utc(2026, 10, 25, 23), Utc(2026, 11, 1, 23)},
        Period{Utc(2026, 10, 18, 22), Utc(2026, 10, 25, 23)});
  // The last moment of a week belongs to it.
  Check(zone, "last-week", Utc(2026, 11, 1, 22, 59, 59),
        {Utc(2026, 10, 18, 22), Utc(2026, 10, 25, 23)},
        Period{Utc(2026, 10, 11, 22), Utc(2026, 10, 18, 22)});
  Check(zone, "last-month", Utc(2026, 3, 31, 12), {Utc(2026, 1, 31, 23), Utc(2026, 2, 28, 23)},
        Period{Utc(2025, 12, 31, 23), Utc(2026, 1, 31, 23)});
  Check(zone, "last-month", Utc(2026, 12, 31, 23), {Utc(2026, 11, 30, 23), Utc(2026, 12, 31, 23)},
        Period{Utc(2026, 10, 31, 23), Utc(2026, 11, 30, 23)});
  Check(zone, "last-day", Utc(2026, 12, 31, 23, 0, 0),
        {Utc(2026, 12, 30, 23), Utc(2026, 12, 31, 23)},
        Period{Utc(2026, 12, 29, 23), Utc(2026, 12, 30, 23)});
  Check("UTC", "last-day", Utc(2028, 3, 1), {Utc(2028, 2, 29), Utc(2028, 3, 1)},
        Period{Utc(2028, 2, 28), Utc(2028, 2, 29)});
}

TEST(PeriodBeforeTest, ForACurrentPeriodItIsAsMuchAsHasPassedOfThis) {
  const char* const zone = "Europe/Berlin";
  Check(zone, "hour", kNow, {Utc(2026, 11, 22, 15), Utc(2026, 11, 22, 16)},
        Period{Utc(2026, 11, 22, 14), Utc(2026, 11, 22, 14, 30, 10)});
  Check(zone, "day", kNow, {Utc(2026, 11, 21, 23), Utc(2026, 11, 22, 23)},
        Period{Utc(2026, 11, 20, 23), Utc(2026, 11, 21, 15, 30, 10)});
  Check(zone, "week", kNow, {Utc(2026, 11, 15, 23), Utc(2026, 11, 22, 23)},
        Period{Utc(2026, 11, 8, 23), Utc(2026, 11, 15, 15, 30, 10)});
  Check(zone, "month", kNow, {Utc(2026, 10, 31, 23), Utc(2026, 11, 30, 23)},
        Period{Utc(2026, 9, 30, 22), Utc(2026, 10, 22, 14, 30, 10)});
  // February has no 30th.
  Check(zone, "month", Utc(2026, 3, 30, 12), {Utc(2026, 2, 28, 23), Utc(2026, 3, 31, 22)},
        Period{Utc(2026, 1, 31, 23), Utc(2026, 2, 28, 23)});
  // The time of day decides, not the number of hours: half past eleven at night on the day when the
  // clock was put back; noon, when it was put forward; and the days after.
  Check(zone, "day", Utc(2026, 10, 25, 22, 30), {Utc(2026, 10, 24, 22), Utc(2026, 10, 25, 23)},
        Period{Utc(2026, 10, 23, 22), Utc(2026, 10, 24, 21, 30)});
  Check(zone, "day", Utc(2026, 3, 29, 10), {Utc(2026, 3, 28, 23), Utc(2026, 3, 29, 22)},
        Period{Utc(2026, 3, 27, 23), Utc(2026, 3, 28, 11)});
  Check(zone, "day", Utc(2026, 3, 30, 10), {Utc(2026, 3, 29, 22), Utc(2026, 3, 30, 22)},
        Period{Utc(2026, 3, 28, 23), Utc(2026, 3, 29, 10)});
  Check(zone, "week", Utc(2026, 3, 30, 10), {Utc(2026, 3, 29, 22), Utc(2026, 4, 5, 22)},
        Period{Utc(2026, 3, 22, 23), Utc(2026, 3, 23, 11)});
  Check(zone, "month", Utc(2026, 4, 1, 10), {Utc(2026, 3, 31, 22), Utc(2026, 4, 30, 22)},
        Period{Utc(2026, 2, 28, 23), Utc(2026, 3, 1, 11)});
  Check(zone, "month", Utc(2026, 5, 31, 10), {Utc(2026, 4, 30, 22), Utc(2026, 5, 31, 22)},
        Period{Utc(2026, 3, 31, 22), Utc(2026, 4, 30, 22)});
  // Half past two was skipped yesterday, and occurred twice.
  Check(zone, "day", Utc(2026, 3, 30, 0, 30), {Utc(2026, 3, 29, 22), Utc(2026, 3, 30, 22)},
        Period{Utc(2026, 3, 28, 23), Utc(2026, 3, 29, 1)});
  Check(zone, "day", Utc(2026, 10, 26, 1, 30), {Utc(2026, 10, 25, 23), Utc(2026, 10, 26, 23)},
        Period{Utc(2026, 10, 24, 22), Utc(2026, 10, 25, 0, 30)});
  // It comes twice today.
  Check(zone, "day", Utc(2026, 10, 25, 1, 30), {Utc(2026, 10, 24, 22), Utc(2026, 10, 25, 23)},
        Period{Utc(2026, 10, 23, 22), Utc(2026, 10, 24, 0, 30)});
  // Today begins at one, and nothing of it has passed.
  Check("America/Havana", "day", Utc(2026, 3, 8, 5), {Utc(2026, 3, 8, 5), Utc(2026, 3, 9, 4)},
        std::nullopt);
  // Yesterday began at one, so nothing of it had passed at that time.
  Check("America/Havana", "day", Utc(2026, 3, 9, 4, 30), {Utc(2026, 3, 9, 4), Utc(2026, 3, 10, 4)},
        std::nullopt);
  Check(zone, "day", Utc(2026, 11, 21, 23), {Utc(2026, 11, 21, 23), Utc(2026, 11, 22, 23)},
        std::nullopt);
  Check("UTC", "month", Utc(2026, 1, 2), {Utc(2026, 1, 1), Utc(2026, 2, 1)},
        Period{Utc(2025, 12, 1), Utc(2025, 12, 2)});
}

TEST(PeriodBeforeTest, HoursGoByTheClockWhenItIsChanged) {
  const char* const berlin = "Europe/Berlin";
  const char* const kolkata = "Asia/Kolkata";
  const char* const st_johns = "America/St_Johns";
  const char* const lord_howe = "Australia/Lord_Howe";
  // The second 2:30: before it was the first 2:00, and before that 1:00.
  Check(berlin, "last-hour", Utc(2026, 10, 25, 1, 30), {Utc(2026, 10, 25), Utc(2026, 10, 25, 1)},
        Period{Utc(2026, 10, 24, 23), Utc(2026, 10, 25)});
  Check(berlin, "last-hour", Utc(2026, 10, 25, 2, 30), {Utc(2026, 10, 25, 1), Utc(2026, 10, 25, 2)},
        Period{Utc(2026, 10, 25), Utc(2026, 10, 25, 1)});
  // 3:10, after 1:59.
  Check(berlin, "last-hour", Utc(2026, 3, 29, 1, 10), {Utc(2026, 3, 29), Utc(2026, 3, 29, 1)},
        Period{Utc(2026, 3, 28, 23), Utc(2026, 3, 29)});
  // 20:40 in India, the hours of which begin at half past.
  Check(kolkata, "last-hour", Utc(2026, 11, 22, 15, 10),
        {Utc(2026, 11, 22, 13, 30), Utc(2026, 11, 22, 14, 30)},
        Period{Utc(2026, 11, 22, 12, 30), Utc(2026, 11, 22, 13, 30)});
  Check(kolkata, "hour", Utc(2026, 11, 22, 15, 10),
        {Utc(2026, 11, 22, 14, 30), Utc(2026, 11, 22, 15, 30)},
        Period{Utc(2026, 11, 22, 13, 30), Utc(2026, 11, 22, 14, 10)});
  Check(kolkata, "last-day", Utc(2026, 11, 22, 18, 30),
        {Utc(2026, 11, 21, 18, 30), Utc(2026, 11, 22, 18, 30)},
        Period{Utc(2026, 11, 20, 18, 30), Utc(2026, 11, 21, 18, 30)});
  // The second 1:10 of St. John's, on a day of 25 hours.
  Check(st_johns, "last-hour", Utc(2026, 11, 1, 4, 40),
        {Utc(2026, 11, 1, 3, 30), Utc(2026, 11, 1, 4, 30)},
        Period{Utc(2026, 11, 1, 2, 30), Utc(2026, 11, 1, 3, 30)});
  Check(st_johns, "last-day", Utc(2026, 11, 2, 12),
        {Utc(2026, 11, 1, 2, 30), Utc(2026, 11, 2, 3, 30)},
        Period{Utc(2026, 10, 31, 2, 30), Utc(2026, 11, 1, 2, 30)});
  // On Lord Howe Island 1:30 to 2:00 occurs twice: the hour is followed by half an hour.
  Check(lord_howe, "hour", Utc(2026, 4, 4, 14, 40), {Utc(2026, 4, 4, 14), Utc(2026, 4, 4, 15)},
        Period{Utc(2026, 4, 4, 13), Utc(2026, 4, 4, 13, 40)});
  Check(lord_howe, "hour", Utc(2026, 4, 4, 15, 10), {Utc(2026, 4, 4, 15), Utc(2026, 4, 4, 15, 30)},
        Period{Utc(2026, 4, 4, 14), Utc(2026, 4, 4, 14, 40)});
  // That half hour has no ten past, but a quarter to.
  Check(lord_howe, "hour", Utc(2026, 4, 4, 15, 40),
        {Utc(2026, 4, 4, 15, 30), Utc(2026, 4, 4, 16, 30)}, std::nullopt);
  Check(lord_howe, "hour", Utc(2026, 4, 4, 16, 15),
        {Utc(2026, 4, 4, 15, 30), Utc(2026, 4, 4, 16, 30)},
        Period{Utc(2026, 4, 4, 15), Utc(2026, 4, 4, 15, 15)});
  // The second half past two, and ten past three after it.
  Check(berlin, "hour", Utc(2026, 10, 25, 1, 30), {Utc(2026, 10, 25, 1), Utc(2026, 10, 25, 2)},
        Period{Utc(2026, 10, 25), Utc(2026, 10, 25, 0, 30)});
  Check(berlin, "hour", Utc(2026, 10, 25, 2, 10), {Utc(2026, 10, 25, 2), Utc(2026, 10, 25, 3)},
        Period{Utc(2026, 10, 25, 1), Utc(2026, 10, 25, 1, 10)});
  Check(lord_howe, "last-hour", Utc(2026, 4, 4, 15, 40),
        {Utc(2026, 4, 4, 15), Utc(2026, 4, 4, 15, 30)},
        Period{Utc(2026, 4, 4, 14), Utc(2026, 4, 4, 15)});
  // Until 2011 St. John's changed its clock at a minute past midnight. The day that has begun
  // counts as at its beginning until the clock shows it again; so do the week and the month.
  Check(st_johns, "day", Utc(2010, 11, 7, 2, 30, 30),
        {Utc(2010, 11, 7, 2, 30), Utc(2010, 11, 8, 3, 30)},
        Period{Utc(2010, 11, 6, 2, 30), Utc(2010, 11, 6, 2, 30, 30)});
  Check(st_johns, "day", Utc(2010, 11, 7, 3), {Utc(2010, 11, 7, 2, 30), Utc(2010, 11, 8, 3, 30)},
        std::nullopt);
  Check(st_johns, "day", Utc(2010, 11, 7, 4), {Utc(2010, 11, 7, 2, 30), Utc(2010, 11, 8, 3, 30)},
        Period{Utc(2010, 11, 6, 2, 30), Utc(2010, 11, 6, 3)});
  Check(st_johns, "week", Utc(2010, 11, 7, 3), {Utc(2010, 11, 1, 2, 30), Utc(2010, 11, 8, 3, 30)},
        Period{Utc(2010, 10, 25, 2, 30), Utc(2010, 10, 31, 2, 30)});
  Check(st_johns, "month", Utc(2009, 11, 1, 3), {Utc(2009, 11, 1, 2, 30), Utc(2009, 12, 1, 3, 30)},
        std::nullopt);
  Check(st_johns, "hour", Utc(2010, 11, 7, 3), {Utc(2010, 11, 7, 2, 31), Utc(2010, 11, 7, 3, 30)},
        Period{Utc(2010, 11, 7, 2, 30), Utc(2010, 11, 7, 2, 31)});
  Check(st_johns, "hour", Utc(2010, 11, 7, 3, 50),
        {Utc(2010, 11, 7, 3, 30), Utc(2010, 11, 7, 4, 30)},
        Period{Utc(2010, 11, 7, 2, 31), Utc(2010, 11, 7, 2, 50)});
  // In spring 0:01 to 1:01 is skipped: there is no half past midnight to compare with.
  Check(st_johns, "hour", Utc(2010, 3, 14, 4), {Utc(2010, 3, 14, 3, 31), Utc(2010, 3, 14, 4, 30)},
        Period{Utc(2010, 3, 14, 3, 30), Utc(2010, 3, 14, 3, 31)});
  Check(st_johns, "day", Utc(2010, 3, 15, 3), {Utc(2010, 3, 15, 2, 30), Utc(2010, 3, 16, 2, 30)},
        Period{Utc(2010, 3, 14, 3, 30), Utc(2010, 3, 14, 3, 31)});
  // Casey went from a minute past midnight to a minute past three.
  Check("Antarctica/Casey", "day", Utc(2020, 10, 3, 17),
        {Utc(2020, 10, 3, 16), Utc(2020, 10, 4, 13)},
        Period{Utc(2020, 10, 2, 16), Utc(2020, 10, 2, 20)});
  // In spring 2:00 to 2:30 is skipped.
  Check(lord_howe, "last-hour", Utc(2026, 10, 3, 16, 10),
        {Utc(2026, 10, 3, 15, 30), Utc(2026, 10, 3, 16)},
        Period{Utc(2026, 10, 3, 14, 30), Utc(2026, 10, 3, 15, 30)});
  Check(lord_howe, "last-day", Utc(2026, 4, 5, 20), {Utc(2026, 4, 4, 13), Utc(2026, 4, 5, 13, 30)},
        Period{Utc(2026, 4, 3, 13), Utc(2026, 4, 4, 13)});
  Check(lord_howe, "last-day", Utc(2026, 10, 4, 20),
        {Utc(2026, 10, 3, 13, 30), Utc(2026, 10, 4, 13)},
        Period{Utc(2026, 10, 2, 13, 30), Utc(2026, 10, 3, 13, 30)});
  // Samoa skipped 30 December.
  Check("Pacific/Apia", "last-day", Utc(2011, 12, 30, 20),
        {Utc(2011, 12, 29, 10), Utc(2011, 12, 30, 10)},
        Period{Utc(2011, 12, 28, 10), Utc(2011, 12, 29, 10)});
}

// In every zone, each hour of a year ends where the next begins, and has one name.
TEST(NamedPeriodTest, HoursAreWithoutGapsAndOverlaps) {
  for (const char* name : {"Europe/Berlin", "Asia/Kolkata", "America/St_Johns",
                           "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia"}) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = Zone(name);
    absl::Time end = NamedPeriod("hour", Utc(2026, 1, 1), zone)->end;
    while (end < Utc(2027, 1, 1)) {
      const Period hour = *NamedPeriod("hour", end, zone);
      ASSERT_EQ(hour.begin, end);
      const absl::Time last = hour.end - absl::Nanoseconds(1);
      ASSERT_EQ(*NamedPeriod("hour", last, zone), hour);
      ASSERT_EQ(absl::ToCivilHour(hour.begin, zone), absl::ToCivilHour(last, zone));
      ASSERT_EQ(*NamedPeriod("last-hour", hour.end, zone), hour);
      end = hour.end;
    }
  }
}

// A rounded time can be the end: its clock shows the beginning of a day.
TEST(PeriodBeforeTest, AtTheEndOfAPeriodItIsTheWholeOne) {
  const Period day = {Utc(2026, 3, 28, 23), Utc(2026, 3, 29, 22)};
  EXPECT_EQ(PeriodBefore("day", day, day.end, Berlin()),
            (Period{Utc(2026, 3, 27, 23), Utc(2026, 3, 28, 23)}));
  EXPECT_EQ(PeriodBefore("day", day, day.end + absl::Hours(5), Berlin()),
            (Period{Utc(2026, 3, 27, 23), Utc(2026, 3, 28, 23)}));
}

TEST(PeriodBeforeTest, ForOneGivenByItsEndsItIsAsLongAStretchJustBefore) {
  const auto before = [](Period period) { return PeriodBefore("", period, kNow, Berlin()); };
  EXPECT_EQ(before({Utc(2026, 11, 20), Utc(2026, 11, 22)}),
            (Period{Utc(2026, 11, 18), Utc(2026, 11, 20)}));
  EXPECT_EQ(before({.begin = Utc(2026, 11, 22, 15)}),
            (Period{Utc(2026, 11, 22, 14, 29, 50), Utc(2026, 11, 22, 15)}));
  // A future period has no length yet.
  EXPECT_EQ(before({Utc(2026, 11, 22, 15), Utc(2026, 11, 23)}),
            (Period{Utc(2026, 11, 22, 14, 29, 50), Utc(2026, 11, 22, 15)}));
  EXPECT_EQ(before({.end = Utc(2026, 11, 22)}), std::nullopt);
  EXPECT_EQ(before({.begin = Utc(2026, 11, 23)}), std::nullopt);
  EXPECT_EQ(before({Utc(2026, 11, 22), Utc(2026, 11, 22)}), std::nullopt);
}

TEST(PeriodBeforeTest, AllOfTimeHasNothingBefore) {
  EXPECT_EQ(PeriodBefore("all", Period(), kNow, Berlin()), std::nullopt);
  EXPECT_EQ(PeriodBefore("since-last", Period(), kNow, Berlin()), std::nullopt);
  EXPECT_EQ(PeriodBefore("", Period(), kNow, Berlin()), std::nullopt);
}

TEST(WholeHoursTest, AreThoseThatHaveSomethingOfThePeriod) {
  const absl::TimeZone kolkata = Zone("Asia/Kolkata");
  EXPECT_EQ(WholeHours({Utc(2026, 11, 22, 14), Utc(2026, 11, 22, 15, 30)}, Berlin()),
            (Period{Utc(2026, 11, 22, 14), Utc(2026, 11, 22, 16)}));
  EXPECT_EQ(WholeHours({Utc(2026, 11, 22, 14), Utc(2026, 11, 22, 15, 30)}, kolkata),
            (Period{Utc(2026, 11, 22, 13, 30), Utc(2026, 11, 22, 15, 30)}));
  EXPECT_TRUE(WholeHours({}, kolkata).is_all());
}

TEST(NearestHourTest, IsTheNextFromHalfPastOn) {
  EXPECT_EQ(NearestHour(Utc(2026, 11, 22, 14), Berlin()), Utc(2026, 11, 22, 14));
  EXPECT_EQ(NearestHour(Utc(2026, 11, 22, 14, 29, 59), Berlin()), Utc(2026, 11, 22, 14));
  EXPECT_EQ(NearestHour(Utc(2026, 11, 22, 14, 30), Berlin()), Utc(2026, 11, 22, 15));
  EXPECT_EQ(NearestHour(Utc(2026, 11, 22, 14, 10), Zone("Asia/Kolkata")),
            Utc(2026, 11, 22, 14, 30));
}

// A store counts by the hour, so the comparison does too.
TEST(StoredPeriodBeforeTest, IsOfWholeHoursAndTheCurrentOneCountsFromHalfPastOn) {
  const absl::TimeZone berlin = Berlin();
  const auto before = [&](const char* name, absl::Time now) {
    return StoredPeriodBefore(name, NamedPeriod(name, now, berlin).value_or(Period()), now, berlin);
  };
  // 12:29 in Berlin counts as noon, 12:30 as one o'clock.
  EXPECT_EQ(before("day", Utc(2026, 11, 22, 11, 29)),
            (Period{Utc(2026, 11, 20, 23), Utc(2026, 11, 21, 11)}));
  EXPECT_EQ(before("day", Utc(2026, 11, 22, 11, 30)),
            (Period{Utc(2026, 11, 20, 23), Utc(2026, 11, 21, 12)}));
  // Until half past, nothing of the hour has passed.
  EXPECT_EQ(before("hour", Utc(2026, 11, 22, 11, 29)), std::nullopt);
  EXPECT_EQ(before("hour", Utc(2026, 11, 22, 11, 30)),
            (Period{Utc(2026, 11, 22, 10), Utc(2026, 11, 22, 11)}));
  EXPECT_EQ(before("last-day", Utc(2026, 11, 22, 11, 29)),
            (Period{Utc(2026, 11, 19, 23), Utc(2026, 11, 20, 23)}));
  EXPECT_EQ(before("all", Utc(2026, 11, 22, 11, 30)), std::nullopt);
}

TEST(StoredPeriodBeforeTest, OfOneGivenByItsEndsBothAreExtendedToWholeHours) {
  // 13:20 to 14:40 has something of two hours.
  EXPECT_EQ(StoredPeriodBefore("", {Utc(2026, 11, 22, 12, 20), Utc(2026, 11, 22, 13, 40)}, kNow,
                               Berlin()),
            (Period{Utc(2026, 11, 22, 10), Utc(2026, 11, 22, 12)}));
}

TEST(NamedPeriodTest, IsAUnitOfTheCalendarOrNone) {
  EXPECT_EQ(UnitOfPeriod("yesterday"), CalendarUnit::kDay);
  EXPECT_EQ(UnitOfPeriod("this-hour"), CalendarUnit::kHour);
  EXPECT_EQ(UnitOfPeriod("last-week"), CalendarUnit::kWeek);
  EXPECT_EQ(UnitOfPeriod("2026-10"), CalendarUnit::kMonth);
  EXPECT_EQ(UnitOfPeriod("2025"), CalendarUnit::kYear);
  for (const char* name : {"", "all", "since-last", "2026-13"}) {
    EXPECT_FALSE(UnitOfPeriod(name).has_value()) << name;
  }
}

TEST(PeriodBeforeTest, ADateIsComparedWithTheUnitBeforeIt) {
  Check("UTC", "2026-10", kNow, {.begin = Utc(2026, 10, 1), .end = Utc(2026, 11, 1)},
        Period{.begin = Utc(2026, 9, 1), .end = Utc(2026, 10, 1)});
  Check("UTC", "2025", kNow, {.begin = Utc(2025, 1, 1), .end = Utc(2026, 1, 1)},
        Period{.begin = Utc(2024, 1, 1), .end = Utc(2025, 1, 1)});
  // What is not over is compared with the same part, as by its other name.
  Check("UTC", "2026-11-22", kNow, {.begin = Utc(2026, 11, 22), .end = Utc(2026, 11, 23)},
        Period{.begin = Utc(2026, 11, 21), .end = Utc(2026, 11, 21, 15, 30, 10)});
  Check("UTC", "this-year", kNow, {.begin = Utc(2026, 1, 1), .end = Utc(2027, 1, 1)},
        Period{.begin = Utc(2025, 1, 1), .end = Utc(2025, 11, 22, 15, 30, 10)});
  Check("UTC", "yesterday", kNow, {.begin = Utc(2026, 11, 21), .end = Utc(2026, 11, 22)},
        Period{.begin = Utc(2026, 11, 20), .end = Utc(2026, 11, 21)});
  Check("UTC", "2027", kNow, {.begin = Utc(2027, 1, 1), .end = Utc(2028, 1, 1)}, std::nullopt);
}

// 30 December 2011 was skipped in Samoa.
TEST(NamedPeriodTest, ADateThatTheClockSkipsIsTheNextOne) {
  const std::optional<Period> day = NamedPeriod("2011-12-30", kNow, Zone("Pacific/Apia"));
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(*day, (Period{.begin = Utc(2011, 12, 30, 10), .end = Utc(2011, 12, 31, 10)}));
}

}  // namespace
}  // namespace cpuagg::aggregate
