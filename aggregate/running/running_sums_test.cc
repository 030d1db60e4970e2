#include "aggregate/running/running_sums.h"

#include <cstdint>

#include "acct/record/units.h"
#include "aggregate/running/running.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

Usage Running(int64_t user, int64_t system) {
  return {.running_user = user, .running_system = system};
}

const Identity kJob = {.uid = Uid(1), .command = CommandBitsOf("job")};
const Identity kOther = {.uid = Uid(2), .command = CommandBitsOf("other")};

TEST(RunningSumsTest, TheHourOfATimeIsItsBeginning) {
  EXPECT_EQ(HourOf(7200), 7200);
  EXPECT_EQ(HourOf(7199), 3600);
}

TEST(RunningSumsTest, UserAndSystemTimeOfAllBucketsIsOneSum) {
  CommandBucketTable table;
  table[{Uid(1), 0, CommandBitsOf("job")}] = Running(5, 7);
  table[{Uid(1), 3600, CommandBitsOf("job")}] = Running(100, 0);
  table[{Uid(1), 0, CommandBitsOf("other")}] = Running(1, 1);
  table[{Uid(2), 0, CommandBitsOf("job")}] = Running(0, -3);
  EXPECT_EQ(RunningOf(table), (Sums{{{1, "job"}, 112}, {{1, "other"}, 2}, {{2, "job"}, -3}}));
}

TEST(RunningSumsTest, WhatAddsUpToZeroIsLeftOut) {
  CommandBucketTable table;
  table[{Uid(1), 0, CommandBitsOf("job")}] = Running(5, -2);
  table[{Uid(1), 3600, CommandBitsOf("job")}] = Running(-3, 0);
  // The time of processes that ended is not counted.
  table[{Uid(2), 0, CommandBitsOf("job")}].ticks.user = 50;
  EXPECT_EQ(RunningOf(table), Sums());
}

TEST(RunningSumsTest, GrowthIsAdded) {
  RunningChanges changes;
  changes.growth[{Uid(1), 3600, CommandBitsOf("job")}] = Running(5, 7);
  CommandBucketTable sums;
  AddTo(sums, changes);
  AddTo(sums, changes);
  EXPECT_EQ(RunningOf(sums), (Sums{{{1, "job"}, 24}}));
}

TEST(RunningSumsTest, ACorrectionMovesTimeAndLosesWhatBelongsNowhere) {
  RunningChanges changes;
  changes.growth[{Uid(1), 3600, CommandBitsOf("job")}] = Running(50, 70);
  changes.corrections = {
      {.from = kJob, .to = kOther, .user_ticks = 10, .system_ticks = 20},
      {.from = kJob, .user_ticks = 1, .system_ticks = 2},
  };
  CommandBucketTable sums;
  AddTo(sums, changes);
  EXPECT_EQ(RunningOf(sums), (Sums{{{1, "job"}, 120 - 30 - 3}, {{2, "other"}, 30}}));
  const auto moved = sums.find({Uid(2), 0, CommandBitsOf("other")});
  ASSERT_NE(moved, sums.end());
  EXPECT_EQ(moved->second, Running(10, 20));
}

}  // namespace
}  // namespace cpuagg::aggregate
