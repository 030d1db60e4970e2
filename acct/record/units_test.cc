#include "acct/record/units.h"

#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

TEST(TicksTest, SplitsIntoSecondsAndHundredths) {
  const Ticks ticks = Ticks(9742) + Ticks(665);
  EXPECT_EQ(ticks.whole_seconds(), 104u);
  EXPECT_EQ(ticks.hundredths(), 7u);
}

TEST(TicksTest, IsAnExactDuration) {
  EXPECT_EQ(Ticks(10407).duration(), absl::Milliseconds(104070));
  EXPECT_LT(Ticks(std::numeric_limits<uint64_t>::max()).duration(), absl::InfiniteDuration());
}

TEST(TicksTest, SumsSaturateInsteadOfWrapping) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(Ticks(kMax - 1) + Ticks(1), Ticks(kMax));
  EXPECT_EQ(Ticks(kMax - 1) + Ticks(2), Ticks(kMax));
  EXPECT_EQ(Ticks(kMax) + Ticks(kMax), Ticks(kMax));
}

TEST(UidTest, IsUnsigned) { EXPECT_LT(Uid(1), Uid(4294967293u)); }

}  // namespace
}  // namespace cpuagg::acct
