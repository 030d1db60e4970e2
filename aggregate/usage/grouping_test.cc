#include "aggregate/usage/grouping.h"

#include <cstdint>
#include <string>
#include <vector>

#include "aggregate/usage/calendar.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

std::string RoundTrip(const std::string& bytes) {
  return CommandText(CommandBitsOf({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}));
}

TEST(GroupingTest, ACommandEndsAtItsFirstZero) {
  EXPECT_EQ(RoundTrip(std::string("gcc\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)), "gcc");
  EXPECT_EQ(RoundTrip(std::string("gcc\0rest\0 of it ", 16)), "gcc");
  EXPECT_EQ(RoundTrip("sixteen bytes ab"), "sixteen bytes ab");
  EXPECT_EQ(RoundTrip(std::string(16, '\xff')), std::string(16, '\xff'));
  EXPECT_EQ(RoundTrip(std::string(16, '\0')), "");
  EXPECT_EQ(RoundTrip("seventeen bytes a"), "seventeen bytes ");
  EXPECT_EQ(CommandText(CommandBitsOf("gcc")), "gcc");
}

// The kernel leaves the rest of a longer name there.
TEST(GroupingTest, WhatComesAfterTheZeroMakesNoOtherCommand) {
  for (const size_t length : {0u, 3u, 7u, 8u, 12u}) {
    std::string bytes("some long command", 16);
    bytes[length] = '\0';
    EXPECT_EQ(CommandBitsOf(bytes), CommandBitsOf(bytes.substr(0, length))) << length;
  }
}

TEST(GroupingTest, TheShortestUnitDeterminesTheBuckets) {
  using enum Dimension;
  EXPECT_EQ(BucketUnit({kMonth, kUser, kDay}), CalendarUnit::kDay);
  EXPECT_EQ(BucketUnit({kDay, kHour}), CalendarUnit::kHour);
  EXPECT_EQ(BucketUnit({kUser, kWeek}), CalendarUnit::kWeek);
  EXPECT_EQ(BucketUnit({kMonth}), CalendarUnit::kMonth);
  for (const Dimension dimension : {kHour, kDay, kWeek, kMonth}) {
    EXPECT_TRUE(HasTime({kUser, dimension}));
  }
  EXPECT_FALSE(HasTime({kUser, kGroup, kCommand, kTty, kSignal}));
}

TEST(GroupingTest, AWeekDoesNotDetermineItsMonth) {
  using enum Dimension;
  EXPECT_TRUE(IsAmbiguous({kMonth, kWeek}));
  EXPECT_FALSE(IsAmbiguous({kMonth, kWeek, kDay}));
  EXPECT_FALSE(IsAmbiguous({kMonth, kDay}));
  EXPECT_FALSE(IsAmbiguous({kWeek}));
  EXPECT_FALSE(IsAmbiguous({kMonth}));
}

}  // namespace
}  // namespace cpuagg::aggregate
