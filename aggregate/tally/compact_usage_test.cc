#include "aggregate/tally/compact_usage.h"

#include <cstddef>
#include <cstdint>

#include "acct/record/record_v3_view.h"
#include "acct/testing/record_builder.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

acct::RecordV3View ViewOf(const std::string& bytes) {
  return acct::RecordV3View(reinterpret_cast<const uint8_t*>(bytes.data()));
}

TEST(CompactUsageTest, HasWhatUsageHas) {
  CompactUsage compact = {};
  Usage usage;
  for (uint16_t i = 1; i < 100; ++i) {
    const std::string bytes = RecordBuilder()
                                  .UserTime(i)
                                  .SystemTime(static_cast<uint16_t>(2 * i))
                                  .Memory(static_cast<uint16_t>(300 - i))
                                  .Io(static_cast<uint16_t>(5 * i))
                                  .MinorFaults(static_cast<uint16_t>(7 * i))
                                  .MajorFaults(static_cast<uint16_t>(11 * i))
                                  .Elapsed(static_cast<float>(13 * i))
                                  .Bytes();
    ASSERT_TRUE(compact.Add(ViewOf(bytes)));
    usage.Add(ViewOf(bytes), ViewOf(bytes).elapsed_ticks());
  }
  EXPECT_EQ(compact.ToUsage(), usage);
}

TEST(CompactUsageTest, AProcessForWhichOneSumHasNoRoomChangesNothing) {
  constexpr auto kMost = static_cast<uint32_t>(CompactUsage::kLimit - 1);
  const std::string one = RecordBuilder()
                              .UserTime(1)
                              .SystemTime(1)
                              .Memory(1)
                              .Io(1)
                              .MinorFaults(1)
                              .MajorFaults(1)
                              .Elapsed(1)
                              .Bytes();
  for (size_t full = 0; full < 8; ++full) {
    SCOPED_TRACE(full);
    CompactUsage usage = {};
    usage.sums[full] = kMost - 1;
    EXPECT_TRUE(usage.Add(ViewOf(one)));
    const CompactUsage before = usage;
    EXPECT_EQ(usage.sums[full], kMost);
    EXPECT_FALSE(usage.Add(ViewOf(one)));
    EXPECT_EQ(usage.ToUsage(), before.ToUsage());
  }
  CompactUsage usage = {};
  EXPECT_FALSE(usage.Add(ViewOf(RecordBuilder().UserTime(0xffff).Bytes())));
  EXPECT_EQ(usage.ToUsage(), Usage());
}

TEST(CompactUsageTest, SumsOfTwoAreAddedUnlessTheyAreTooLarge) {
  constexpr uint32_t kHalf = 1u << 30;
  CompactUsage a = {.sums = {1, 2, 3, 4, 5, 6, 7, 8}, .largest_cpu = 3, .largest_memory = 30};
  const CompactUsage b = {.sums = {10, 20, kHalf}, .largest_cpu = 4, .largest_memory = 20};
  ASSERT_TRUE(a.Add(b));
  EXPECT_EQ(a.sums, (std::array<uint32_t, 8>{11, 22, 3 + kHalf, 4, 5, 6, 7, 8}));
  EXPECT_EQ(a.largest_cpu, 4u);
  EXPECT_EQ(a.largest_memory, 30u);
  const CompactUsage before = a;
  EXPECT_FALSE(a.Add(b));
  EXPECT_EQ(a.ToUsage(), before.ToUsage());
}

}  // namespace
}  // namespace cpuagg::aggregate
