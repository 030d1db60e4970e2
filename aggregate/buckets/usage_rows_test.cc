#include "aggregate/buckets/usage_rows.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

CommandBits Command(const std::string& name) {
  return CommandBitsOf(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(name.data()), name.size()));
}

Usage Ticks(uint64_t user) { return {.processes = 1, .ticks = {.user = user}}; }

TEST(UsageRowsTest, EqualKeysAreAddedUpInOrder) {
  EXPECT_EQ(
      Joined(std::vector<UserRow>{{2, 3, 1, Ticks(1)}, {1, 2, 9, Ticks(2)}, {2, 3, 1, Ticks(3)}}),
      (std::vector<UserRow>{{1, 2, 9, Ticks(2)},
                            {2, 3, 1, {.processes = 2, .ticks = {.user = 4}}}}));
  EXPECT_TRUE(Joined(std::vector<UserRow>()).empty());
}

TEST(UsageRowsTest, BucketsThatBeginTogetherEndWithTheLastOfThem) {
  EXPECT_EQ(
      Joined(std::vector<UserRow>{{2, 3, 1, Ticks(1)}, {2, 9, 2, Ticks(2)}, {2, 5, 1, Ticks(3)}}),
      (std::vector<UserRow>{{2, 9, 1, {.processes = 2, .ticks = {.user = 4}}},
                            {2, 9, 2, Ticks(2)}}));
}

TEST(UsageRowsTest, WhatIsAddedUpEndsWithTheLaterOfTheTwo) {
  const UserRow day = {0, 24, 1, Ticks(1)};
  const UserRow hour = {0, 1, 1, Ticks(3)};
  const std::vector<UserRow> sum = {{0, 24, 1, {.processes = 2, .ticks = {.user = 4}}}};
  EXPECT_EQ(Joined(std::vector<UserRow>{day, hour}), sum);
  EXPECT_EQ(Joined(std::vector<UserRow>{hour, day}), sum);
}

TEST(UsageRowsTest, TheCommandsWithTheMostCpuTimeKeepTheirNames) {
  std::vector<CommandRow> rows;
  for (uint64_t i = 1; i <= 13; ++i) {
    rows.push_back(
        {.begin = 0, .account = 1, .command = Command(absl::StrCat("c", i)), .usage = Ticks(i)});
  }
  rows.push_back({.begin = 0, .account = 1, .command = kOtherCommands, .usage = Ticks(100)});
  // Another account and another hour each have ten of their own.
  rows.push_back({.begin = 0, .account = 2, .command = Command("c1"), .usage = Ticks(1)});
  rows.push_back({.begin = 1, .account = 1, .command = Command("c1"), .usage = Ticks(1)});
  const std::vector<CommandRow> top = TopCommands(rows);
  ASSERT_EQ(top.size(), kCommandsKept + 3);
  for (const CommandRow& row : top) {
    if (row.begin == 1 || row.account == 2) {
      EXPECT_EQ(row.command, Command("c1"));
    } else if (row.command == kOtherCommands) {
      EXPECT_EQ(row.usage.ticks.user, 100u + 1 + 2 + 3);
    } else {
      EXPECT_GE(row.usage.ticks.user, 4u);
    }
  }
  EXPECT_EQ(TopCommands(top), top);
}

TEST(UsageRowsTest, WhatWasCountedForACommandIsTakenAwayFromNoOther) {
  std::vector<CommandRow> rows;
  for (uint64_t i = 1; i <= kCommandsKept; ++i) {
    rows.push_back({.command = Command(absl::StrCat("c", i)), .usage = Ticks(i)});
  }
  rows.push_back({.command = Command("ended"), .usage = {.running_user = -1000}});
  for (const CommandRow& row : TopCommands(rows)) {
    EXPECT_EQ(row.usage.running_user, row.command == Command("ended") ? -1000 : 0);
  }
}

TEST(UsageRowsTest, TheLowestChangeThatAFileCanHoldHasTheMostWeight) {
  std::vector<CommandRow> rows;
  for (uint64_t i = 1; i <= kCommandsKept; ++i) {
    rows.push_back({.command = Command(absl::StrCat("c", i)), .usage = Ticks(i)});
  }
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  rows.push_back({.command = Command("forged"), .usage = {.running_system = kLowest}});
  for (const CommandRow& row : TopCommands(rows)) {
    EXPECT_EQ(row.usage.running_system, row.command == Command("forged") ? kLowest : 0);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
