// `cpuagg collect` and `cpuagg report` on a store over weeks: what becomes of names that change, of
// commands, and of what is merged and forgotten. The clock that the program sees is set.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/cli_tests/store/store_cli.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;
using testing::Program;
using testing::StartedProgram;

TEST_F(StoreCliTest, UsersAreToldApartByTheNamesThatTheyHad) {
  const auto collect = [&](const std::string& accounts) {
    dir_.Write("passwd", accounts);
    for (const uint32_t uid : {1001, 1002, 1003}) Work(uid);
    Collect();
  };
  collect("alice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\n");
  EXPECT_EQ(Users(), (Strings{"1001 alice 1", "1002 bob 1", "1003 - 1"}));
  // Renamed, and deleted before the last process has ended.
  collect("alicia:x:1001:1::/:/bin/sh\n");
  EXPECT_EQ(Users(), (Strings{"1001 alice 1", "1001 alicia 1", "1002 bob 2", "1003 - 2"}));
  // The id is reused.
  collect("alicia:x:1001:1::/:/bin/sh\ncarol:x:1002:1::/:/bin/sh\n");
  EXPECT_EQ(Users(),
            (Strings{"1001 alice 1", "1001 alicia 2", "1002 bob 2", "1002 carol 1", "1003 - 3"}));
  collect("");
  const Strings all = {"1001 alice 1", "1001 alicia 3", "1002 bob 2", "1002 carol 2", "1003 - 4"};
  EXPECT_EQ(Users(), all);
  EXPECT_EQ(Users({"--user=alice"}), Strings{"1001 alice 1"});
  EXPECT_EQ(Users({"--user=bob,alicia"}), (Strings{"1001 alicia 3", "1002 bob 2"}));
  EXPECT_EQ(Users({"--user=1002"}), (Strings{"1002 bob 2", "1002 carol 2"}));
  EXPECT_EQ(Users({"--ignore-user=alicia,carol,1003"}), (Strings{"1001 alice 1", "1002 bob 2"}));

  const std::string names =
      dir_.Write("today", "zoe:x:1001:1::/:/bin/sh\nyann:x:1003:1::/:/bin/sh\n");
  EXPECT_EQ(Users({"--passwd", names}), (Strings{"1001 zoe 4", "1002 - 4", "1003 yann 4"}));
  EXPECT_EQ(Users({"--passwd", names, "--user=zoe"}), Strings{"1001 zoe 4"});
  EXPECT_EQ(Users({"--passwd", names, "--user=alice"}), Strings{});

  // Merging changes none of this.
  now_ += absl::Hours(24 * 5);
  Work(1003);
  Collect();
  ASSERT_EQ(Names().size(), 2u);
  now_ -= absl::Hours(24 * 5);
  EXPECT_EQ(Users({"--until=now"}), all);
}

TEST_F(StoreCliTest, OfEachUserTenCommandsAreKnownAndTheOthersTogether) {
  for (uint16_t i = 1; i <= 15; ++i) Work(1000, absl::StrCat("tool", i), i);
  Work(2, "make", 3);
  Work(2, "others", 4);
  Collect();
  const json users = JsonReport();
  for (const std::string by : {"command", "user,command", "command,user"}) {
    SCOPED_TRACE(by);
    const json commands = JsonReport({"--by", by});
    EXPECT_EQ(commands["totals"]["cpu_seconds"], users["totals"]["cpu_seconds"]);
    EXPECT_EQ(commands["totals"]["processes"], users["totals"]["processes"]);
    std::map<std::string, uint64_t> processes;
    for (const json& row : commands["rows"]) {
      const json& command = row["command"];
      processes[command.is_null() ? "(null)" : command.get<std::string>()] +=
          row["processes"].get<uint64_t>();
    }
    std::map<std::string, uint64_t> expected = {{"(null)", 5}, {"make", 1}, {"others", 1}};
    for (int i = 6; i <= 15; ++i) expected[absl::StrCat("tool", i)] = 1;
    EXPECT_EQ(processes, expected);
  }
  const std::string table = Report({"--by=command"}).out;
  EXPECT_TRUE(absl::StrContains(table, "\n(others)  ")) << table;
  const CsvRows csv = ParseCsv(Report({"--by=user,command", "--format=csv", "--user=1000"}).out);
  ASSERT_EQ(csv.size(), 11u);
  // Each of tool1 to tool5 is no larger than a known command, but together they are.
  EXPECT_EQ(csv[0].at("command"), "");
  EXPECT_EQ(csv[0].at("processes"), "5");
  EXPECT_EQ(csv[0].at("cpu_seconds"), "0.15");
  EXPECT_EQ(csv[1].at("command"), "tool15");

  const json chosen = JsonReport({"--by=user,command", "--command=mak*", "--command=tool1?"});
  EXPECT_EQ(chosen["rows"].size(), 7u);
  EXPECT_EQ(chosen["totals"]["processes"], 7);
  EXPECT_EQ(JsonReport({"--command=mak*"})["rows"].size(), 1u);
}

TEST_F(StoreCliTest, OnATerminalCollectSaysWhatItDid) {
  const auto collect = [&](Strings flags) {
    flags.insert(flags.begin(), {"collect", "--no-running"});
    Program program = Cpuagg(std::move(flags));
    program.terminal_columns = 80;
    const Finished run = testing::RunProgram(program);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  Work(1001);
  Work(1002);
  EXPECT_EQ(collect({}), absl::StrCat("cpuagg: added 2 records from 1 file to ", store_, "\n"));
  EXPECT_EQ(collect({}), absl::StrCat("cpuagg: no new records for ", store_, "\n"));
  Work(1001);
  EXPECT_EQ(collect({"--quiet"}), "");
}

TEST_F(StoreCliTest, WhatAStoreDoesNotKeepIsAskedOfTheFiles) {
  Work(1000);
  Collect();
  for (const std::string by : {"group", "tty", "signal", "user,tty", "hour,group"}) {
    SCOPED_TRACE(by);
    const Finished run = Report({"--by", by});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err,
              "cpuagg: --by: the store knows users, commands and times; name the accounting files, "
              "or add --accounting-file FILE, to ask them for groups, terminals or signals\n");
    EXPECT_EQ(Report({"--by", by, dir_.Path("pacct")}).exit_code, 0);
  }
}

TEST_F(StoreCliTest, WhatIsNoNumberOfDaysIsRefused) {
  Work(1000);
  for (const std::string value : {"0", "-1", "abc", "1h", "d", "36501", "99999999999d"}) {
    const std::string says = absl::StrCat(
        ": '", value, "' is not a number of days from 1 to 36500; write 400d, 60w or 2y\n");
    for (const std::string flag : {"--keep", "--keep-hours"}) {
      const Finished run = RunCollect({flag, value});
      EXPECT_EQ(run.exit_code, 2);
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", flag, says));
    }
    for (const std::string key : {"KEEP", "KEEP_HOURS"}) {
      const Finished run =
          Run({"collect", "--no-running"}, {absl::StrCat("CPUAGG_", key, "=", value)});
      EXPECT_EQ(run.exit_code, 2);
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: CPUAGG_", key, " in the environment", says));
    }
  }
  EXPECT_EQ(RunCollect({"--keep", ""}).exit_code, 2);
  EXPECT_EQ(Run({"collect", "--no-running"}, {"CPUAGG_KEEP="}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(store_));
  // The flag has priority over the key.
  EXPECT_EQ(Run({"collect", "--no-running", "--keep=30d", "--keep-hours=2w"},
                {"CPUAGG_KEEP=0", "CPUAGG_KEEP_HOURS=0"})
                .exit_code,
            0);
}

TEST_F(StoreCliTest, HoursBecomeDaysAndWhatIsTooOldIsForgotten) {
  // The beginning of each row of --by hour.
  const auto hours = [&] {
    const json report = JsonReport({"--by=hour"});
    Strings begins;
    for (const json& row : report["rows"]) {
      begins.push_back(row["hour"].get<std::string>().substr(0, 16));
    }
    return begins;
  };
  WorkAt(now_ - absl::Hours(24 * 50), 1000);
  Work(1000);
  Collect();
  EXPECT_EQ(hours(), (Strings{"2026-08-12T00:00", "2026-10-01T12:00"}));
  // A recent run has read what is older than 30 days.
  const std::string stays =
      "cpuagg: usage from 2026-08-12 on is older than --keep allows and stays, until the runs that "
      "read it are as old; cpuagg forget --before 30d deletes it at once\n";
  EXPECT_TRUE(absl::StrContains(RunCollect({"--keep=30d", "-v"}).err, stays));
  EXPECT_EQ(RunCollect({"--keep=30d"}).err, "");
  EXPECT_FALSE(absl::StrContains(RunCollect({"--keep=60d", "-v"}).err, "is older than"));
  EXPECT_EQ(Run({"forget", "--before=30d", "--dry-run"}).exit_code, 0);
  now_ += absl::Hours(24 * 20);
  Work(1000);
  Collect();
  EXPECT_EQ(hours(), (Strings{"2026-08-12T00:00", "2026-10-01T12:00", "2026-10-21T12:00"}));
  // The hours of October are kept until October has been over for that long.
  now_ += absl::Hours(24 * 50);
  Work(1000);
  Collect();
  Work(1000);
  Collect();
  EXPECT_EQ(hours(), (Strings{"2026-08-12T00:00", "2026-10-01T00:00", "2026-10-21T00:00",
                              "2026-12-10T12:00"}));
  ExpectEverythingOnce();
  // In a crontab, that may mean anything.
  EXPECT_EQ(Run({"collect", "--no-running"}, {"KEEP=30d"}).err, "");
  ExpectEverythingOnce();
  EXPECT_EQ(Run({"collect", "--no-running"}, {"CPUAGG_KEEP=30d"}).err, "");
  EXPECT_EQ(hours(), Strings{"2026-12-10T12:00"});
  written_ = {{1000, 2}};
  ExpectEverythingOnce();
  // Expired data is not read again.
  Collect();
  Work(1000);
  Collect({"--keep=30d"});
  ExpectEverythingOnce();
}

TEST_F(StoreCliTest, WhatIsNewSinceTheLastReportCountsOnceWhenItIsMerged) {
  auto server = notify::testing::FakeBotApi::Start(
      {.token = "123456789:AAE-this-is-the-secret", .known_chats = {"42"}});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto send = [&] {
    const Finished run = Run({"send"}, {"CPUAGG_REPORT_PERIOD=since-last", "CPUAGG_SEND_AS=text",
                                        "CHAT_ID=42", "BOT_TOKEN=123456789:AAE-this-is-the-secret",
                                        "CPUAGG_TELEGRAM_API_URL=" + (*server)->base_url()});
    EXPECT_EQ(run.exit_code, 0) << run.err;
  };
  const auto since_last = [&] { return ProcessesOf(JsonReport({"--period=since-last"})); };
  const auto collect = [&](uint32_t uid) {
    now_ += absl::Minutes(15);
    Work(uid);
    Collect();
  };
  collect(1);
  collect(2);
  send();
  EXPECT_EQ(since_last(), Processes{});
  // Processes may have ended since, of which nothing is known yet.
  const std::string report = OutputOf({"report", "--period=since-last"});
  EXPECT_TRUE(absl::StrContains(report, "Nothing new has been collected since 2026-10-01 12:30"))
      << report;
  collect(3);
  collect(4);
  EXPECT_EQ(since_last(), (Processes{{3, 1}, {4, 1}}));
  now_ += absl::Hours(24 * 3);
  collect(5);
  EXPECT_EQ(Names(), (Strings{"20261001T123000Z-000001-000002.pb",
                              "20261001T130000Z-000003-000004.pb", "20261004T131500Z-000005.pb"}));
  EXPECT_EQ(since_last(), (Processes{{3, 1}, {4, 1}, {5, 1}}));
  now_ += absl::Hours(24 * 70);
  collect(6);
  collect(7);
  EXPECT_EQ(since_last(), (Processes{{3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}}));
  send();
  EXPECT_EQ(since_last(), Processes{});
  now_ += absl::Hours(24 * 70);
  collect(8);
  collect(9);
  EXPECT_EQ(since_last(), (Processes{{8, 1}, {9, 1}}));
  ExpectEverythingOnce();
}

TEST_F(StoreCliTest, ReportsOfAStoreThatIsBeingMergedSayAllThatWasCollected) {
  Work(1000);
  Collect();
  // Reports of one second, each on its own line.
  Program reports = Cpuagg({"report", "--by=day", "--format=csv"});
  reports.argv.insert(
      reports.argv.begin(),
      {"/bin/sh", "-c", "while [ ! -e \"$0\" ]; do \"$@\" || echo \"exit code $?\"; done",
       dir_.Path("done")});
  StartedProgram first(reports);
  StartedProgram second(reports);
  uint64_t collected = 1;
  for (const absl::Time end = absl::Now() + absl::Seconds(1); absl::Now() < end;) {
    // Three runs a day, which are merged two days later.
    now_ += absl::Hours(8);
    Work(1000);
    ++collected;
    Collect();
  }
  dir_.Write("done", "");
  for (StartedProgram* const program : {&first, &second}) {
    const Finished run = program->Wait();
    // /proc is not read here, and each report says so.
    for (const absl::string_view line : absl::StrSplit(run.err, '\n', absl::SkipEmpty())) {
      EXPECT_EQ(line, "cpuagg: Not all processes that still run are included.");
    }
    EXPECT_FALSE(absl::StrContains(run.out, "exit code")) << run.out;
    // The number never decreases from one report to the next.
    uint64_t most = 1;
    uint64_t sum = 0;
    for (const absl::string_view line : absl::StrSplit(run.out, '\n', absl::SkipEmpty())) {
      const std::vector<std::string> cells = absl::StrSplit(line, ',');
      uint64_t processes;
      if (absl::SimpleAtoi(cells[1], &processes)) {
        sum += processes;
        continue;
      }
      EXPECT_TRUE(sum == 0 || sum >= most) << sum << " after " << most;
      most = std::max(most, std::exchange(sum, 0));
    }
    EXPECT_LE(most, collected);
  }
  ExpectEverythingOnce();
}

}  // namespace
}  // namespace cpuagg::tools
