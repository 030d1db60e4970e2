#include "aggregate/running/machine_time.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "acct/kernel/cpu_times.h"
#include "aggregate/buckets/bucket_policy.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kMidnight = 20'000 * kDay;

// Counters of two processors, at `time` of a machine that booted at kMidnight - 1000.
MachineCounters At(int64_t time, uint64_t busy, uint64_t idle, uint64_t stolen = 0) {
  return {.times = {.boot_id = "a",
                    .uptime = static_cast<uint64_t>(time - kMidnight + 1000),
                    .processors = 2,
                    .busy = busy,
                    .idle = idle,
                    .stolen = stolen},
          .seen_at = time};
}

MachineTimeFound Between(const MachineCounters& before, const MachineCounters& now) {
  BucketFinder hours{BucketPolicy()};
  return MachineTimeBetween(before, now, hours);
}

TEST(MachineTimeTest, ARunInTheSameHourAddsToThatHour) {
  const MachineTimeFound found =
      Between(At(kMidnight + 60, 1000, 2000, 5), At(kMidnight + 960, 51'000, 112'000, 20'005));
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.times, (std::vector<MachineTime>{{.begin = kMidnight,
                                                    .end = kMidnight + kHour,
                                                    .known = 900,
                                                    .processors = 2,
                                                    .busy = 50'000,
                                                    .idle = 110'000,
                                                    .stolen = 20'000}}));
}

TEST(MachineTimeTest, TheFirstRunOnlyHasCounters) {
  const MachineTimeFound found = Between({}, At(kMidnight, 1000, 2000));
  EXPECT_TRUE(found.times.empty());
  EXPECT_EQ(found.problem, "");
}

TEST(MachineTimeTest, WhatSpansHoursIsDividedByTheirLength) {
  const MachineTimeFound found =
      Between(At(kMidnight + 3000, 0, 0), At(kMidnight + 2 * kHour + 1, 100'001, 100, 10));
  ASSERT_EQ(found.times.size(), 3u);
  EXPECT_EQ(found.times[0].known, 600u);
  EXPECT_EQ(found.times[0].busy, uint64_t{100'001} * 600 / 4201);
  EXPECT_EQ(found.times[1].begin, kMidnight + kHour);
  EXPECT_EQ(found.times[1].known, 3600u);
  EXPECT_EQ(found.times[2].known, 1u);
  EXPECT_EQ(found.times[0].busy + found.times[1].busy + found.times[2].busy, 100'001u);
  EXPECT_EQ(found.times[0].idle + found.times[1].idle + found.times[2].idle, 100u);
  EXPECT_EQ(found.times[0].stolen + found.times[1].stolen + found.times[2].stolen, 10u);
}

TEST(MachineTimeTest, RunsThatAreFarApartSayNothingAboutTheHoursBetween) {
  EXPECT_EQ(Between(At(kMidnight, 0, 0), At(kMidnight + 2 * kHour, 9, 9)).times.size(), 2u);
  const MachineTimeFound found =
      Between(At(kMidnight - 10, 0, 0), At(kMidnight + 2 * kHour - 9, 9, 8));
  EXPECT_EQ(found.times, (std::vector<MachineTime>{{.begin = kMidnight - 10,
                                                    .end = kMidnight + 2 * kHour - 9,
                                                    .known = 7201,
                                                    .processors = 2,
                                                    .busy = 9,
                                                    .idle = 8}}));
}

TEST(MachineTimeTest, TwoRunsInOneSecondLoseNothing) {
  const MachineTimeFound found = Between(At(kMidnight, 1, 1), At(kMidnight, 3, 4));
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].begin, kMidnight);
  EXPECT_EQ(found.times[0].end, kMidnight + kHour);
  EXPECT_EQ(found.times[0].known, 0u);
  EXPECT_EQ(found.times[0].busy, 2u);
  EXPECT_EQ(found.times[0].idle, 3u);
}

TEST(MachineTimeTest, AfterABootTheCountersAreThoseSince) {
  MachineCounters now = At(kMidnight + 3000, 500, 600, 7);
  now.times.boot_id = "b";
  now.times.uptime = 100;
  const MachineTimeFound found = Between(At(kMidnight, 100'000, 100'000, 100), now);
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].known, 100u);
  EXPECT_EQ(found.times[0].busy, 500u);
  EXPECT_EQ(found.times[0].idle, 600u);
  EXPECT_EQ(found.times[0].stolen, 7u);
  // By the clock, which goes wrong, it booted before the last run.
  now.times.uptime = 3001;
  EXPECT_EQ(Between(At(kMidnight, 0, 0), now).times[0].known, 3000u);
}

TEST(MachineTimeTest, IdleAndStolenTimeThatGoBackHaveNotMoved) {
  const MachineTimeFound found =
      Between(At(kMidnight, 100, 90'000, 70), At(kMidnight + 60, 150, 80'000, 60));
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].busy, 50u);
  EXPECT_EQ(found.times[0].idle, 0u);
  EXPECT_EQ(found.times[0].stolen, 0u);
}

TEST(MachineTimeTest, IdleAndStolenTimeThatJumpAreNoMoreThanTheProcessorsHave) {
  MachineTimeFound found =
      Between(At(kMidnight, 0, 0), At(kMidnight + 60, 2000, 1'000'000'000, 1'000'000'000));
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].busy, 2000u);
  EXPECT_EQ(found.times[0].idle, 62u * 200 - 2000);
  EXPECT_EQ(found.times[0].stolen, 0u);
  found = Between(At(kMidnight, 0, 0), At(kMidnight + 60, 2000, 3000, 1'000'000'000));
  EXPECT_EQ(found.times[0].stolen, 62u * 200 - 5000);
}

TEST(MachineTimeTest, ProcessorsThatComeAndGoCountWhileTheyWereThere) {
  MachineCounters before = At(kMidnight, 0, 0);
  before.times.processors = 8;
  const MachineTimeFound found = Between(before, At(kMidnight + 60, 40'000, 8000));
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].processors, 8u);
  EXPECT_EQ(found.times[0].busy, 40'000u);
}

TEST(MachineTimeTest, CountersThatCannotBeRightAreNotCounted) {
  const MachineTimeFound back = Between(At(kMidnight, 100, 0), At(kMidnight + 60, 99, 50));
  EXPECT_TRUE(back.times.empty());
  EXPECT_EQ(back.problem, "the counters have gone back");
  MachineCounters younger = At(kMidnight + 60, 200, 50);
  younger.times.uptime = 5;
  EXPECT_TRUE(Between(At(kMidnight, 100, 0), younger).times.empty());
  EXPECT_EQ(Between(At(kMidnight, 0, 0), At(kMidnight + 60, 12'400, 0)).times.size(), 1u);
  const MachineTimeFound far = Between(At(kMidnight, 0, 0), At(kMidnight + 60, 12'401, 0));
  EXPECT_TRUE(far.times.empty());
  EXPECT_EQ(far.problem, "the counters have gone further than 2 processors can in 60 s");
}

TEST(MachineTimeTest, TheUptimeCountsIfTheClockWasSet) {
  // Put forward by a day.
  MachineCounters now = At(kMidnight + 600, 10, 20);
  now.seen_at += kDay;
  MachineTimeFound found = Between(At(kMidnight, 0, 0), now);
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].begin, kMidnight + kDay);
  EXPECT_EQ(found.times[0].known, 600u);
  // Put back by an hour.
  now.seen_at = kMidnight + 600 - kHour;
  found = Between(At(kMidnight, 0, 0), now);
  ASSERT_EQ(found.times.size(), 1u);
  EXPECT_EQ(found.times[0].begin, kMidnight - kHour);
  EXPECT_EQ(found.times[0].known, 600u);
  // Corrected by some seconds: nothing is left out between the runs.
  now.seen_at = kMidnight + 650;
  EXPECT_EQ(Between(At(kMidnight, 0, 0), now).times[0].known, 650u);
}

TEST(MachineTimeTest, AnUptimeThatGoesBackInOneBootIsNotCounted) {
  MachineCounters now = At(kMidnight + 60, 2000, 3000);
  now.times.uptime = At(kMidnight, 0, 0).times.uptime - 1;
  const MachineTimeFound found = Between(At(kMidnight, 1000, 2000), now);
  EXPECT_EQ(found.problem, "the counters have gone back");
  EXPECT_TRUE(found.times.empty());
}

TEST(MachineTimeTest, TimeThatSpansTwoDaysIsOfNeither) {
  BucketFinder days{BucketPolicy{.days_before = std::numeric_limits<int64_t>::max()}};
  const MachineTime of_both = {.begin = kMidnight - kHour, .end = kMidnight + kHour, .known = 7200};
  EXPECT_EQ(Coarsened({of_both}, days), std::vector<MachineTime>{of_both});
}

TEST(MachineTimeTest, HoursBecomeDaysWithTheSameSums) {
  std::mt19937 random(1);
  std::vector<MachineTime> times;
  MachineTime sum;
  MachineCounters before = At(kMidnight, 0, 0);
  BucketFinder hours{BucketPolicy()};
  while (before.seen_at < kMidnight + 5 * kDay) {
    MachineCounters now = before;
    const auto seconds = 1 + random() % (3 * kHour);
    now.seen_at += static_cast<int64_t>(seconds);
    now.times.uptime += seconds;
    now.times.busy += random() % (seconds * 100);
    now.times.idle += random() % (seconds * 100);
    for (const MachineTime& time : MachineTimeBetween(before, now, hours).times) {
      times.push_back(time);
      sum += time;
    }
    before = now;
  }
  EXPECT_EQ(sum.busy, before.times.busy);
  EXPECT_EQ(sum.idle, before.times.idle);
  EXPECT_EQ(sum.known, static_cast<uint64_t>(before.seen_at - kMidnight));
  BucketFinder days{BucketPolicy{.days_before = std::numeric_limits<int64_t>::max()}};
  const std::vector<MachineTime> coarse = Coarsened(times, days);
  EXPECT_LT(coarse.size(), 12u);
  MachineTime coarse_sum;
  for (const MachineTime& time : coarse) {
    coarse_sum += time;
    // Those between two days stay as they are.
    EXPECT_TRUE(time.end - time.begin == kDay || time.end - time.begin <= 3 * kHour);
  }
  EXPECT_EQ(coarse_sum, sum);
  EXPECT_TRUE(std::is_sorted(coarse.begin(), coarse.end(),
                             [](const auto& a, const auto& b) { return a.key() < b.key(); }));
}

}  // namespace
}  // namespace cpuagg::aggregate
