#include "tools/config/time_argument.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

using aggregate::Period;

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
      {"2026-11-22 14", Utc(2026, 11, 22, 13)},
      {"2026-11", Utc(2026, 10, 31, 23)},
      {"2026", Utc(2025, 12, 31, 23)},
      {"14:00", Utc(2026, 11, 22, 13)},
      {"9:05", Utc(2026, 11, 22, 8, 5)},
      {"14:00:05", Utc(2026, 11, 22, 13, 0, 5)},
      {"23:30", Utc(2026, 11, 22, 22, 30)},  // later today
      {"today 14:00", Utc(2026, 11, 22, 13)},
      {"yesterday 9", Utc(2026, 11, 21, 8)},
      {"Mon 18", Utc(2026, 11, 16, 17)},
      {"monday  9", Utc(2026, 11, 16, 8)},
      {" yesterday   18:00 ", Utc(2026, 11, 21, 17)},
      {"14:00:59", Utc(2026, 11, 22, 13, 0, 59)},
      {"2026-11-22T14", Utc(2026, 11, 22, 13)},
      {"yesterday 18:00", Utc(2026, 11, 21, 17)},
      {"Yesterday 18:00:30", Utc(2026, 11, 21, 17, 0, 30)},
      {"tomorrow", Utc(2026, 11, 22, 23)},
      {"sunday", Utc(2026, 11, 21, 23)},  // which is today
      {"Monday", Utc(2026, 11, 15, 23)},
      {"sat", Utc(2026, 11, 20, 23)},
      {"thurs", Utc(2026, 11, 18, 23)},
      {"fri 22:15", Utc(2026, 11, 20, 21, 15)},
      {"90 minutes ago", kNow - absl::Minutes(90)},
      {"1 hour ago", kNow - absl::Hours(1)},
      {"3 days ago", kNow - absl::Hours(72)},
      {"2  weeks ago", kNow - absl::Hours(24 * 14)},
      {"30 seconds ago", kNow - absl::Seconds(30)},
      {"1 month ago", Utc(2026, 10, 22, 14, 30, 10)},  // by the clock of summer time
      {"2 years ago", Utc(2024, 11, 22, 15, 30, 10)},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<absl::Time> time = ParseTime("--since", c.text, kNow, Berlin());
    ASSERT_TRUE(time.ok()) << time.status();
    EXPECT_EQ(*time, c.time) << c.text;
  }
}

// 30 December 2011 was skipped in Samoa; Newfoundland's clock went back at a minute past midnight.
TEST(ParseTimeTest, YesterdayIsTheDayBeforeThatTheClockHas) {
  const absl::TimeZone apia = Zone("Pacific/Apia");
  EXPECT_EQ(*ParseTime("--since", "yesterday", Utc(2011, 12, 30, 20), apia), Utc(2011, 12, 29, 10));
  EXPECT_EQ(*ParseTime("--since", "today", Utc(2011, 12, 30, 20), apia), Utc(2011, 12, 30, 10));
  const absl::TimeZone st_johns = Zone("America/St_Johns");
  EXPECT_EQ(*ParseTime("--since", "today", Utc(2010, 11, 7, 3), st_johns), Utc(2010, 11, 7, 2, 30));
}

TEST(ParseTimeTest, NonsenseNamesTheFlag) {
  for (const char* text : {"",
                           "x",
                           "2026-13-01",
                           "2026-11-31",
                           "7",
                           "d",
                           "-7d",
                           "99999d",
                           "7x",
                           "@",
                           "@x",
                           "@-5",
                           "@1795000000000",
                           "@99999999999999",
                           "22.11.2026",
                           "99999999999999999999d",
                           "1969-12-31",
                           "0000-01-01",
                           "-0001-01-01",
                           "10000-01-01",
                           "202611221400-01-01",
                           "292277026596-12-04 15:30:07",
                           "infinite-past",
                           "25:00",
                           "14:60",
                           "14:00:60",
                           "2026-11-22 14:00:60",
                           "2026-11-22T14:00:60Z",
                           "14",
                           "14:",
                           ":30",
                           "14:00Z",
                           "monday 25",
                           "someday 18",
                           "monday monday",
                           "someday 18:00",
                           "mondy",
                           "mo",
                           "yesterday 18:00 19:00",
                           "2026-13",
                           "2026-11-22 24:30",
                           "ago",
                           " ago",
                           "days ago",
                           "3 fortnights ago",
                           "-3 days ago",
                           "3 days",
                           "99999 days ago",
                           "100 years ago",
                           "99999999 months ago",
                           "99999999999999999999 months ago",
                           "infinite-future"}) {
    const absl::Status status = ParseTime("--since", text, kNow, Berlin()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(status.message().find("--since"), std::string::npos);
  }
}

TEST(ParseTimeTest, YearsAreThoseOfFourDigitsFrom1970) {
  // By the local clock: in Berlin 1970 begins while it is still 1969 in UTC.
  EXPECT_EQ(*ParseTime("--since", "1970-01-01", kNow, Berlin()), Utc(1969, 12, 31, 23));
  EXPECT_EQ(*ParseTime("--until", "9999-12-31 23:59", kNow, Berlin()), Utc(9999, 12, 31, 22, 59));
}

TEST(ParseTimeTest, AMonthAgoIsTheLastDayOfAShorterMonth) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(*ParseTime("--since", "1 month ago", Utc(2026, 3, 31, 12), utc), Utc(2026, 2, 28, 12));
  EXPECT_EQ(*ParseTime("--since", "1 year ago", Utc(2024, 2, 29, 12), utc), Utc(2023, 2, 28, 12));
}

TEST(ParsePeriodTest, TakesTheNamesOfPeriodsAndNamesTheFlagOtherwise) {
  EXPECT_EQ(*ParsePeriod("--period", "hour", kNow, Berlin()),
            (Period{.begin = Utc(2026, 11, 22, 15), .end = Utc(2026, 11, 22, 16)}));
  EXPECT_TRUE(ParsePeriod("--period", "all", kNow, Berlin())->is_all());
  EXPECT_EQ(*ParsePeriod("--period", "Last-Day", kNow, Berlin()),
            *ParsePeriod("--period", "last-day", kNow, Berlin()));
  const absl::Status status = ParsePeriod("REPORT_PERIOD", "years", kNow, Berlin()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("REPORT_PERIOD: 'years'"), std::string::npos) << status;
}

TEST(ParseTimeTest, WhatIsNearlyADayIsAskedAbout) {
  const auto problem = [](const char* text) {
    return std::string(ParseTime("--since", text, kNow, Berlin()).status().message());
  };
  EXPECT_TRUE(absl::EndsWith(problem("Tomorow"), "; did you mean tomorrow?"));
  EXPECT_TRUE(absl::EndsWith(problem("wendesday"), "; did you mean wednesday?"));
  EXPECT_EQ(problem("2026-13").find("did you mean"), std::string::npos);
}

TEST(ParsePeriodTest, WhatIsNearlyAPeriodIsAskedAbout) {
  const auto problem = [](const char* name) {
    return std::string(ParsePeriod("--period", name, kNow, Berlin()).status().message());
  };
  EXPECT_EQ(problem("yesterdy"),
            "--period: 'yesterdy' is not a period; it must be one of today, yesterday, last-day, "
            "this-week, last-week, this-month, last-month, this-year, last-year, this-hour, "
            "last-hour, all, since-last, or a date: 2026-11-22, 2026-11 or 2026; did you mean "
            "yesterday?");
  EXPECT_EQ(problem("soon").find("did you mean"), std::string::npos);
  // Not a period of the calendar.
  for (const char* name : {"last-7-days", "last-7d", "7d", "7-days", "past-7-days"}) {
    EXPECT_TRUE(absl::EndsWith(problem(name), "2026; did you mean --since 7d?")) << problem(name);
  }
  EXPECT_EQ(ParsePeriod("REPORT_PERIOD", "7d", kNow, Berlin()).status().message().find("--since"),
            absl::string_view::npos);
  // What is proposed is in the list.
  const std::pair<const char*, const char*> proposals[] = {
      {"weekly", "last-week"}, {"daily", "yesterday"},    {"hourly", "last-hour"},
      {"years", "last-year"},  {"monthly", "last-month"}, {"lastweek", "last-week"},
      {"last-dya", "last-day"}};
  for (const auto& [asked, meant] : proposals) {
    EXPECT_TRUE(absl::EndsWith(problem(asked), absl::StrCat("; did you mean ", meant, "?")))
        << problem(asked);
  }
}

TEST(ParseLengthTest, TakesWhatIsLongerThanNothing) {
  EXPECT_EQ(*ParseLength("F", "90m"), absl::Minutes(90));
  EXPECT_EQ(*ParseLength("F", "3d"), absl::Hours(72));
  for (const char* text : {"", "0h", "-1h", "3", "h", "2026-11-22", "1.5h"}) {
    const absl::Status status = ParseLength("EXPIRE_AFTER", text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(status.message().find("EXPIRE_AFTER"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace cpuagg::tools
