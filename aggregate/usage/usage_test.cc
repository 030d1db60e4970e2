#include "aggregate/usage/usage.h"

#include <cstdint>
#include <limits>

#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::ExactTime;
using acct::Ticks;

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

Usage Example() {
  Usage usage = {.processes = 1,
                 .ticks = {.user = 2, .system = 3, .elapsed = 4, .largest_cpu = 5},
                 .memory_kib = 6,
                 .io = 7,
                 .minor_faults = 8,
                 .major_faults = 9,
                 .largest_memory_kib = 6,
                 .running_user = 10,
                 .running_system = -1};
  usage.other_rates[1024] = {.user = 512, .system = 256, .elapsed = 1024, .largest_cpu = 768};
  return usage;
}

TEST(UsageTest, CountersAreAddedAndTheLargestStays) {
  Usage sum = Example();
  sum += Example();
  EXPECT_EQ(sum.processes, 2u);
  EXPECT_EQ(sum.ticks, (TickSums{.user = 4, .system = 6, .elapsed = 8, .largest_cpu = 5}));
  EXPECT_EQ(sum.memory_kib, 12u);
  EXPECT_EQ(sum.io, 14u);
  EXPECT_EQ(sum.minor_faults, 16u);
  EXPECT_EQ(sum.major_faults, 18u);
  EXPECT_EQ(sum.largest_memory_kib, 6u);
  EXPECT_EQ(sum.running_user, 20);
  EXPECT_EQ(sum.running_system, -2);
  EXPECT_EQ(sum.other_rates.map().at(1024),
            (TickSums{.user = 1024, .system = 512, .elapsed = 2048, .largest_cpu = 768}));
}

TEST(UsageTest, SumsStayAtTheLargestNumber) {
  const Usage large = {.processes = kMost,
                       .ticks = {.user = kMost, .system = kMost, .elapsed = kMost},
                       .memory_kib = kMost,
                       .io = kMost,
                       .minor_faults = kMost,
                       .major_faults = kMost};
  Usage sum = large;
  sum += Example();
  sum.other_rates = {};
  EXPECT_EQ(sum.processes, kMost);
  EXPECT_EQ(sum.ticks.user, kMost);
  EXPECT_EQ(sum.ticks.system, kMost);
  EXPECT_EQ(sum.ticks.elapsed, kMost);
  EXPECT_EQ(sum.memory_kib, kMost);
  EXPECT_EQ(sum.io, kMost);
  EXPECT_EQ(sum.minor_faults, kMost);
  EXPECT_EQ(sum.major_faults, kMost);
}

TEST(UsageTest, TimesAreOfAllRatesAndOfWhatRuns) {
  const Usage usage = Example();
  EXPECT_EQ(usage.user_time(), ExactTime::Of(2 + 10, 100) + ExactTime::Of(512, 1024));
  EXPECT_EQ(usage.system_time(), ExactTime::Of(3 - 1, 100) + ExactTime::Of(256, 1024));
  EXPECT_EQ(usage.ended_cpu_time(), ExactTime::Of(5, 100) + ExactTime::Of(768, 1024));
  EXPECT_EQ(usage.elapsed(), ExactTime::Of(4, 100) + ExactTime::Of(1, 1));
  EXPECT_EQ(usage.running_time(), ExactTime::Of(9, 100));
  EXPECT_EQ(usage.largest_cpu(), ExactTime::Of(768, 1024));
}

TEST(UsageTest, TheTimeOfWhatRunsIsNotNegative) {
  Usage usage = {.ticks = {.user = 5}, .running_user = -3};
  EXPECT_EQ(usage.running_time(), ExactTime());
  EXPECT_EQ(usage.cpu_time(), Ticks(2));
  usage = {.running_user = -9, .running_system = 20};
  EXPECT_EQ(usage.user_time(), ExactTime());
  EXPECT_EQ(usage.running_time(), Ticks(11));
  usage.ticks.user = 5;
  EXPECT_EQ(usage.cpu_time(), Ticks(20));
}

TEST(UsageTest, WhatNoLongerRunsHasEnded) {
  Usage usage = {.ticks = {.user = 5, .system = 6}, .running_user = 30, .running_system = -4};
  usage.Settle(10, 0);
  EXPECT_EQ(usage.ticks.user, 25u);
  EXPECT_EQ(usage.running_user, 10);
  EXPECT_EQ(usage.ticks.system, 2u);
  EXPECT_EQ(usage.running_system, 0);
  // More than there is cannot be taken.
  usage.running_system = -9;
  usage.Settle(10, 0);
  EXPECT_EQ(usage.ticks.system, 0u);
}

TEST(UsageTest, TheMeanOfNoProcessesIsZero) {
  EXPECT_EQ(Usage().mean_memory_kib(), 0u);
  EXPECT_EQ((Usage{.processes = 3, .memory_kib = 8}.mean_memory_kib()), 2u);
}

TEST(UsageTest, NoOtherRatesAreEqualToRatesThatAreGone) {
  Usage usage;
  usage.other_rates[1024].user = 1;
  EXPECT_NE(usage, Usage());
  const Usage copy = usage;
  usage.other_rates[1024].user = 2;
  EXPECT_EQ(copy.other_rates.map().at(1024).user, 1u) << "a copy has its own";
  usage.other_rates = {};
  EXPECT_EQ(usage, Usage());
}

}  // namespace
}  // namespace cpuagg::aggregate
