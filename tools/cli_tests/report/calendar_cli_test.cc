// The built binary in zones whose clocks change, at times near such a change: the store and the
// file agree about each hour, and part of a period is compared with the same part.

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;

absl::Time TimeOf(const json& text) {
  absl::Time time;
  EXPECT_TRUE(text.is_string() &&
              absl::ParseTime(absl::RFC3339_full, text.get<std::string>(), &time, nullptr))
      << text;
  return time;
}

class CalendarCliTest : public testing::ClockCliTest {
 protected:
  // Sets the zone and the time of the program.
  void Enter(std::string zone, const std::string& now) {
    zone_ = std::move(zone);
    std::string error;
    ASSERT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M %Ez", now, &now_, &error)) << now << ": " << error;
  }

  // Processes of one second that ended every `step` within the last `length`.
  void WriteHistory(absl::Duration length, absl::Duration step) {
    std::string records;
    for (absl::Time end = now_ - length; end <= now_; end += step) {
      records += EndedAt(end).Uid(1001).UserTime(100).Bytes();
    }
    dir_.Write("pacct", records);
  }
};

TEST_F(CalendarCliTest, AnHourInWhichTheClockIsChangedIsTheSameFromStoreAndFile) {
  struct Case {
    const char* zone;
    const char* now;
    int processes;  // that ended in the current hour, one per minute
  };
  const Case cases[] = {
      {"Australia/Lord_Howe", "2026-04-05 01:50 +11:00", 51},
      {"Australia/Lord_Howe", "2026-04-05 01:40 +10:30", 11},
      {"Australia/Lord_Howe", "2026-04-05 02:20 +10:30", 21},
      {"Australia/Lord_Howe", "2026-10-04 02:45 +11:00", 16},
      {"Pacific/Chatham", "2026-04-05 03:30 +13:45", 31},
      {"Pacific/Chatham", "2026-04-05 02:50 +12:45", 6},
      {"Pacific/Chatham", "2026-04-05 03:05 +12:45", 6},
      {"America/St_Johns", "2010-11-06 23:10 -03:30", 10},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.zone, " ", c.now));
    Enter(c.zone, c.now);
    WriteHistory(absl::Hours(3), absl::Minutes(1));
    ASSERT_EQ(std::system(("rm -rf " + store_).c_str()), 0);
    Collect();
    const json stored = JsonReport({"--period=hour"});
    const json read = JsonReport({"--period=hour", pacct_});
    EXPECT_EQ(read["totals"]["processes"], c.processes);
    EXPECT_EQ(stored["rows"][0]["cpu_seconds"], c.processes);
    EXPECT_EQ(stored["totals"]["cpu_seconds"], read["totals"]["cpu_seconds"]);
    EXPECT_EQ(stored["period"], read["period"]);
    const json hours = JsonReport({"--by=hour"});
    EXPECT_EQ(hours["rows"].back()["processes"], c.processes);
    EXPECT_EQ(hours["rows"], JsonReport({"--by=hour", pacct_})["rows"]);
  }
}

// The clock changes at a minute past the hour, forwards and back. One process ended each minute.
TEST_F(CalendarCliTest, HoursAndDaysAboutAChangeAtAMinutePastAreTheSameFromStoreAndFile) {
  struct Case {
    const char* zone;
    const char* now;
    int hour;                    // the number of processes in the current hour
    std::vector<int> last_days;  // and in yesterday's part of the last six hours, and in today's
  };
  const Case cases[] = {
      // The hour from 1:01 on; and today, which also has the minute before the change.
      {"America/St_Johns", "2010-03-14 01:30 -02:30", 30, {330, 31}},
      {"America/St_Johns", "2010-03-14 00:00 -03:30", 1, {360, 1}},
      // Back over midnight: today goes on, although the clock shows yesterday.
      {"America/St_Johns", "2010-11-06 23:30 -03:30", 30, {330, 31}},
      {"America/St_Johns", "2010-11-07 00:30 -03:30", 31, {270, 91}},
      {"Asia/Gaza", "2010-03-27 01:20 +03:00", 20, {340, 21}},
      {"Antarctica/Casey", "2020-10-04 03:45 +11:00", 45, {315, 46}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.zone, " ", c.now));
    Enter(c.zone, c.now);
    WriteHistory(absl::Hours(6), absl::Minutes(1));
    ASSERT_EQ(std::system(("rm -rf " + store_).c_str()), 0);
    Collect();
    for (const Strings& flags : {Strings{"--by=hour"},
                                 {"--by=day"},
                                 {"--by=day,user"},
                                 {"--period=hour"},
                                 {"--period=last-hour"},
                                 {"--period=day"},
                                 {"--period=hour", "--by=hour"}}) {
      Strings on_file = flags;
      on_file.push_back(pacct_);
      const json stored = JsonReport(flags);
      const json read = JsonReport(on_file);
      EXPECT_EQ(stored["totals"]["processes"], read["totals"]["processes"]) << flags[0];
      ASSERT_EQ(stored["rows"].size(), read["rows"].size()) << flags[0];
      for (size_t i = 0; i < read["rows"].size(); ++i) {
        for (const char* const member : {"processes", "cpu_seconds", "hour", "day"}) {
          EXPECT_EQ(stored["rows"][i].value(member, json()), read["rows"][i].value(member, json()))
              << flags[0] << i;
        }
      }
      if (flags[0] != "--by=hour" && flags[0] != "--by=day") {
        EXPECT_EQ(stored["period"], read["period"]);
      }
    }
    EXPECT_EQ(JsonReport({"--period=hour"})["totals"]["processes"], c.hour);
    std::vector<int> days;
    const json by_day = JsonReport({"--by=day"});
    for (const json& row : by_day["rows"]) days.push_back(row["processes"]);
    EXPECT_EQ(days, c.last_days);
  }
}

TEST_F(CalendarCliTest, APeriodThatIsNotOverIsComparedUpToTheSameTimeByTheClock) {
  struct Case {
    const char* zone;
    const char* now;
    const char* period;
    const char* start;
    const char* end;
  };
  const Case cases[] = {
      {"Europe/Berlin", "2026-03-29 12:00 +02:00", "day", "2026-03-28T00:00:00+01:00",
       "2026-03-28T12:00:00+01:00"},
      {"Europe/Berlin", "2026-03-29 11:40 +02:00", "day", "2026-03-28T00:00:00+01:00",
       "2026-03-28T12:00:00+01:00"},
      {"Europe/Berlin", "2026-03-30 12:00 +02:00", "day", "2026-03-29T00:00:00+01:00",
       "2026-03-29T12:00:00+02:00"},
      {"Europe/Berlin", "2026-10-25 12:00 +01:00", "day", "2026-10-24T00:00:00+02:00",
       "2026-10-24T12:00:00+02:00"},
      {"Europe/Berlin", "2026-03-31 12:00 +02:00", "week", "2026-03-23T00:00:00+01:00",
       "2026-03-24T12:00:00+01:00"},
      {"Europe/Berlin", "2026-04-07 12:00 +02:00", "month", "2026-03-01T00:00:00+01:00",
       "2026-03-07T12:00:00+01:00"},
      // Whole hours: at half past two today, the matching hour of yesterday is two to three.
      {"Australia/Lord_Howe", "2026-10-04 02:31 +11:00", "day", "2026-10-03T00:00:00+10:30",
       "2026-10-03T03:00:00+10:30"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.zone, " ", c.now, " ", c.period));
    Enter(c.zone, c.now);
    WriteHistory(absl::Hours(24 * 70), absl::Hours(1));
    ASSERT_EQ(std::system(("rm -rf " + store_).c_str()), 0);
    Collect();
    const json previous = JsonReport({"--period", c.period})["previous"];
    EXPECT_EQ(TimeOf(previous["start"]), TimeOf(c.start));
    EXPECT_EQ(TimeOf(previous["end"]), TimeOf(c.end));
  }
}

TEST_F(CalendarCliTest, ARuleInTzIsFollowedAsTheZoneThatItIsOf) {
  struct Case {
    const char* rule;
    const char* zone;
    const char* shown;  // in the heading
  };
  const Case cases[] = {{"CET-1CEST,M3.5.0,M10.5.0/3", "Europe/Berlin", " CET"},
                        {"EST5", "Etc/GMT+5", " EST"},
                        {"<+03>-3", "Etc/GMT-3", " +03"},
                        {"UTC-2", "Etc/GMT-2", " UTC"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.rule);
    Enter(c.rule, "2026-10-26 05:20 +00:00");
    WriteHistory(absl::Hours(60), absl::Minutes(20));
    ASSERT_EQ(std::system(("rm -rf " + store_).c_str()), 0);
    Collect();
    const json by_rule = JsonReport({"--by=hour", "--period=week"});
    const json last_day = JsonReport({"--period=last-day"});
    const std::string table = Run({"report", "--period=last-day"}).out;
    EXPECT_NE(table.find(c.shown), std::string::npos) << table;
    zone_ = c.zone;
    EXPECT_EQ(by_rule["rows"], JsonReport({"--by=hour", "--period=week"})["rows"]);
    EXPECT_EQ(last_day["period"], JsonReport({"--period=last-day"})["period"]);
    EXPECT_EQ(last_day["totals"], JsonReport({"--period=last-day"})["totals"]);
  }
}

TEST_F(CalendarCliTest, UtcIsTheZoneThatIsAskedFor) {
  Enter("Asia/Kolkata", "2026-10-26 05:20 +00:00");
  WriteHistory(absl::Hours(30), absl::Minutes(20));
  for (const Strings& asked : {Strings{"report", "--by=hour", "--since=2026-10-26 01:00"},
                               Strings{"records", "--until=today"}}) {
    Strings argv = asked;
    argv.insert(argv.end(), {"--accounting-file", pacct_});
    const std::string local = OutputOf(argv);
    zone_ = "UTC";
    const std::string expected = OutputOf(argv);
    zone_ = "Asia/Kolkata";
    argv.emplace_back("--utc");
    EXPECT_EQ(OutputOf(argv), expected);
    EXPECT_NE(local, expected);
  }
}

TEST_F(CalendarCliTest, ATzThatIsNoZoneIsRefused) {
  Enter("Europe/Nowhere", "2026-10-26 05:20 +00:00");
  WriteHistory(absl::Hours(1), absl::Minutes(20));
  for (const char* command : {"report", "collect", "send"}) {
    const Finished run = Run({command});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find("TZ: 'Europe/Nowhere' is not a time zone of this system; write one of "),
              std::string::npos)
        << run.err;
  }
  EXPECT_EQ(std::system(("test ! -e " + store_).c_str()), 0);
}

}  // namespace
}  // namespace cpuagg::tools
