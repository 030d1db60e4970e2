// Tests that Avx2Adder gives the same results as CompactUsage::Add().

#include "aggregate/tally/add_avx2.h"

#include "gtest/gtest.h"

#if defined(__x86_64__)

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "acct/record/avx2.h"
#include "acct/record/record_v3_view.h"
#include "acct/testing/record_builder.h"
#include "aggregate/tally/compact_usage.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {
namespace {

using acct::RecordV3View;
using acct::testing::RecordBuilder;

class AddAvx2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!acct::HasAvx2()) GTEST_SKIP() << "this processor has no AVX2, so that nothing uses it";
  }

  // Adds the record in both ways to the previous sums, and starts again from zero if they become
  // too large. Returns whether it was added.
  CPUAGG_TARGET_AVX2 bool AddBoth(const uint8_t* bytes) {
    const RecordV3View record(bytes);
    const CompactUsage before = fast_;
    const bool is_added = Avx2Adder().Add(record, fast_);
    const bool is_added_plainly = plain_.Add(record);
    if (is_added) {
      EXPECT_TRUE(is_added_plainly);
      EXPECT_EQ(fast_.ToUsage(), plain_.ToUsage());
      return true;
    }
    EXPECT_TRUE(!is_added_plainly || HasLargestExponent(bytes));
    EXPECT_EQ(fast_.ToUsage(), before.ToUsage());
    plain_ = {};
    fast_ = {};
    return false;
  }
  bool AddBoth(const RecordBuilder& record) {
    return AddBoth(reinterpret_cast<const uint8_t*>(record.Bytes().data()));
  }

  // Adds an ordinary record in both ways.
  CPUAGG_TARGET_AVX2 void AddOrdinary(const std::string& bytes) {
    const RecordV3View record(reinterpret_cast<const uint8_t*>(bytes.data()));
    std::array<uint32_t, 8> sums;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums.data()),
                        Avx2Adder().AddOrdinary(record, fast_));
    EXPECT_EQ(sums, fast_.sums);
    if (plain_.Add(record)) {
      EXPECT_FALSE(fast_.IsFull());
      EXPECT_EQ(fast_.ToUsage(), plain_.ToUsage());
    } else {
      EXPECT_TRUE(fast_.IsFull());
      plain_ = {};
      fast_ = {};
    }
  }

  static bool HasLargestExponent(const uint8_t* bytes) {
    for (size_t field = 32; field < 48; field += 2) {
      if (bytes[field + 1] >= 0xe0) return true;
    }
    return false;
  }

  CompactUsage plain_ = {};
  CompactUsage fast_ = {};
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
    ASSERT_FALSE(HasFailure()) << bits;
  }
}

TEST_F(AddAvx2Test, RandomRecordsCountTheSame) {
  std::mt19937_64 random(7);
  int added = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::array<uint8_t, 64> bytes;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    // Otherwise half of the exponents would nearly always be too large for one of the fields.
    for (size_t high = 33; high < 48; high += 2) bytes[high] &= static_cast<uint8_t>(random());
    if (!RecordV3View(bytes.data()).has_valid_elapsed()) continue;
    if (AddBoth(bytes.data())) ++added;
    ASSERT_FALSE(HasFailure()) << i;
  }
  EXPECT_GT(added, 10'000);
}

TEST_F(AddAvx2Test, TheLargestProcessIsTheLargestSoFar) {
  AddBoth(RecordBuilder().UserTime(5).SystemTime(6).Memory(7));
  AddBoth(RecordBuilder().UserTime(9).SystemTime(1).Memory(8));
  EXPECT_EQ(fast_.largest_cpu, 11u);
  EXPECT_EQ(fast_.largest_memory, 8u);
}

TEST_F(AddAvx2Test, OrdinaryRecordsCountTheSameAndSayWhatTheSumsAre) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 50'000; ++i) {
    const auto field = [&] { return static_cast<uint16_t>(random() % 0xa000); };
    const std::string bytes = RecordBuilder()
                                  .UserTime(field())
                                  .SystemTime(field())
                                  .Memory(field())
                                  .Io(field())
                                  .Blocks(field())
                                  .MinorFaults(field())
                                  .MajorFaults(field())
                                  .Swaps(field())
                                  .Elapsed(static_cast<float>(random() % (1u << 26)))
                                  .Bytes();
    AddOrdinary(bytes);
    ASSERT_FALSE(HasFailure()) << i;
  }
}

TEST_F(AddAvx2Test, WhatIsTooMuchIsNotAdded) {
  // 2^30 ticks.
  constexpr uint16_t kHalf = 0xd000;
  EXPECT_TRUE(AddBoth(RecordBuilder().UserTime(kHalf)));
  EXPECT_FALSE(AddBoth(RecordBuilder().UserTime(kHalf)));
  // 2^33 ticks, which do not fit into 32 bits.
  constexpr uint16_t kHuge = 0xf000;
  EXPECT_FALSE(AddBoth(RecordBuilder().UserTime(kHuge)));
  EXPECT_FALSE(AddBoth(RecordBuilder().MajorFaults(kHuge)));
  EXPECT_FALSE(AddBoth(RecordBuilder().Elapsed(3e9f)));
  EXPECT_TRUE(AddBoth(RecordBuilder().Elapsed(2e9f)));
  // Unused fields may have any value.
  EXPECT_TRUE(AddBoth(RecordBuilder().Blocks(0xdfff).Swaps(0xdfff)));
}

}  // namespace
}  // namespace cpuagg::aggregate

#endif  // defined(__x86_64__)
