#include "aggregate/tally/add_vectors.h"

#include <cstdint>
#include <random>
#include <string>

#include "acct/record/record_block.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/vectors.h"
#include "acct/testing/record_builder.h"
#include "aggregate/tally/compact_usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

// Compares with CompactUsage::Add().
class AddVectorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!acct::kHasBlocks) GTEST_SKIP() << "on this machine, nothing uses blocks";
  }

  void AddBoth(const RecordBuilder& builder) {
    const std::string bytes = builder.Bytes();
    const acct::RecordV3View record(reinterpret_cast<const uint8_t*>(bytes.data()));
    const bool is_full = acct::AnyBits(AddOrdinary(record, vectors_)) >= CompactUsage::kLimit;
    if (plain_.Add(record)) {
      EXPECT_FALSE(is_full);
      EXPECT_EQ(vectors_.sums, plain_.sums);
      EXPECT_EQ(vectors_.largest_cpu, plain_.largest_cpu);
      EXPECT_EQ(vectors_.largest_memory, plain_.largest_memory);
    } else {
      EXPECT_TRUE(is_full);
      EXPECT_TRUE(vectors_.IsFull());
      plain_ = {};
      vectors_ = {};
    }
  }

  CompactUsage plain_ = {};
  CompactUsage vectors_ = {};
};

TEST_F(AddVectorsTest, EveryOrdinaryCompTInEveryFieldCountsTheSame) {
  for (uint32_t bits = 0; bits <= acct::kLargestOrdinaryCompT; ++bits) {
    const auto comp_t = static_cast<uint16_t>(bits);
    const auto other = static_cast<uint16_t>(bits * 40'503 % (acct::kLargestOrdinaryCompT + 1u));
    AddBoth(RecordBuilder().UserTime(comp_t).SystemTime(other).Memory(comp_t));
    AddBoth(RecordBuilder().SystemTime(comp_t).Memory(other).Io(comp_t));
    AddBoth(RecordBuilder().Io(other).Blocks(comp_t).MinorFaults(comp_t));
    AddBoth(RecordBuilder().MajorFaults(comp_t).MinorFaults(other).Swaps(comp_t));
    ASSERT_FALSE(HasFailure()) << bits;
  }
}

TEST_F(AddVectorsTest, ElapsedTimeUpToTheLimitCountsTheSame) {
  std::mt19937 random(17);
  for (int i = 0; i < 10'000; ++i) {
    AddBoth(RecordBuilder().Elapsed(static_cast<float>(random() % acct::kOrdinaryLimit) / 3));
    ASSERT_FALSE(HasFailure()) << i;
  }
  // The largest float below the limit.
  AddBoth(RecordBuilder().Elapsed(67'108'860));
}

}  // namespace
}  // namespace cpuagg::aggregate
