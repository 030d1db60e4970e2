// AddAvx2() against Usage::Add(), which it must be equal to.

#include "aggregate/add_avx2.h"

#include "gtest/gtest.h"

#if defined(__x86_64__)

#include <array>
#include <cstdint>
#include <random>

#include "acct/record_v3_view.h"
#include "acct/testing/record_builder.h"
#include "aggregate/usage.h"

namespace cpuagg::aggregate {
namespace {

using acct::RecordV3View;
using acct::testing::RecordBuilder;

class AddAvx2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasAvx2()) GTEST_SKIP() << "this processor has no AVX2, so that nothing uses it";
  }

  // Adds the record in both ways, to what was added before.
  CPUAGG_TARGET_AVX2 void AddBoth(const uint8_t* bytes) {
    const RecordV3View record(bytes);
    plain_.Add(record, record.elapsed_ticks());
    AddAvx2(record, record.elapsed_ticks(), fast_);
  }
  void AddBoth(const RecordBuilder& record) {
    AddBoth(reinterpret_cast<const uint8_t*>(record.Bytes().data()));
  }

  Usage plain_;
  Usage fast_;
};

TEST_F(AddAvx2Test, EveryCompTInEveryFieldCountsTheSame) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto comp_t = static_cast<uint16_t>(bits);
    const auto other = static_cast<uint16_t>(bits * 40'503);
    AddBoth(RecordBuilder().UserTime(comp_t).SystemTime(other));
    AddBoth(RecordBuilder().SystemTime(comp_t).Memory(other));
    AddBoth(RecordBuilder().Memory(comp_t).Io(other));
    AddBoth(RecordBuilder().Io(comp_t).Blocks(other));
    AddBoth(RecordBuilder().MinorFaults(comp_t).Swaps(other));
    AddBoth(RecordBuilder().MajorFaults(comp_t).MinorFaults(other));
    ASSERT_EQ(fast_, plain_) << bits;
  }
}

TEST_F(AddAvx2Test, RandomRecordsCountTheSame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    std::array<uint8_t, 64> bytes;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    AddBoth(bytes.data());
    ASSERT_EQ(fast_, plain_) << i;
  }
}

TEST_F(AddAvx2Test, TheLargestProcessIsTheLargestSoFar) {
  AddBoth(RecordBuilder().UserTime(5).SystemTime(6).Memory(7));
  AddBoth(RecordBuilder().UserTime(9).SystemTime(1).Memory(8));
  EXPECT_EQ(fast_.ticks.largest_cpu, 11u);
  EXPECT_EQ(fast_.largest_memory_kib, 8u);
  EXPECT_EQ(fast_, plain_);
}

}  // namespace
}  // namespace cpuagg::aggregate

#endif  // defined(__x86_64__)
