#include "aggregate/buckets/blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;

Period Seconds(int64_t begin, int64_t end) {
  return {.begin = absl::FromUnixSeconds(begin), .end = absl::FromUnixSeconds(end)};
}

TEST(BlocksTest, WhatOverlapsIsOneBlock) {
  const Blocks blocks({{30, 40}, {0, 10}, {10, 20}, {35, 50}, {49, 50}, {0, 5}});
  EXPECT_EQ(blocks.all(), (std::vector<Bucket>{{0, 10}, {10, 20}, {30, 50}}));
  EXPECT_EQ(blocks.BeginOf(9), 0);
  EXPECT_EQ(blocks.BeginOf(10), 10);
  EXPECT_EQ(blocks.BeginOf(49), 30);
  EXPECT_EQ(blocks.BeginOf(50), 50);
  EXPECT_EQ(blocks.BeginOf(-1), -1);
}

TEST(BlocksTest, APartOfABlockIsEnoughToBeInAPeriod) {
  const Blocks blocks({{0, 10}, {30, 50}});
  EXPECT_TRUE(blocks.HaveAnyIn(Seconds(9, 20)));
  EXPECT_TRUE(blocks.HaveAnyIn(Seconds(35, 40)));
  EXPECT_TRUE(blocks.HaveAnyIn(Seconds(20, 31)));
  EXPECT_TRUE(blocks.HaveAnyIn(Seconds(-5, 60)));
  EXPECT_FALSE(blocks.HaveAnyIn(Seconds(10, 30)));
  EXPECT_FALSE(blocks.HaveAnyIn(Seconds(50, 60)));
  EXPECT_FALSE(Blocks().HaveAnyIn(Period()));
}

TEST(BlocksTest, APeriodIsWidenedWhereABlockIsCutAndNowhereElse) {
  const Blocks blocks({{0, 10}, {10, 20}, {30, 50}});
  EXPECT_EQ(blocks.Widened(Seconds(10, 20)), Seconds(10, 20));
  EXPECT_EQ(blocks.Widened(Seconds(5, 15)), Seconds(0, 20));
  EXPECT_EQ(blocks.Widened(Seconds(22, 28)), Seconds(22, 28));
  EXPECT_EQ(blocks.Widened(Seconds(22, 31)), Seconds(22, 50));
  EXPECT_EQ(blocks.Widened(Seconds(-5, 60)), Seconds(-5, 60));
  EXPECT_EQ(blocks.Widened(Seconds(32, 34)), Seconds(30, 50));
  EXPECT_EQ(blocks.Widened(Period()), Period());
  EXPECT_EQ(blocks.Widened(Seconds(5, 5)), Seconds(5, 5));
  EXPECT_EQ(Blocks().Widened(Seconds(5, 6)), Seconds(5, 6));
}

TEST(BlocksTest, AFractionOfASecondWithinABlockIsWithinIt) {
  const Blocks blocks({{0, 10}});
  const absl::Time just_before = absl::FromUnixSeconds(0) + absl::Nanoseconds(1);
  EXPECT_EQ(blocks.Widened({.begin = just_before, .end = absl::FromUnixSeconds(20)}),
            Seconds(0, 20));
  const absl::Time before = absl::FromUnixSeconds(0) - absl::Nanoseconds(1);
  EXPECT_EQ(blocks.Widened({.begin = before, .end = just_before}).end, absl::FromUnixSeconds(10));
}

TEST(BlocksTest, BlocksWithinAUnitAreThatUnit) {
  const Blocks blocks({{kHour, 2 * kHour}, {5 * kHour, 6 * kHour}, {kDay, kDay + kHour}});
  EXPECT_EQ(blocks.ByUnit(CalendarUnit::kDay, absl::UTCTimeZone()),
            (std::map<int64_t, Bucket>{{0, {0, kDay}}, {kDay, {kDay, 2 * kDay}}}));
}

TEST(BlocksTest, AUnitEndsWhereItsLastBlockDoes) {
  const absl::TimeZone zone = absl::FixedTimeZone(1800);
  // Days of this zone begin at half past eleven UTC.
  const int64_t day = kDay - 1800;
  const Blocks blocks({{day - 1800, day + 1800}, {day + 1800, day + kHour}});
  EXPECT_EQ(blocks.ByUnit(CalendarUnit::kDay, zone),
            (std::map<int64_t, Bucket>{{day - kDay, {day - 1800, day + 1800}},
                                       {day, {day + 1800, day + kDay}}}));
}

TEST(BlocksTest, ABlockOfManyUnitsIsInTheFirst) {
  const Blocks blocks({{0, kDay}, {kDay + kHour, kDay + 2 * kHour}});
  EXPECT_EQ(blocks.ByUnit(CalendarUnit::kHour, absl::UTCTimeZone()),
            (std::map<int64_t, Bucket>{{0, {0, kDay}},
                                       {kDay + kHour, {kDay + kHour, kDay + 2 * kHour}}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
