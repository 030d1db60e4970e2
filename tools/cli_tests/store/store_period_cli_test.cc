// The built binary with a store, for times and commands that the store does not keep exactly: the
// heading shows what was counted, and what is unknown is reported in the table, in JSON, on
// standard error with CSV, and in the message.

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/sanitized.h"
#include "acct/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/picture/picture.h"
#include "notify/words/period_text.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using nlohmann::json;
using notify::testing::Picture;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;

// /proc is not read here.
constexpr char kLacksRunning[] = "Not all processes that still run are included.";

absl::Time TimeOf(const json& text) {
  absl::Time time;
  EXPECT_TRUE(text.is_string() &&
              absl::ParseTime(absl::RFC3339_full, text.get<std::string>(), &time, nullptr))
      << text;
  return time;
}

absl::Time Utc(const std::string& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%S", text, &time, nullptr)) << text;
  return time;
}

class StorePeriodCliTest : public testing::ClockCliTest {
 protected:
  StorePeriodCliTest() { now_ = Utc("2026-11-25 12:10:00"); }

  void Add(absl::Time end, const std::string& command, uint32_t uid = 1001) {
    dir_.Append("pacct", EndedAt(end).Uid(uid).Pid(++pid_).UserTime(100).Command(command).Bytes());
    ends_.push_back(end);
  }
  // One process every twenty minutes of the last `length`.
  void AddHistory(absl::Duration length) {
    for (absl::Time end = now_ - length; end < now_; end += absl::Minutes(20)) Add(end, "sh");
  }
  int64_t EndedIn(const json& period) const {
    int64_t count = 0;
    for (const absl::Time end : ends_) {
      count += TimeOf(period["start"]) <= end && end < TimeOf(period["end"]) ? 1 : 0;
    }
    return count;
  }

  std::vector<absl::Time> ends_;
  uint32_t pid_ = 0;
};

TEST_F(StorePeriodCliTest, APeriodThatEndedAfterTheLastRunSaysUntilWhenItIsKnown) {
  now_ = Utc("2026-11-25 23:40:00");
  AddHistory(absl::Hours(3));
  Collect();
  now_ = Utc("2026-11-26 08:00:00");
  const char* const since =
      "Nothing new has been collected since 2026-11-25 23:40; nothing is known about the time "
      "after.";
  EXPECT_THAT(OutputOf({"report", "--store", store_, "--period=yesterday"}), HasSubstr(since));
  Add(Utc("2026-11-26 07:30:00"), "sh");
  Collect();
  EXPECT_THAT(OutputOf({"report", "--store", store_, "--period=yesterday"}),
              Not(HasSubstr("Nothing new")));
}

TEST_F(StorePeriodCliTest, APeriodThatCutsHoursIsWidenedAndSaysSo) {
  AddHistory(absl::Hours(48));
  Add(Utc("2026-11-25 12:05:00"), "sh");
  Collect();
  struct Case {
    Strings flags;
    const char* zone;
    const char* start;
    const char* end;
  };
  const Case cases[] = {
      {{"--since=20m"}, "UTC", "2026-11-25T11:00:00Z", nullptr},
      {{"--since=2026-11-25 10:00", "--until=2026-11-25 12:01"},
       "UTC",
       "2026-11-25T10:00:00Z",
       "2026-11-25T13:00:00Z"},
      {{"--since=2026-11-25 10:59:59", "--until=2026-11-25 11:00:01"},
       "UTC",
       "2026-11-25T10:00:00Z",
       "2026-11-25T12:00:00Z"},
      // Midnight in Kolkata is at 18:30, in St. John's at 3:30, in Kathmandu at 18:15.
      {{"--period=last-day"}, "Asia/Kolkata", "2026-11-23T18:00:00Z", "2026-11-24T19:00:00Z"},
      {{"--period=last-day"}, "America/St_Johns", "2026-11-24T03:00:00Z", "2026-11-25T04:00:00Z"},
      {{"--period=last-day"}, "Asia/Kathmandu", "2026-11-23T18:00:00Z", "2026-11-24T19:00:00Z"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.flags[0], " in ", c.zone));
    zone_ = c.zone;
    const json report = JsonReport(c.flags);
    EXPECT_EQ(report["period"]["start"], c.start);
    if (c.end != nullptr) {
      EXPECT_EQ(report["period"]["end"], c.end);
    }
    EXPECT_EQ(report["totals"]["processes"], EndedIn(report["period"]));
    EXPECT_TRUE(report["asked_period"].is_object());
    EXPECT_THAT(report["notes"].dump(), HasSubstr("The period is longer than asked for ("));
  }
}

TEST_F(StorePeriodCliTest, APeriodOfWholeHoursIsWhatWasAskedFor) {
  AddHistory(absl::Hours(48));
  Collect();
  const json report = JsonReport({"--since=2026-11-25 10:00", "--until=2026-11-25 12:00"});
  EXPECT_EQ(report["asked_period"], nullptr);
  EXPECT_EQ(report["period"]["start"], "2026-11-25T10:00:00Z");
  EXPECT_EQ(report["period"]["end"], "2026-11-25T12:00:00Z");
  EXPECT_EQ(report["totals"]["processes"], 6);
  EXPECT_EQ(report["notes"], json::array({kLacksRunning}));
}

TEST_F(StorePeriodCliTest, EveryOutputSaysThatThePeriodIsWidened) {
  AddHistory(absl::Hours(3));
  Collect();
  const char kSaid[] = "2026-11-25 11:30 – 12:00 UTC";
  const Strings period = {"--since=2026-11-25 11:30", "--until=2026-11-25 12:00"};
  const auto with = [&](Strings flags) {
    flags.insert(flags.end(), period.begin(), period.end());
    return Run(std::move(flags));
  };
  const Finished table = with({"report"});
  EXPECT_THAT(table.out, HasSubstr("lab01, 2026-11-25 11:00 – 12:00 UTC\n"));
  EXPECT_THAT(table.out, HasSubstr(absl::StrCat("longer than asked for (", kSaid, ")")));
  const Finished csv = with({"report", "--format=csv"});
  EXPECT_THAT(csv.out, Not(HasSubstr("asked")));
  EXPECT_THAT(csv.err, HasSubstr(absl::StrCat("longer than asked for (", kSaid, ")")));
  const Finished message = with({"send", "--dry-run", "--user=1001"});
  EXPECT_THAT(message.out, HasSubstr("2026-11-25 11:00 – 12:00 UTC"));
  EXPECT_THAT(message.out, HasSubstr(absl::StrCat("⚠ longer than asked for: ", kSaid)));
}

TEST_F(StorePeriodCliTest, WhatIsKeptByTheDayIsShownByTheDay) {
  now_ = Utc("2026-11-01 12:00:00");
  AddHistory(absl::Hours(24 * 12));
  Collect({"--keep-hours=3d"});
  const json report =
      JsonReport({"--since=2026-10-25 10:00", "--until=2026-10-25 12:00", "--by=hour"});
  EXPECT_EQ(report["period"]["start"], "2026-10-25T00:00:00Z");
  EXPECT_EQ(report["period"]["end"], "2026-10-26T00:00:00Z");
  ASSERT_EQ(report["rows"].size(), 1u);
  EXPECT_EQ(report["rows"][0]["processes"], 72);
  EXPECT_EQ(report["rows"][0]["start"], "2026-10-25T00:00:00Z");
  EXPECT_EQ(report["rows"][0]["end"], "2026-10-26T00:00:00Z");
  const Finished table =
      Run({"report", "--since=2026-10-25 10:00", "--until=2026-10-25 12:00", "--by=hour"});
  EXPECT_THAT(table.out, HasSubstr("\n2026-10-25  "));
  EXPECT_THAT(table.out, HasSubstr("Rows that show both their ends or a day do not cover just one "
                                   "hour of this clock"));
}

TEST_F(StorePeriodCliTest, ARowThatThePeriodCutsShowsWhatIsLeftOfIt) {
  AddHistory(absl::Hours(72));
  Collect();
  // In hours of UTC, a day of Kolkata goes from half past to half past; the period begins inside
  // one.
  zone_ = "Asia/Kolkata";
  const Finished table = Run({"report", "--by=day", "--since=2026-11-24"});
  EXPECT_THAT(table.out, HasSubstr("\n2026-11-23 23:30 – 2026-11-24 00:30 "));
  EXPECT_THAT(table.out, HasSubstr("\n2026-11-24 00:30 – 2026-11-25 00:30 "));
  const json report = JsonReport({"--by=day", "--since=2026-11-24"});
  for (const json& row : report["rows"]) EXPECT_EQ(row["processes"], EndedIn(row));
}

TEST_F(StorePeriodCliTest, TheTableShowsTheEndsThatJsonHas) {
  AddHistory(absl::Hours(72));
  Collect();
  absl::TimeZone kolkata;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Kolkata", &kolkata));
  // The last row of a period without an end ends with the period, not with its day.
  for (const Strings& flags :
       {Strings{"--by=day", "--since=2026-11-24"}, Strings{"--by=day"}, Strings{"--by=hour"}}) {
    Strings asked = flags;
    asked.insert(asked.begin(), "report");
    zone_ = "Asia/Kolkata";
    const std::string table = Run(asked).out;
    const json report = JsonReport(flags);
    EXPECT_GE(report["rows"].size(), 2u);
    for (const json& row : report["rows"]) {
      const std::string ends =
          notify::EndsText({TimeOf(row["start"]), TimeOf(row["end"])}, kolkata);
      EXPECT_THAT(table, HasSubstr(absl::StrCat("\n", ends, "  ")));
    }
  }
}

// The store has hours of UTC, which are half an hour off on this clock.
TEST_F(StorePeriodCliTest, AnHourOfAnotherClockIsDrawnWhereItIs) {
  AddHistory(absl::Hours(5));
  Collect();
  struct Drawn {
    size_t bars;
    double behind;  // the middle of the last one, in hours
  };
  const auto draw = [&](const std::string& zone) {
    const std::string chart = dir_.Path("chart.png");
    zone_ = zone;
    const Finished run = Run(
        {"report", "--by=hour", "--since=@1795593600", "--until=@1795608000", "--chart=" + chart});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    constexpr uint32_t kBar = 0x0072b2;
    constexpr double kPlotEnd = 1232;
    const auto bars = Picture::Decode(ReadFile(chart)).Transposed().BarsOf(kBar);
    EXPECT_GT(bars.size(), 2u);
    const double hour = bars[1].y - bars[0].y;
    const double behind = (kPlotEnd - (bars.back().y + bars.back().height / 2.0)) / hour;
    return Drawn{bars.size(), behind};
  };
  const Drawn utc = draw("UTC");
  const Drawn kolkata = draw("Asia/Kolkata");
  EXPECT_EQ(utc.bars, 4u);
  EXPECT_EQ(kolkata.bars, 4u);
  EXPECT_NEAR(kolkata.behind - utc.behind, 0.5, 0.02);
}

// The year is not repeated in each row, and no date is cut.
TEST_F(StorePeriodCliTest, AMessageByUserAndHourHasWholeTimes) {
  AddHistory(absl::Hours(30));
  Add(now_ - absl::Minutes(30), "sh", 1002);
  Collect();
  const auto message = [&](const std::string& period, const std::string& zone) {
    zone_ = zone;
    return OutputOf({"send", "--dry-run", "--by=user,hour", "--user=1001", "--user=1002", period});
  };
  const std::string two_days = message("--period=all", "UTC");
  EXPECT_THAT(two_days, HasSubstr("\nUSER HOUR            TIME    %\n"));
  EXPECT_THAT(two_days, HasSubstr("\n1001 11-24 09:00       3s   3%\n"));
  const std::string one_day = message("--period=last-day", "UTC");
  EXPECT_THAT(one_day, HasSubstr("\n2026-11-24 UTC\n"));
  EXPECT_THAT(one_day, HasSubstr("\n1001 09:00             3s   6%\n"));
  EXPECT_THAT(message("--period=last-day", "Asia/Kolkata"),
              HasSubstr("\n1001 11-24 14:30–15:30     3s"));
}

TEST_F(StorePeriodCliTest, TheRecordsBeginWithThoseOfUsersAndNotWithTheMonthsOfCommands) {
  now_ = Utc("2026-11-26 07:00:00");
  for (absl::Time end = Utc("2026-09-28 12:00:00"); end < now_; end += absl::Hours(4)) {
    Add(end, "sh");
  }
  Collect({"--keep-hours=10d"});
  EXPECT_EQ(JsonReport({"--since=2026-09-01", "--until=2026-10-01"})["records_begin"],
            "2026-09-28T00:00:00Z");
  const json october = JsonReport({"--since=2026-10-01", "--until=2026-11-01"});
  EXPECT_EQ(october["records_begin"], nullptr);
  EXPECT_THAT(
      october["notes"].dump(),
      HasSubstr("The period that this is compared with is not fully known: 2026-08-31 00:00 – "
                "2026-09-28 00:00 UTC is missing."));
}

TEST_F(StorePeriodCliTest, AComparisonWithATimeOfWhichRecordsAreLostSaysSo) {
  AddHistory(absl::Hours(30));
  Collect();
  // The file read last is gone, with everything appended since.
  now_ += absl::Hours(2);
  ASSERT_EQ(std::rename(pacct_.c_str(), dir_.Path("gone").c_str()), 0);
  ASSERT_EQ(std::remove(dir_.Path("gone").c_str()), 0);
  Add(now_ - absl::Minutes(5), "sh");
  const Finished collect = Run({"collect", "--no-running"});
  EXPECT_EQ(collect.exit_code, 0);
  EXPECT_THAT(collect.err, HasSubstr("cpuagg: gap: 2026-11-25 12:10 – 14:10 UTC: "));
  now_ += absl::Hours(2);
  Add(now_ - absl::Minutes(30), "sh");
  Collect();
  const json report = JsonReport({"--since=2026-11-25 15:00", "--until=2026-11-25 17:00"});
  EXPECT_EQ(report["gaps"], json::array());
  EXPECT_THAT(
      report["notes"].dump(),
      HasSubstr("The period that this is compared with is not fully known: 2026-11-25 14:00 – "
                "14:10 UTC is missing."));
}

TEST_F(StorePeriodCliTest, WhateverIsAskedForTheHeadingIsTrue) {
  std::mt19937_64 random(20261125);
  const auto below = [&](uint64_t limit) { return static_cast<int64_t>(random() % limit); };
  for (int64_t second = 0; second < 6 * 86'400; second += below(4000)) {
    Add(now_ - absl::Hours(6 * 24) + absl::Seconds(second), "sh");
  }
  zone_ = "Asia/Kathmandu";
  Collect({"--keep-hours=2d"});
  const Strings zones = {"UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns",
                         "Australia/Lord_Howe"};
  const Strings names = {"hour", "day", "week", "month", "last-hour", "last-day", "last-week"};
  const Strings units = {"s", "m", "h", "d"};
  const int reports = acct::testing::LessIfProgramIsSanitized(150, 30);
  for (int i = 0; i < reports; ++i) {
    const std::string zone = zones[random() % zones.size()];
    Strings flags;
    switch (below(3)) {
      case 0:
        flags = {"--period=" + names[random() % names.size()]};
        break;
      case 1:
        flags = {absl::StrCat("--since=", 1 + below(100), units[random() % units.size()])};
        break;
      default: {
        const absl::Time since = now_ - absl::Seconds(below(7 * 86'400));
        const absl::Time until = since + absl::Seconds(below(86'400));
        flags = {absl::StrCat("--since=@", absl::ToUnixSeconds(since)),
                 absl::StrCat("--until=@", absl::ToUnixSeconds(until))};
      }
    }
    SCOPED_TRACE(absl::StrCat(flags[0], " ", flags.back(), " in ", zone));
    zone_ = zone;
    const json report = JsonReport(flags);
    ASSERT_EQ(report["totals"]["processes"], EndedIn(report["period"])) << report.dump(1);
    const json& previous = report["previous"];
    if (previous.is_object()) {
      ASSERT_EQ(previous["cpu_seconds"], EndedIn(previous)) << report.dump(1);
      ASSERT_LT(previous["start"], previous["end"]);
    }
  }
}

TEST_F(StorePeriodCliTest, CommandsThatAreNotKeptByNameMakeTheOthersLowerBounds) {
  // Ten of twenty commands of an hour keep their names.
  for (int i = 0; i < 20; ++i)
    Add(now_ - absl::Minutes(40) + absl::Seconds(i), absl::StrCat("c", i));
  Add(now_ - absl::Minutes(35), "ls", 1002);
  Collect();
  const json report = JsonReport({"--command=c*"});
  EXPECT_EQ(report["totals"]["processes"], 10);
  EXPECT_EQ(report["command_complete"], false);
  EXPECT_EQ(report["unnamed_commands"]["processes"], 10);
  EXPECT_EQ(report["unnamed_commands"]["cpu_seconds"], 10);
  const Finished table = Run({"report", "--command=c*"});
  EXPECT_THAT(table.out,
              HasSubstr("at least what is shown: 10 processes of these users with 0:00:10.00 of "
                        "CPU time are not kept by command.\n"));
  EXPECT_THAT(Run({"report", "--by=command"}).out, HasSubstr("at least what is shown: 10 proc"));
  EXPECT_THAT(Run({"report", "--command=c*", "--format=csv"}).err, HasSubstr("at least"));
  EXPECT_THAT(Run({"send", "--dry-run", "--by=command", "--user=1001"}).out,
              HasSubstr("⚠ at least: 10s are not kept by command"));
  // For a user whose commands are all kept, the numbers are exact.
  const json whole = JsonReport({"--command=ls", "--user=1002"});
  EXPECT_EQ(whole["totals"]["processes"], 1);
  EXPECT_EQ(whole["command_complete"], true);
  EXPECT_EQ(whole["notes"], json::array({kLacksRunning}));
  EXPECT_EQ(JsonReport({pacct_, "--command=c*"})["command_complete"], true);
}

TEST_F(StorePeriodCliTest, WhatACommandIsComparedWithMayBeALowerBoundToo) {
  for (int i = 0; i < 20; ++i) {
    Add(Utc("2026-11-25 10:20:00") + absl::Seconds(i), absl::StrCat("c", i));
  }
  Add(Utc("2026-11-25 11:20:00"), "c19");
  Collect();
  const json report =
      JsonReport({"--command=c19", "--since=2026-11-25 11:00", "--until=2026-11-25 12:00"});
  EXPECT_EQ(report["command_complete"], true);
  EXPECT_THAT(report["notes"].dump(),
              HasSubstr("In the period that this is compared with, each command used at least what "
                        "is given: 10 processes with "
                        "0:00:10.00 of CPU time in it are not kept by command."));
}

}  // namespace
}  // namespace cpuagg::tools
