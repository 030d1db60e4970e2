#include "notify/words/period_text.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(PeriodTextTest, HasSecondsIfAnEndHas) {
  const absl::Time noon = absl::FromUnixSeconds(1'795'348'800);
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time later = noon + absl::Seconds(3601);
  EXPECT_EQ(PeriodText({.begin = noon, .end = later}, utc), "2026-11-22 12:00:00 – 13:00:01 UTC");
  EXPECT_EQ(PeriodText({.begin = later}, utc), "since 2026-11-22 13:00:01 UTC");
  EXPECT_EQ(PeriodText({.end = later}, utc), "until 2026-11-22 13:00:01 UTC");
  EXPECT_EQ(EndsText({.begin = noon, .end = later}, utc), "2026-11-22 12:00:00 – 13:00:01");
}

TEST(PeriodTextTest, NamesBothEndsAndTheZone) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time noon = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 12, 0, 0), utc);
  EXPECT_EQ(PeriodText({}, utc), "all time");
  EXPECT_EQ(PeriodText({.begin = noon}, utc), "since 2026-11-22 12:00 UTC");
  EXPECT_EQ(PeriodText({.end = noon}, utc), "until 2026-11-22 12:00 UTC");
  EXPECT_EQ(PeriodText({.begin = noon, .end = noon + absl::Hours(1)}, utc),
            "2026-11-22 12:00 – 13:00 UTC");
  EXPECT_EQ(PeriodText({.begin = noon, .end = noon + absl::Hours(12)}, utc),
            "2026-11-22 12:00 – 2026-11-23 00:00 UTC");
}

TEST(PeriodNameTest, WholeDaysHaveTheirNames) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const auto day = [&](int month, int number) {
    return absl::FromCivil(absl::CivilDay(2026, month, number), berlin);
  };
  EXPECT_EQ(PeriodName({.begin = day(11, 21), .end = day(11, 22)}, berlin), "2026-11-21 CET");
  EXPECT_EQ(PeriodName({.begin = day(11, 16), .end = day(11, 23)}, berlin),
            "2026-11-16 – 2026-11-22 CET");
  // This day has 25 hours.
  EXPECT_EQ(PeriodName({.begin = day(10, 25), .end = day(10, 26)}, berlin), "2026-10-25 CET");
  EXPECT_EQ(EndsName({.begin = day(11, 21), .end = day(11, 22)}, berlin), "2026-11-21");
  // In another zone these are not whole days.
  EXPECT_EQ(PeriodName({.begin = day(11, 21), .end = day(11, 22)}, absl::UTCTimeZone()),
            "2026-11-20 23:00 – 2026-11-21 23:00 UTC");
  EXPECT_EQ(PeriodName({.begin = day(11, 21), .end = day(11, 22) - absl::Hours(1)}, berlin),
            "2026-11-21 00:00 – 23:00 CET");
  EXPECT_EQ(PeriodName({.begin = day(11, 21)}, berlin), "since 2026-11-21 00:00 CET");
  EXPECT_EQ(PeriodName({}, berlin), "all time");
}

}  // namespace
}  // namespace cpuagg::notify
