#include "acct/record/comp_t.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

// Implements the definition of acct(5) literally: the mantissa, multiplied by eight as often as the
// exponent says.
uint64_t DecodeByTheManual(uint32_t bits) {
  uint64_t value = bits % 8192;
  for (uint32_t exponent = bits / 8192; exponent > 0; --exponent) value *= 8;
  return value;
}

TEST(CompTTest, EveryBitPatternDecodesAsTheManualSays) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    ASSERT_EQ(DecodeCompT(static_cast<uint16_t>(bits)), DecodeByTheManual(bits)) << "bits " << bits;
  }
}

TEST(CompTTest, KnownValues) {
  static_assert(DecodeCompT(0) == 0);
  static_assert(DecodeCompT(0x1fff) == 8191);
  static_assert(DecodeCompT(0x2001) == 8);
  static_assert(DecodeCompT(0xffff) == kCompTMax);
  EXPECT_EQ(kCompTMax, 17'177'772'032u);
}

TEST(CompTTest, PatternsTheKernelNeverWritesAreZero) {
  EXPECT_EQ(DecodeCompT(0x2000), 0u);
  EXPECT_EQ(DecodeCompT(0xe000), 0u);
}

}  // namespace
}  // namespace cpuagg::acct
