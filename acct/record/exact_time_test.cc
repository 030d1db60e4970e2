#include "acct/record/exact_time.h"

#include <cstdint>
#include <limits>

#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

TEST(ExactTimeTest, TicksOfEveryRateOfTwosAndFivesAreExact) {
  for (uint32_t rate = 1; rate <= 65535; ++rate) {
    uint32_t rest = rate;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 5 == 0) rest /= 5;
    if (rest != 1) continue;
    ASSERT_EQ(ExactTime::kPerSecond % rate, 0u) << rate;
    ASSERT_EQ(ExactTime::Of(kMost, rate).femtoseconds() * rate,
              absl::uint128(kMost) * ExactTime::kPerSecond)
        << rate;
  }
}

TEST(ExactTimeTest, OtherRatesAreRoundedToTheNearest) {
  EXPECT_EQ(ExactTime::Of(1, 3).femtoseconds(), 333'333'333'333'333u);
  EXPECT_EQ(ExactTime::Of(2, 3).femtoseconds(), 666'666'666'666'667u);
  EXPECT_EQ(ExactTime::Of(65535, 65535), ExactTime(Ticks(100)));
}

TEST(ExactTimeTest, TicksOf100HertzComeBackAsTheyWere) {
  for (const uint64_t ticks : {uint64_t{0}, uint64_t{1}, uint64_t{12345}, kMost}) {
    EXPECT_EQ(ExactTime(Ticks(ticks)).ticks(), Ticks(ticks));
    EXPECT_EQ(ExactTime(Ticks(ticks)), ExactTime::Of(ticks, 100));
  }
  EXPECT_EQ((ExactTime(Ticks(kMost)) + ExactTime(Ticks(kMost))).ticks(), Ticks(kMost));
}

TEST(ExactTimeTest, NothingIsShorterThanNothing) {
  EXPECT_EQ(ExactTime(Ticks(10)).Plus(5), Ticks(15));
  EXPECT_EQ(ExactTime(Ticks(10)).Plus(-4), Ticks(6));
  EXPECT_EQ(ExactTime(Ticks(10)).Plus(-10), Ticks(0));
  EXPECT_EQ(ExactTime(Ticks(10)).Plus(-11), Ticks(0));
  EXPECT_EQ(ExactTime(Ticks(10)).Plus(std::numeric_limits<int64_t>::min()), Ticks(0));
}

TEST(ExactTimeTest, RoundingToTicksIsHalfUp) {
  EXPECT_EQ(ExactTime::Of(4, 1000).ticks(), Ticks(0));
  EXPECT_EQ(ExactTime::Of(5, 1000).ticks(), Ticks(1));
  EXPECT_EQ(ExactTime::Of(14, 1000).ticks(), Ticks(1));
  EXPECT_LT(ExactTime::Of(1, 1024), ExactTime::Of(1, 1000));
}

}  // namespace
}  // namespace cpuagg::acct
