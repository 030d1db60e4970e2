#include "aggregate/running/running.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/running/running_sums.h"
#include "aggregate/running/usage_spread.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::ProcessTable;
using acct::RunningProcess;
using acct::Uid;

// Times are in seconds since boot.
class RunningTest : public ::testing::Test {
 protected:
  static ProcessTable TableAt(int64_t uptime, std::vector<RunningProcess> processes) {
    return {
        .boot_id = "boot", .boot_time = kBoot, .uptime = uptime, .processes = std::move(processes)};
  }

  static RunningProcess Job(uint32_t pid, int64_t start, uint32_t uid, uint64_t ticks) {
    return {.pid = pid,
            .start_ticks = static_cast<uint64_t>(start * kTicks),
            .begin_time = kBoot + start,
            .uid = Uid(uid),
            .command = "job",
            .user_ticks = ticks - 1,
            .system_ticks = 1};
  }

  static ProcessExit Exit(uint32_t pid, int64_t begin, int64_t end) {
    return {.pid = pid,
            .begin_time = kBoot + begin,
            .end_time = kBoot + end,
            .uid = Uid(1001),
            .command = CommandBitsOf("job"),
            .user_ticks = 1000,
            .system_ticks = 10};
  }

  static ProcessExit ExitAfterScan(uint32_t pid, int64_t begin, int64_t end) {
    ProcessExit exit = Exit(pid, begin, end);
    exit.after_scan = true;
    return exit;
  }

  void Update(const ProcessTable& table, const std::vector<ProcessExit>& exits = {}) {
    last_ = RunningChanges();
    const int64_t now = table.boot_time + table.uptime;
    UsageSpread spread(BucketPolicy(), {.since = last_run_, .now = now});
    UpdateRunning(&table, exits, spread, baseline_, last_);
    AddTo(changes_, last_);
    if (divides_) last_run_ = now;
  }

  Sums Running() const { return RunningOf(changes_); }

  // What the last update counted for user 1001, by hours since the first one, in ticks.
  std::map<int64_t, int64_t> LastByHour() const {
    std::map<int64_t, int64_t> hours;
    for (const auto& [key, usage] : last_.growth) {
      EXPECT_EQ(key.uid, Uid(1001));
      hours[(key.begin - HourOf(kBoot)) / 3600] += usage.running_user + usage.running_system;
    }
    return hours;
  }

  // By default nothing is divided over hours.
  bool divides_ = false;
  int64_t last_run_ = SpreadWindow().since;
  RunningBaseline baseline_;
  RunningChanges last_;
  CommandBucketTable changes_;
};

TEST_F(RunningTest, AJobIsSeenWhileItRunsAndNotTwiceAfterItEnds) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
  Update(TableAt(2000, {Job(7, 900, 1001, 500)}));
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 500}}));
  Update(TableAt(3000, {}), {Exit(7, 900, 2900)});
  EXPECT_EQ(Running(), Sums());
  EXPECT_TRUE(baseline_.processes.empty());
}

TEST_F(RunningTest, AJobThatEndsBetweenScanAndReadingIsItsRecordAlone) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100), Job(8, 900, 1002, 10)}));
  Update(TableAt(2000, {Job(7, 900, 1001, 200), Job(8, 900, 1002, 10)}),
         {ExitAfterScan(7, 899, 2001)});
  EXPECT_EQ(Running(), (Sums{{{1002, "job"}, 10}}));
  // A process that was not seen before.
  Update(TableAt(3000, {Job(8, 900, 1002, 10), Job(9, 2900, 1003, 5)}),
         {ExitAfterScan(9, 2901, 3000)});
  EXPECT_EQ(Running(), (Sums{{{1002, "job"}, 10}}));
}

TEST_F(RunningTest, AProcessIdUsedAgainIsAnotherProcess) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  Update(TableAt(2000, {Job(7, 1800, 1002, 10)}), {Exit(7, 900, 1700)});
  EXPECT_EQ(Running(), (Sums{{{1002, "job"}, 10}}));
  // There may be others between the two that were seen.
  Update(TableAt(3000, {Job(7, 2900, 1003, 5)}),
         {Exit(7, 1800, 2100), Exit(7, 2200, 2300), Exit(7, 2400, 2500)});
  EXPECT_EQ(Running(), (Sums{{{1003, "job"}, 5}}));
  // Both end during the run.
  Update(TableAt(4000, {Job(7, 3999, 1004, 1)}),
         {ExitAfterScan(7, 2900, 3998), ExitAfterScan(7, 3999, 4001)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, WhoVanishesWithoutARecordStaysCounted) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  Update(TableAt(2000, {}));
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
  EXPECT_TRUE(baseline_.processes.empty());
}

TEST_F(RunningTest, WhoVanishesHasNobodyElsesRecord) {
  Update(TableAt(1000, {Job(7, 100, 1001, 100)}));
  // It has not run for as long, or has begun after the scan.
  Update(TableAt(4000, {}), {Exit(7, 2000, 2800), Exit(7, 2900, 3950)});
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
}

TEST_F(RunningTest, WhoVanishesHasNotTheRecordOfWhoHasItsIdNow) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  ProcessTable later = TableAt(2000, {Job(7, 1500, 1002, 10)});
  later.boot_time += 7200;
  later.processes[0].begin_time += 7200;
  Update(later, {ExitAfterScan(7, 1500 + 7200, 2001 + 7200)});
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
}

TEST_F(RunningTest, ARecordIsKnownAlthoughTheClockWasSet) {
  for (const int64_t step : {-7200, 7200}) {
    Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
    ProcessTable later = TableAt(2000, {});
    later.boot_time += step;
    Update(later, {Exit(7, 900 + step, 1900 + step)});
    EXPECT_EQ(Running(), Sums()) << step;
  }
}

TEST_F(RunningTest, ARecordIsKnownAlthoughTheClockWasSetAndSetBack) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  Update(TableAt(2000, {}), {Exit(7, 900 + 7200, 1900 + 7200)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, ARecordIsKnownAlthoughTheMachineSlept) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  ProcessTable later = TableAt(2000, {});
  later.boot_time += 30'000;
  Update(later, {Exit(7, 900 + 30'000, 1900 + 30'000)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, ARecordMayBeOlderThanTheTableThatStillHasItsProcess) {
  RunningProcess ending = Job(7, 500, 1001, 100);
  Update(TableAt(600, {ending}));
  ending.is_ending = true;
  Update(TableAt(1000, {ending}), {Exit(7, 500, 999)});
  EXPECT_EQ(Running(), Sums());
  // And it may stay for long.
  Update(TableAt(2000, {ending}));
  EXPECT_EQ(Running(), Sums());
  // Whatever the clock was when it was written.
  Update(TableAt(3000, {Job(8, 2500, 1001, 100)}));
  ending = Job(8, 2500, 1001, 100);
  ending.is_ending = true;
  Update(TableAt(9000, {ending}), {Exit(8, 2500 + 2000, 3500 + 2000)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, WhoTakesLongToEndStaysCountedUntilItsRecordComes) {
  RunningProcess ending = Job(7, 900, 1001, 100);
  Update(TableAt(1000, {ending}));
  ending.is_ending = true;
  Update(TableAt(2000, {ending}));
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
  Update(TableAt(3000, {ending}), {Exit(7, 900, 2500)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, WhoBeganWhileTheProcessesWereReadHasItsRecord) {
  Update(TableAt(1000, {Job(7, 1030, 1001, 100)}));
  Update(TableAt(2000, {}), {Exit(7, 1031, 1900)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, AnOldRecordThatTurnsUpLateIsNotThatOfWhoRuns) {
  Update(TableAt(9000, {Job(7, 5000, 1001, 100)}));
  Update(TableAt(9900, {Job(7, 5000, 1001, 200), Job(8, 9000, 1002, 10)}),
         {ExitAfterScan(7, 1000, 2000), ExitAfterScan(8, 1000, 1001)});
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 200}, {{1002, "job"}, 10}}));
}

TEST_F(RunningTest, ARebootEndsEveryProcess) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100), Job(8, 900, 1001, 10)}));
  ProcessTable after = {.boot_id = "another boot", .boot_time = kBoot + 2000, .uptime = 500};
  after.processes = {Job(7, 900, 1001, 5)};
  Update(after, {Exit(8, 900, 1100), ExitAfterScan(7, 2100, 2501)});
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
}

TEST_F(RunningTest, ARecordIsKnownAlthoughTheClockWasSetBackBeforeAReboot) {
  Update(TableAt(5000, {Job(7, 4900, 1001, 100)}));
  const ProcessTable after = {.boot_id = "another boot", .boot_time = kBoot + 2000, .uptime = 5000};
  Update(after, {Exit(7, 4901, 5500)});
  EXPECT_EQ(Running(), Sums());
}

TEST_F(RunningTest, WhoBeganAfterARebootIsNobodyWhoRanBefore) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  const ProcessTable after = {.boot_id = "another boot", .boot_time = kBoot + 2000, .uptime = 500};
  Update(after, {Exit(7, 2002, 2400)});
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
}

TEST_F(RunningTest, AnotherUserTakesOverWhatWasCounted) {
  Update(TableAt(1000, {Job(7, 900, 0, 100)}));
  Update(TableAt(2000, {Job(7, 900, 1001, 150)}));
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 150}}));
}

TEST_F(RunningTest, AnotherCommandTakesOverWhatWasCounted) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  RunningProcess other = Job(7, 900, 1001, 150);
  other.command = "a) b (\xff";
  Update(TableAt(2000, {other}));
  EXPECT_EQ(Running(), (Sums{{{1001, "a) b (\xff"}, 150}}));
}

TEST_F(RunningTest, TheHourOfARecordLosesWhatTheRecordHasAtMost) {
  Update(TableAt(1000, {Job(7, 900, 1001, 101)}));
  ProcessExit exit = Exit(7, 900, 5000);
  exit.user_ticks = 60;
  exit.system_ticks = 40;
  Update(TableAt(6000, {}), {exit});
  const int64_t hour = HourOf(kBoot + 5000);
  ASSERT_EQ(last_.growth.size(), 1u);
  EXPECT_EQ(last_.growth.begin()->first, (CommandBucket{Uid(1001), hour, CommandBitsOf("job")}));
  EXPECT_EQ(last_.growth.begin()->second.running_user, -60);
  EXPECT_EQ(last_.growth.begin()->second.running_system, -1);
  const Correction expected = {.from = {Uid(1001), CommandBitsOf("job")},
                               .begin_time = kBoot + 900,
                               .bucket = hour,
                               .user_ticks = 40};
  EXPECT_EQ(last_.corrections, (std::vector<Correction>{expected}));
}

TEST_F(RunningTest, WhatWasCountedUnderAnotherNameMovesToThatOfTheRecord) {
  Update(TableAt(1000, {Job(7, 900, 1002, 101)}));
  ProcessExit exit = Exit(7, 900, 5000);
  exit.user_ticks = 60;
  Update(TableAt(6000, {}), {exit});
  const Identity from = {Uid(1002), CommandBitsOf("job")};
  const Identity to = {Uid(1001), CommandBitsOf("job")};
  ASSERT_EQ(last_.corrections.size(), 2u);
  EXPECT_EQ(last_.corrections[0].from, from);
  EXPECT_EQ(last_.corrections[0].to, to);
  EXPECT_EQ(last_.corrections[0].user_ticks, 60u);
  EXPECT_EQ(last_.corrections[0].system_ticks, 1u);
  EXPECT_EQ(last_.corrections[1].from, from);
  EXPECT_EQ(last_.corrections[1].to, std::nullopt);
  EXPECT_EQ(last_.corrections[1].user_ticks, 40u);
  ASSERT_EQ(last_.growth.size(), 1u);
  EXPECT_EQ(last_.growth.begin()->first.uid, Uid(1001));
  EXPECT_EQ(last_.growth.begin()->second.running_user, -60);
}

TEST_F(RunningTest, WhoStillRunsAddsWhatItHasUsedSince) {
  Update(TableAt(1000, {Job(7, 900, 1001, 101)}));
  RunningProcess later = Job(7, 900, 1002, 151);
  later.system_ticks = 0;
  Update(TableAt(6000, {later}));
  ASSERT_EQ(last_.growth.size(), 1u);
  EXPECT_EQ(last_.growth.begin()->first,
            (CommandBucket{Uid(1002), HourOf(kBoot + 6000), CommandBitsOf("job")}));
  EXPECT_EQ(last_.growth.begin()->second.running_user, 50);
  EXPECT_EQ(last_.growth.begin()->second.running_system, 0);
  ASSERT_EQ(last_.corrections.size(), 2u);
  EXPECT_EQ(last_.corrections[0].user_ticks, 100u);
  EXPECT_EQ(last_.corrections[0].system_ticks, 0u);
  EXPECT_EQ(last_.corrections[1].user_ticks, 0u);
  EXPECT_EQ(last_.corrections[1].system_ticks, 1u);
  EXPECT_EQ(last_.corrections[1].from.uid, Uid(1001));
}

TEST_F(RunningTest, WhoSleepsChangesNothing) {
  Update(TableAt(1000, {Job(7, 900, 1001, 101)}));
  Update(TableAt(6000, {Job(7, 900, 1001, 101)}));
  EXPECT_TRUE(last_.growth.empty());
  EXPECT_TRUE(last_.corrections.empty());
}

TEST_F(RunningTest, WithoutATableOnlyWhatEndedIsTakenAway) {
  // The machine slept just after this process had begun.
  RunningProcess before_sleep = Job(6, 999, 1004, 1);
  before_sleep.begin_time -= 3000;
  Update(TableAt(
      1000, {before_sleep, Job(7, 900, 1001, 100), Job(8, 900, 1002, 10), Job(9, 900, 1003, 5)}));
  RunningChanges changes;
  UsageSpread spread(BucketPolicy(), {.now = kBoot + 2000});
  UpdateRunning(nullptr, {Exit(6, 1000, 1400), Exit(7, 900, 1500), Exit(9, 1200, 1500)}, spread,
                baseline_, changes);
  AddTo(changes_, changes);
  EXPECT_EQ(Running(), (Sums{{{1002, "job"}, 10}, {{1003, "job"}, 5}}));
  changes = RunningChanges();
  ForgetRunning(0, baseline_, changes);
  EXPECT_TRUE(changes.growth.empty());
  AddTo(changes_, changes);
  EXPECT_EQ(Running(), Sums());
  EXPECT_TRUE(baseline_.processes.empty());
}

TEST_F(RunningTest, AnIncompleteTableSaysNothingOfThoseItDoesNotShow) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100), Job(8, 900, 1002, 10), Job(9, 900, 1003, 5)}));
  ProcessTable some = TableAt(2000, {Job(8, 900, 1002, 20), Job(10, 1500, 1004, 1)});
  some.is_complete = false;
  Update(some);
  EXPECT_EQ(
      Running(),
      (Sums{{{1001, "job"}, 100}, {{1002, "job"}, 20}, {{1003, "job"}, 5}, {{1004, "job"}, 1}}));
  EXPECT_EQ(baseline_.processes.size(), 4u);
  // A process whose record comes is settled, hidden or not. A process whose id another one has now
  // has ended.
  some = TableAt(3000, {Job(9, 2500, 1005, 3)});
  some.is_complete = false;
  Update(some, {Exit(7, 900, 2900), Exit(8, 900, 2400), ExitAfterScan(10, 1500, 3001)});
  EXPECT_EQ(Running(), (Sums{{{1003, "job"}, 5}, {{1005, "job"}, 3}}));
  ASSERT_EQ(baseline_.processes.size(), 1u);
  EXPECT_EQ(baseline_.processes[0].uid, Uid(1005));
  // A process that is shown again goes on.
  some.uptime = 3500;
  some.processes.clear();
  Update(some);
  Update(TableAt(4000, {Job(9, 2500, 1005, 30)}));
  EXPECT_EQ(Running(), (Sums{{{1003, "job"}, 5}, {{1005, "job"}, 30}}));
  Update(TableAt(5000, {}), {Exit(9, 2500, 4900)});
  EXPECT_EQ(Running(), (Sums{{{1003, "job"}, 5}}));
}

TEST_F(RunningTest, ARebootEndsAlsoWhoIsHidden) {
  Update(TableAt(1000, {Job(7, 900, 1001, 100)}));
  const ProcessTable after = {.boot_id = "another boot",
                              .boot_time = kBoot + 2000,
                              .uptime = 500,
                              .processes = {},
                              .is_complete = false};
  Update(after);
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 100}}));
  EXPECT_TRUE(baseline_.processes.empty());
}

// kBoot is 800 s after a full hour.
TEST_F(RunningTest, WhatAJobUsesBetweenTwoRunsIsDividedOverTheirHours) {
  divides_ = true;
  using Hours = std::map<int64_t, int64_t>;
  // The first run knows nothing about the time before.
  Update(TableAt(10'000, {Job(7, 900, 1001, 800)}));
  EXPECT_EQ(LastByHour(), (Hours{{3, 800}}));
  // From 10,800 s to 18,000 s.
  Update(TableAt(17'200, {Job(7, 900, 1001, 7'200 + 800)}));
  EXPECT_EQ(LastByHour(), (Hours{{3, 3600}, {4, 3600}}));
  // One that began since; the other one was idle.
  Update(TableAt(28'000, {Job(7, 900, 1001, 8'000), Job(8, 26'200, 1001, 1'800)}));
  EXPECT_EQ(LastByHour(), (Hours{{7, 1800}}));
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 9'800}}));
}

TEST_F(RunningTest, WhatAJobUsedUntilItsEndIsDividedOverItsHours) {
  divides_ = true;
  using Hours = std::map<int64_t, int64_t>;
  Update(TableAt(6'400, {Job(7, 900, 1001, 410)}));
  // Its record has 1,010 ticks, of which 591 + 9 came since 7,200 s, until 12,800 s. Of the 5,600
  // s, 3,600 belong to the hour before that of its end: 379 + 5 ticks.
  Update(TableAt(24'000, {}), {Exit(7, 900, 12'000)});
  EXPECT_EQ(LastByHour(), (Hours{{2, 379 + 5}, {3, -410 - 379 - 5}}));
  EXPECT_EQ(Running(), Sums());
  // So is a record with the process id of a job that still runs, and that is of another one.
  Update(TableAt(24'400, {Job(9, 24'100, 1001, 10)}));
  Update(TableAt(35'200, {Job(9, 35'000, 1001, 20)}), {Exit(9, 900, 24'500)});
  EXPECT_EQ(Running(), (Sums{{{1001, "job"}, 20}}));
}

TEST_F(RunningTest, AClockThatIsPutForwardLeavesTheTimeThatPassed) {
  divides_ = true;
  Update(TableAt(10'000, {Job(7, 900, 1001, 100)}));
  // 100 s later it is a day later.
  ProcessTable later = TableAt(10'100, {Job(7, 900, 1001, 200)});
  later.boot_time += 86'400;
  Update(later);
  EXPECT_EQ(LastByHour(), (std::map<int64_t, int64_t>{{24 + 3, 100}}));
  // Put back to before the last run, nothing tells the hours apart.
  ProcessTable back = TableAt(20'000, {Job(7, 900, 1001, 300)});
  Update(back);
  EXPECT_EQ(LastByHour(), (std::map<int64_t, int64_t>{{5, 100}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
