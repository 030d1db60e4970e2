#include "tools/time_argument.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/period.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

using aggregate::Period;

absl::TimeZone Berlin() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}

absl::Time Utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second),
                         absl::UTCTimeZone());
}

const absl::Time kNow = Utc(2026, 11, 22, 15, 30, 10);

TEST(ParseTimeTest, ReadsEveryWayOfWritingATime) {
  struct Case {
    const char* text;
    absl::Time time;
  };
  const Case cases[] = {
      {"2026-11-22", Utc(2026, 11, 21, 23)},  // midnight in Berlin
      {"2026-11-22 14:00", Utc(2026, 11, 22, 13)},
      {"2026-11-22 14:00:05", Utc(2026, 11, 22, 13, 0, 5)},
      {"2026-11-22T14:00", Utc(2026, 11, 22, 13)},
      {"2026-11-22T14:00:05", Utc(2026, 11, 22, 13, 0, 5)},
      {"2026-11-22T14:00:05Z", Utc(2026, 11, 22, 14, 0, 5)},
      {"2026-11-22T14:00+05:30", Utc(2026, 11, 22, 8, 30)},
      {"2026-07-01 12:00", Utc(2026, 7, 1, 10)},  // summer time
      {"@1795000000", absl::FromUnixSeconds(1'795'000'000)},
      {"now", kNow},
      {"today", Utc(2026, 11, 21, 23)},
      {"yesterday", Utc(2026, 11, 20, 23)},
      {"90m", kNow - absl::Minutes(90)},
      {"36h", kNow - absl::Hours(36)},
      {"7d", kNow - absl::Hours(24 * 7)},
      {"2w", kNow - absl::Hours(24 * 14)},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<absl::Time> time = ParseTime("--since", c.text, kNow, Berlin());
    ASSERT_TRUE(time.ok()) << time.status();
    EXPECT_EQ(*time, c.time) << c.text;
  }
}

TEST(ParseTimeTest, NonsenseNamesTheFlag) {
  for (const char* text : {"", "x", "2026-13-01", "2026-11-31", "7", "d", "-7d", "7x", "@", "@x",
                           "22.11.2026", "99999999999999999999d"}) {
    const absl::Status status = ParseTime("--since", text, kNow, Berlin()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(status.message().find("--since"), std::string::npos);
  }
}

TEST(ParsePeriodTest, IsTheCalendarsThatHoldsNow) {
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
  };
  for (const Case& c : cases) {
    const absl::StatusOr<Period> period = ParsePeriod("--period", c.name, kNow, Berlin());
    ASSERT_TRUE(period.ok()) << period.status();
    EXPECT_EQ(*period, (Period{.begin = c.begin, .end = c.end})) << c.name;
  }
  EXPECT_TRUE(ParsePeriod("--period", "all", kNow, Berlin())->is_all());
  EXPECT_FALSE(ParsePeriod("--period", "year", kNow, Berlin()).ok());
}

TEST(ParsePeriodTest, ADayIs25HoursLongWhenClocksAreSetBack) {
  const absl::StatusOr<Period> day =
      ParsePeriod("--period", "day", Utc(2026, 10, 25, 12), Berlin());
  ASSERT_TRUE(day.ok());
  EXPECT_EQ(day->end - day->begin, absl::Hours(25));
}

TEST(ParsePeriodTest, TheHourThatComesTwiceIsOneHourLongEachTime) {
  // 2:30 summer time, then 2:30 winter time.
  for (const absl::Time now : {Utc(2026, 10, 25, 0, 30), Utc(2026, 10, 25, 1, 30)}) {
    const absl::StatusOr<Period> hour = ParsePeriod("--period", "hour", now, Berlin());
    ASSERT_TRUE(hour.ok());
    EXPECT_EQ(*hour, (Period{.begin = now - absl::Minutes(30), .end = now + absl::Minutes(30)}));
  }
}

}  // namespace
}  // namespace cpuagg::tools
