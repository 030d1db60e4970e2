// In which hours a report from the store shows CPU time that a run has found long after it was
// used, by a /proc of the test's own.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/store/store_cli.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using nlohmann::json;
using testing::Finished;

// Hours such as "10-02T15" -> CPU seconds.
using Hours = std::map<std::string, double>;

// A machine with two processors, whose store is written once a day, at two o'clock.
class HoursCliTest : public StoreCliTest {
 protected:
  HoursCliTest() {
    now_ = FirstRun();
    for (const char* name : {"proc/sys/kernel/random", "proc/1"}) {
      std::filesystem::create_directories(dir_.Path(name));
    }
    dir_.Write("proc/sys/kernel/random/boot_id", "0123-4567\n");
    WriteProcess(1, "init", 0, 0, FirstRun() - absl::Hours(100));
    dir_.Write("pacct", EndedAt(now_).Uid(1000).UserTime(1).Command("make").Bytes());
  }

  static absl::Time FirstRun() {
    return absl::FromCivil(absl::CivilHour(2026, 10, 1, 14), absl::UTCTimeZone());
  }
  absl::Time BootedAt() const { return FirstRun() - absl::Hours(100); }

  void WriteProcess(int pid, const std::string& command, uint32_t uid, int64_t ticks,
                    absl::Time begin) const {
    const std::string place = absl::StrCat("proc/", pid);
    std::filesystem::create_directories(dir_.Path(place));
    dir_.Write(
        place + "/stat",
        absl::StrCat(pid, " (", command, ") S 0 1 1 0 -1 4194560 1 1 1 1 ", ticks,
                     " 0 0 0 20 0 1 0 ", absl::ToInt64Seconds(begin - BootedAt()) * 100, " 1 1\n"));
    dir_.Write(place + "/status", absl::StrCat("Name:\t", command, "\nUid:\t", uid, "\t", uid, "\t",
                                               uid, "\t", uid, "\n"));
  }

  void Run() {
    const absl::Duration up = now_ - BootedAt();
    const int64_t seconds = absl::ToInt64Seconds(up);
    dir_.Write("proc/uptime", absl::StrCat(seconds, ".25 1.5\n"));
    dir_.Write("proc/stat", absl::StrCat("cpu  ", seconds * 150, " 0 0 ", seconds * 50,
                                         " 0 0 0 0 0 0\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 5\nbtime ",
                                         absl::ToUnixSeconds(BootedAt()), "\n"));
    const Finished run =
        StoreCliTest::Run({"collect", "--proc", dir_.Path("proc"), "--passwd", passwd_, "--quiet"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }

  // The record of a process with as much user time as it ran, a multiple of 1,024 s.
  void End(uint32_t pid, uint32_t uid, absl::Time begin, int64_t units) const {
    // 1,024 s are 25 * 8^4 ticks.
    dir_.Append("pacct", RecordBuilder()
                             .Pid(pid)
                             .Uid(uid)
                             .Command("job")
                             .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(begin)))
                             .Elapsed(static_cast<float>(units * 102'400))
                             .UserTime(static_cast<uint16_t>(4 << 13 | units * 25))
                             .SystemTime(0)
                             .Bytes());
  }

  Hours ByHour(Strings flags = {}) const {
    flags.emplace_back("--by=hour");
    Hours hours;
    const json report = JsonReport(std::move(flags));
    for (const json& row : report["rows"]) {
      hours[std::string(row["start"]).substr(5, 8)] = row["cpu_seconds"];
    }
    return hours;
  }
};

TEST_F(HoursCliTest, AJobThatRunsAllDayIsInEachHourOfADailyRun) {
  // The job began at ten.
  const absl::Time begin = now_ - absl::Hours(4);
  WriteProcess(50, "job", 1000, 4 * 360'000, begin);
  Run();
  now_ += absl::Hours(24);
  WriteProcess(50, "job", 1000, 28 * 360'000, begin);
  // Another one has ended: from 20:00 to 1:58:24.
  End(60, 1001, FirstRun() + absl::Hours(6), 21);
  Run();
  Hours hours = ByHour();
  EXPECT_EQ(hours.size(), 24u);
  // The first run cannot tell when the four hours were used, and says so.
  EXPECT_NEAR(hours["10-01T14"], 5 * 3600, 0.1);
  hours.erase("10-01T14");
  for (const auto& [hour, seconds] : hours) {
    const bool has_two = "10-01T20" <= hour && hour < "10-02T01";
    const double other = hour == "10-02T01" ? 58 * 60 + 24 : has_two ? 3600 : 0;
    EXPECT_NEAR(seconds, 3600 + other, 0.1) << hour;
    EXPECT_LE(seconds, 7200) << hour;
  }
  const Finished text = Report({"--by=hour", "--since=2026-10-01 15:00"});
  EXPECT_FALSE(absl::StrContains(text.out, "more CPU time than the machine had")) << text.out;
  // A period that cuts the day has its part. It was not possible to ask for that before.
  EXPECT_EQ(JsonReport({"--since=2026-10-01 22:00", "--until=2026-10-02"})["totals"]["cpu_seconds"],
            4 * 3600.0);
  // A process counts where it ended, and all of it does in a report of the file.
  EXPECT_EQ(JsonReport({"--since=2026-10-02 01:00", "--until=2026-10-02 02:00",
                        "--user=1001"})["totals"]["processes"],
            1);
  EXPECT_EQ(JsonReport({"--since=2026-10-01 20:00", "--until=2026-10-01 21:00",
                        "--user=1001"})["totals"]["processes"],
            0);
  EXPECT_EQ(JsonReport({dir_.Path("pacct"), "--user=1001",
                        "--since=2026-10-02 01:00"})["totals"]["cpu_seconds"],
            21 * 1024.0);
}

// The first run of a store finds processes that were never seen running.
TEST_F(HoursCliTest, AnHourWithALongProcessOfAnOldFileIsExplained) {
  End(60, 1000, FirstRun() - absl::Hours(21), 56);
  Run();
  EXPECT_NEAR(ByHour()["10-01T08"], 56 * 1024, 0.1);
  constexpr char kWhy[] =
      "One hour here has 15:55:44.00 of CPU time, more than one processor has in it: a process "
      "counts "
      "where it ended, or was seen running, with what it had used before.\n";
  const Finished text = Report({"--by=hour"});
  EXPECT_TRUE(absl::StrContains(text.out, kWhy)) << text.out;
  const Finished message = StoreCliTest::Run({"send", "--dry-run", "--by=hour", "--period=today"});
  EXPECT_TRUE(absl::StrContains(message.out, "⚠ a process counts in the hour in which it ended"))
      << message.out;
  EXPECT_FALSE(absl::StrContains(Report({"--by=user"}).out, "counts where it ended"));
}

TEST_F(HoursCliTest, WhatWasReportedOfADayDoesNotChange) {
  const absl::Time begin = now_ - absl::Hours(1);
  WriteProcess(50, "job", 1000, 360'000, begin);
  Run();
  now_ += absl::Hours(24);
  WriteProcess(50, "job", 1000, 25 * 360'000, begin);
  Run();
  const Strings day = {"--since=2026-10-01", "--until=2026-10-02"};
  const Hours reported = ByHour(day);
  const double until_run = JsonReport()["totals"]["cpu_seconds"];
  // It ends two hours after the run: at 16:16:00, with a record of what it has used.
  now_ += absl::Hours(24);
  std::filesystem::remove_all(dir_.Path("proc/50"));
  End(50, 1000, begin, 96);
  Run();
  EXPECT_EQ(ByHour(day), reported);
  // All that came since is after that run.
  EXPECT_NEAR(JsonReport({"--since=2026-10-02 15:00"})["totals"]["cpu_seconds"],
              96 * 1024 - 25 * 3600 - 3600.0, 3600);
  const double all = JsonReport()["totals"]["cpu_seconds"];
  EXPECT_NEAR(all - until_run, 96 * 1024 - 25 * 3600, 0.001);
  const double in_file = JsonReport({dir_.Path("pacct")})["totals"]["cpu_seconds"];
  EXPECT_EQ(all, in_file);
}

}  // namespace
}  // namespace cpuagg::tools
