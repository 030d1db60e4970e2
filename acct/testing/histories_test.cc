#include "acct/testing/histories.h"

#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace cpuagg::acct::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

struct Drop {
  int size;
  friend std::ostream& operator<<(std::ostream& out, const Drop& drop) {
    return out << "a drop of " << drop.size;
  }
};
using Drops = std::vector<Drop>;

// A barrel that holds 100.
void Fill(uint64_t, const Drops& drops, const Failures& failures) {
  int content = 0;
  for (const Drop& drop : drops) {
    content += drop.size;
    EXPECT_LE(content, 100) << "it overflows";
    if (failures.any()) return;
  }
}

TEST(HistoriesTest, AFailureNamesItsSeedAndTheShortestHistory) {
  const std::string text = TextIfFails<Drop>(1737, {{5}, {40}, {3}, {1}, {61}, {2}, {90}}, Fill);
  EXPECT_THAT(text, HasSubstr("The history of seed 1737 fails. Again:\n"));
  EXPECT_THAT(text, HasSubstr("HistoriesTest.AFailureNamesItsSeedAndTheShortestHistory"));
  EXPECT_THAT(text, HasSubstr("SEED=1737"));
  EXPECT_THAT(text, HasSubstr("HISTORIES=1"));
  EXPECT_THAT(text, HasSubstr("has 2 of its 7 steps ("));
  EXPECT_THAT(text, HasSubstr(":\n  a drop of 61\n  a drop of 90\nWhat fails: "));
  EXPECT_THAT(text, HasSubstr("histories_test.cc:"));
  EXPECT_THAT(text, HasSubstr("content"));
  EXPECT_THAT(text, EndsWith("it overflows"));
}

TEST(HistoriesTest, WithoutAFailureThereIsNothingToSay) {
  EXPECT_EQ(TextIfFails<Drop>(1, {{50}, {50}}, Fill), "");
}

TEST(HistoriesTest, AHistoryThatDoesNotFailTwiceIsSaidToDoSo) {
  int played = 0;
  const auto play = [&](uint64_t, const Drops&, const Failures&) { EXPECT_GT(++played, 1); };
  const std::string text = TextIfFails<Drop>(4, {{5}, {6}}, play);
  EXPECT_EQ(played, 2);
  EXPECT_THAT(text, HasSubstr("It did not fail when it was played a second time. All of its 2 "
                              "steps:\n  a drop of 5\n  a drop of 6\nWhat fails: "));
  EXPECT_THAT(text, HasSubstr("played"));
}

TEST(HistoriesTest, AnotherFailureOfFewerStepsDoesNotCount) {
  const auto play = [](uint64_t, const Drops& drops, const Failures& failures) {
    EXPECT_EQ(drops.front().size, 1) << "not the first";
    if (failures.any()) return;
    EXPECT_LT(drops.back().size, 9);
  };
  const std::string text = TextIfFails<Drop>(4, {{1}, {2}, {9}}, play);
  EXPECT_THAT(text, HasSubstr("has 2 of its 3 steps"));
  EXPECT_THAT(text, HasSubstr("  a drop of 1\n  a drop of 9\n"));
  EXPECT_THAT(text, Not(HasSubstr("not the first")));
}

TEST(HistoriesTest, WithoutReplaysTheSeedAndTheFailureAreSaid) {
  const std::string text = TextIfFails<Drop>(5, {{61}, {90}}, Fill, /*most_replays=*/0);
  EXPECT_THAT(text, HasSubstr("The history of seed 5 fails."));
  EXPECT_THAT(text, EndsWith("it overflows"));
  EXPECT_THAT(text, Not(HasSubstr("a drop")));
}

TEST(HistoriesTest, TheTestFailsOnceAndPlaysNoFurtherHistory) {
  static std::vector<uint64_t> played;
  played.clear();
  const auto make_steps = [](uint64_t seed) { return Drops{{91}, {static_cast<int>(seed)}}; };
  const auto play = [](uint64_t seed, const Drops& drops, const Failures& failures) {
    if (drops.size() == 2) played.push_back(seed);
    Fill(seed, drops, failures);
  };
  unsetenv("SEED");
  unsetenv("HISTORIES");
  // Ten of them under a sanitizer.
  EXPECT_NONFATAL_FAILURE(PlayHistories<Drop>(200, make_steps, play), "seed 10 fails");
  EXPECT_EQ(played.front(), 1u);
  EXPECT_EQ(played.back(), 10u);
  played.clear();
  setenv("SEED", "50", 1);
  setenv("HISTORIES", "1", 1);
  EXPECT_NONFATAL_FAILURE(PlayHistories<Drop>(100, make_steps, play), "seed 50 fails");
  EXPECT_EQ(played.front(), 50u);
  setenv("SEED", "7", 1);
  setenv("HISTORIES", "3", 1);
  played.clear();
  const Seeds seeds = PlayHistories<Drop>(100, make_steps, play);
  EXPECT_EQ(seeds.first, 7u);
  EXPECT_EQ(played, (std::vector<uint64_t>{7, 8, 9}));
}

}  // namespace
}  // namespace cpuagg::acct::testing
