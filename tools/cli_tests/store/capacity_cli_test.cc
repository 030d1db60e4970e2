// How much of the machine was used, by a /proc/stat of the test's own: what collect keeps of it,
// and what a report shows.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/store/store_cli.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;
using ::testing::HasSubstr;

class CapacityCliTest : public StoreCliTest {
 protected:
  CapacityCliTest() {
    for (const char* name : {"proc/sys/kernel/random", "proc/1"}) {
      std::filesystem::create_directories(dir_.Path(name));
    }
    dir_.Write("proc/sys/kernel/random/boot_id", "0123-4567\n");
    dir_.Write("proc/1/stat", "1 (init) S 0 1 1 0 -1 4194560 1 1 1 1 0 0 0 0 20 0 1 0 1 1 1\n");
    dir_.Write("proc/1/status", "Name:\tinit\nUid:\t0\t0\t0\t0\n");
    dir_.Write("pacct", "");
  }

  // Sets /proc to what it is at `now_`.
  void WriteProc() const {
    const int64_t uptime = absl::ToInt64Seconds(now_ - booted_at_);
    dir_.Write("proc/uptime", absl::StrCat(uptime, ".25 1.5\n"));
    dir_.Write("proc/stat", absl::StrCat("cpu  ", busy_, " 0 0 ", idle_, " 0 0 0 0 0 0\n",
                                         "cpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 5\nbtime ",
                                         absl::ToUnixSeconds(booted_at_), "\n"));
  }

  Finished CollectWithProc() const {
    return Run({"collect", "-v", "--proc", dir_.Path("proc"), "--passwd", passwd_});
  }

  // A quarter of an hour in which one of two processors is busy, with processes of alice for
  // `seconds` of it, and a run.
  void QuarterLater(int seconds) {
    now_ += absl::Minutes(15);
    busy_ += 90'000;
    idle_ += 90'000;
    // More does not fit into a record as it is.
    constexpr int kMost = 75;
    for (; seconds > 0; seconds -= kMost) {
      Work(1000, "make", static_cast<uint16_t>(std::min(seconds, kMost) * 100));
    }
    WriteProc();
    const Finished run = CollectWithProc();
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }

  const absl::Time booted_at_ =
      absl::FromCivil(absl::CivilHour(2026, 9, 1, 12), absl::UTCTimeZone());
  uint64_t busy_ = 100'000'000;
  uint64_t idle_ = 300'000'000;
};

TEST_F(CapacityCliTest, AReportTellsHowMuchWasBusyAndWhatIsNotAccountedFor) {
  // The first run is at noon. What is used until 13:00:00 belongs to the hour before.
  now_ -= absl::Minutes(15);
  for (int run = 0; run <= 8; ++run) QuarterLater(run == 0 ? 1 : 600);
  const Strings hour = {"--since=2026-10-01 12:00", "--until=2026-10-01 13:00"};
  EXPECT_EQ(Report(hour).out,
            "CPU by user on lab01, 2026-10-01 12:00 – 13:00 UTC\n"
            "from the store " +
                store_ +
                "\n"
                "1:00 of 2:00 CPU hours busy (50%), 67% of that accounted for\n"
                "\n"
                "USER             CPU TIME  SHARE  CHANGE  PROCESSES     LARGEST     RUNNING\n"
                "alice          0:40:01.00   100%       -         25  0:01:15.00  0:00:00.00\n"
                "total          0:40:01.00   100%       -         25  0:01:15.00  0:00:00.00\n"
                "not accounted  0:19:59.00\n");
  const json report = JsonReport(hour);
  EXPECT_EQ(report["capacity"],
            json::parse(R"({"processors": 2, "cpu_seconds": 7200.0, "busy_seconds": 3600.0,
                            "stolen_seconds": 0.0, "period_seconds": 3600,
                            "known_seconds": 3600})"));
  EXPECT_EQ(report["coverage"],
            json::parse(R"({"accounted_seconds": 2401.0, "unaccounted_seconds": 1199.0,
                            "share": 0.666944})"));
  // The period that has not ended goes up to the last run.
  EXPECT_EQ(JsonReport({"--period=today"})["capacity"]["period_seconds"], 2 * 3600 + 12 * 3600);
}

TEST_F(CapacityCliTest, WhatIsLeftOutOfAReportIsStillAccountedFor) {
  now_ -= absl::Minutes(15);
  for (int run = 0; run <= 4; ++run) QuarterLater(run == 0 ? 1 : 600);
  const Strings hour = {"--since=2026-10-01 12:00", "--until=2026-10-01 13:00"};
  const auto report = [&](const std::string& flag) { return JsonReport({hour[0], hour[1], flag}); };
  EXPECT_EQ(report("--ignore-user=alice")["coverage"]["accounted_seconds"], 2401.0);
  EXPECT_EQ(report("--top=1")["coverage"]["accounted_seconds"], 2401.0);
  for (const char* flag : {"--user=alice", "--command=make"}) {
    EXPECT_EQ(report(flag)["coverage"], nullptr) << flag;
    EXPECT_EQ(report(flag)["capacity"]["busy_seconds"], 3600.0) << flag;
  }
  // The last run did not see what still runs.
  Work(1000);
  Collect();
  EXPECT_EQ(report("--top=1")["coverage"], nullptr);
}

TEST_F(CapacityCliTest, WhatIsKnownOfAPartOfThePeriodSaysSo) {
  for (int run = 0; run <= 7; ++run) QuarterLater(10);
  EXPECT_THAT(Report({"--period=today"}).out,
              HasSubstr("\n1:45 of 3:30 CPU hours busy (50%), known for 1:45 of 14:00\n"));
  EXPECT_EQ(JsonReport({"--period=today"})["coverage"], nullptr);
  EXPECT_EQ(JsonReport({"--period=yesterday"})["capacity"], nullptr);
}

TEST_F(CapacityCliTest, AnHourWithMoreThanTheMachineHadIsExplained) {
  now_ -= absl::Minutes(15);
  for (int run = 0; run <= 4; ++run) QuarterLater(650);
  // 0x1fff << 6 ticks are 5,242 s.
  for (int i = 0; i < 2; ++i) Work(1000, "make", 0x5fff);
  QuarterLater(1);
  const std::string why =
      " here has more CPU time than the machine had: a process counts where it ended, or was seen "
      "running, with what it had used before.\n";
  EXPECT_THAT(Report({"--by=hour"}).out, HasSubstr(absl::StrCat("An hour", why)));
  const Finished day = Report({"--since=2026-10-01 12:00"});
  EXPECT_THAT(day.out, HasSubstr(" of 2:30 CPU hours busy (50%), more than that accounted for\n"));
  EXPECT_THAT(day.out, HasSubstr("\nThis is more CPU time than the machine had: "));
  EXPECT_FALSE(absl::StrContains(day.out, "not accounted"));
}

TEST_F(CapacityCliTest, HoursThatBecomeDaysKeepTheirSums) {
  now_ -= absl::Hours(12) + absl::Minutes(15);
  for (int run = 0; run <= 96; ++run) QuarterLater(10);
  const Strings day = {"--since=2026-10-01", "--until=2026-10-02"};
  const json hours = JsonReport(day);
  EXPECT_EQ(hours["capacity"]["known_seconds"], 86400);
  EXPECT_EQ(hours["capacity"]["busy_seconds"], 86400.0);
  now_ += absl::Hours(24 * 80);
  QuarterLater(10);
  EXPECT_EQ(Names().size(), 2u);
  const json days = JsonReport(day);
  EXPECT_EQ(days["capacity"], hours["capacity"]);
  EXPECT_EQ(days["coverage"], hours["coverage"]);
  // A day is not divided.
  EXPECT_EQ(JsonReport({"--since=2026-10-03 05:00", "--until=2026-10-03 06:00"})["capacity"],
            nullptr);
}

TEST_F(CapacityCliTest, AnOddProcStatOnlyKeepsNothing) {
  for (int run = 0; run < 3; ++run) QuarterLater(10);
  const json before = JsonReport({"--period=today"})["capacity"];
  now_ += absl::Minutes(15);
  Work(1000);
  WriteProc();
  dir_.Write("proc/stat",
             absl::StrCat("cpu 1 2\ncpu0 1\nbtime ", absl::ToUnixSeconds(booted_at_), "\n"));
  const Finished run = CollectWithProc();
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("how much of the machine was used since the last run is not "
                                 "known: " +
                                 dir_.Path("proc/stat") + ": has too few times of the CPU\n"));
  EXPECT_EQ(JsonReport({"--period=today"})["capacity"]["busy_seconds"], before["busy_seconds"]);
  QuarterLater(10);
  EXPECT_EQ(JsonReport({"--period=today"})["capacity"]["known_seconds"], 3600);
}

TEST_F(CapacityCliTest, AStoreWithoutProcHasNoCapacity) {
  for (int run = 0; run < 3; ++run) {
    now_ += absl::Minutes(15);
    Work(1000);
    Collect();
  }
  EXPECT_EQ(JsonReport()["capacity"], nullptr);
  EXPECT_EQ(JsonReport()["coverage"], nullptr);
  EXPECT_FALSE(absl::StrContains(Report().out, "busy"));
}

}  // namespace
}  // namespace cpuagg::tools
