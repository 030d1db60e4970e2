#include "acct/testing/shrink.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::acct::testing {
namespace {

using Numbers = std::vector<int>;
using FaultOf = std::function<std::string(const Numbers&)>;

Numbers UpTo(int count) {
  Numbers numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// Fails if all of `needed` are there.
FaultOf FailsWith(const Numbers& needed) {
  return [needed](const Numbers& steps) -> std::string {
    return std::includes(steps.begin(), steps.end(), needed.begin(), needed.end()) ? "all there"
                                                                                   : "";
  };
}

TEST(ShrinkTest, OnlyTheStepsThatAreNeededAreLeftInTheirOrder) {
  for (const Numbers& needed :
       {Numbers{}, {0}, {99}, {3, 17, 90}, {49, 50}, {0, 1, 2, 97, 98, 99}}) {
    const Shrunk<int> shrunk = Shrink<int>(UpTo(100), FailsWith(needed));
    EXPECT_EQ(shrunk.steps, needed);
    EXPECT_EQ(shrunk.fault, "all there");
    EXPECT_TRUE(shrunk.is_minimal);
    EXPECT_LT(shrunk.replays, 200);
  }
}

// 5 cannot go before 6, nor 4 before 5, and each is tried once in a pass from the end.
TEST(ShrinkTest, AStepThatIsNeededOnlyBecauseOfAnotherGoesToo) {
  const auto fault_of = [](const Numbers& steps) -> std::string {
    const auto has = [&](int step) { return std::binary_search(steps.begin(), steps.end(), step); };
    return (has(6) && !has(5)) || (has(5) && !has(4)) || !has(9) ? "" : "9";
  };
  const Shrunk<int> shrunk = Shrink<int>({4, 5, 6, 9}, fault_of);
  EXPECT_EQ(shrunk.steps, (Numbers{9}));
  EXPECT_TRUE(shrunk.is_minimal);
}

TEST(ShrinkTest, NoMoreReplaysThanAllowed) {
  for (int most = 0; most < 60; ++most) {
    int calls = 0;
    const Numbers needed = {3, 17, 90};
    const auto fault_of = [&, fails = FailsWith(needed)](const Numbers& steps) {
      ++calls;
      return fails(steps);
    };
    const Shrunk<int> shrunk = Shrink<int>(UpTo(100), fault_of, most);
    EXPECT_LE(calls, most);
    EXPECT_EQ(shrunk.replays, calls);
    EXPECT_EQ(shrunk.fault.empty(), most == 0);
    EXPECT_EQ(FailsWith(needed)(shrunk.steps), "all there");
    // It stops early only where nothing is left to do.
    EXPECT_TRUE(calls == most || shrunk.is_minimal);
    if (shrunk.is_minimal) {
      EXPECT_EQ(shrunk.steps, needed);
    }
  }
}

TEST(ShrinkTest, WhatDoesNotFailAgainIsLeftWhole) {
  const Shrunk<int> shrunk = Shrink<int>(UpTo(10), [](const Numbers&) { return std::string(); });
  EXPECT_EQ(shrunk.steps, UpTo(10));
  EXPECT_EQ(shrunk.fault, "");
  EXPECT_EQ(shrunk.replays, 1);
  EXPECT_FALSE(shrunk.is_minimal);
}

}  // namespace
}  // namespace cpuagg::acct::testing
