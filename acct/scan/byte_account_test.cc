#include "acct/scan/byte_account.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

TEST(ByteAccountTest, RegionsThatTouchForOneReasonAreOne) {
  ByteAccount account;
  account.AddSkipped(0, 64, SkipReason::kZeros);
  account.AddSkipped(64, 128, SkipReason::kZeros);
  account.AddSkipped(128, 192, SkipReason::kNoRecord);
  account.AddSkipped(256, 320, SkipReason::kNoRecord);
  EXPECT_EQ(account.skipped_bytes, 256u);
  EXPECT_EQ(account.regions, 3u);
  EXPECT_EQ(account.skipped, (std::vector<SkippedRegion>{{0, 128, SkipReason::kZeros},
                                                         {128, 192, SkipReason::kNoRecord},
                                                         {256, 320, SkipReason::kNoRecord}}));
}

TEST(ByteAccountTest, RegionsBeyondTheLongestListAreCounted) {
  ByteAccount account;
  for (uint64_t i = 0; i < ByteAccount::kMaxListed + 5; ++i) {
    account.AddSkipped(128 * i, 128 * i + 64, SkipReason::kNoRecord);
  }
  EXPECT_EQ(account.skipped.size(), ByteAccount::kMaxListed);
  EXPECT_EQ(account.regions, ByteAccount::kMaxListed + 5);
  EXPECT_EQ(account.skipped_bytes, 64 * (ByteAccount::kMaxListed + 5));
  // One that touches the last is not joined with what is listed.
  const SkippedRegion last = account.skipped.back();
  account.AddSkipped(last.end, last.end + 64, last.reason);
  EXPECT_EQ(account.skipped.back(), last);
}

TEST(ByteAccountTest, TheSumHasTheCountsOfBoth) {
  ByteAccount sum = {.name = "pacct",
                     .bytes = 1000,
                     .records = 10,
                     .skipped_bytes = 64,
                     .trailing_bytes = 1,
                     .regions = 1,
                     .skipped = {{0, 64, SkipReason::kZeros}},
                     .invalid_elapsed = 2};
  const ByteAccount other = {.name = "another",
                             .bytes = 500,
                             .records = 5,
                             .skipped_bytes = 32,
                             .trailing_bytes = 3,
                             .regions = 1,
                             .skipped = {{1000, 1032, SkipReason::kMisaligned}},
                             .foreign_format = "FreeBSD",
                             .invalid_elapsed = 4,
                             .cut_short = "gzip: unexpected end"};
  sum.Add(other);
  EXPECT_EQ(sum.name, "pacct");
  EXPECT_EQ(sum.bytes, 1500u);
  EXPECT_EQ(sum.records, 15u);
  EXPECT_EQ(sum.skipped_bytes, 96u);
  EXPECT_EQ(sum.trailing_bytes, 4u);
  EXPECT_EQ(sum.regions, 2u);
  EXPECT_EQ(sum.skipped, (std::vector<SkippedRegion>{{0, 64, SkipReason::kZeros},
                                                     {1000, 1032, SkipReason::kMisaligned}}));
  EXPECT_STREQ(sum.foreign_format, "FreeBSD");
  EXPECT_EQ(sum.invalid_elapsed, 6u);
  EXPECT_EQ(sum.cut_short, "gzip: unexpected end");
  EXPECT_EQ(sum.decoded_bytes(), 1400u);
  EXPECT_TRUE(sum.damaged());
}

TEST(ByteAccountTest, TheSumKeepsTheFirstReasonsAndAListThatIsNoLonger) {
  ByteAccount sum = {.foreign_format = "FreeBSD", .cut_short = "first"};
  ByteAccount other = {.foreign_format = "SunOS", .cut_short = "second"};
  for (uint64_t i = 0; i < ByteAccount::kMaxListed; ++i) {
    other.AddSkipped(128 * i, 128 * i + 64, SkipReason::kNoRecord);
  }
  sum.AddSkipped(0, 64, SkipReason::kZeros);
  sum.Add(other);
  EXPECT_STREQ(sum.foreign_format, "FreeBSD");
  EXPECT_EQ(sum.cut_short, "first");
  EXPECT_EQ(sum.skipped.size(), ByteAccount::kMaxListed);
  EXPECT_EQ(sum.skipped.front().reason, SkipReason::kZeros);
  EXPECT_EQ(sum.regions, ByteAccount::kMaxListed + 1);
}

TEST(ByteAccountTest, OnlyAllOfItBeginsOtherwise) {
  ByteAccount sum;
  sum.Add({.bytes = 36, .trailing_bytes = 36, .begins_otherwise = true});
  EXPECT_TRUE(sum.begins_otherwise);
  sum.Add({});
  EXPECT_TRUE(sum.begins_otherwise);
  sum.Add({.bytes = 64, .records = 1});
  EXPECT_FALSE(sum.begins_otherwise);
}

TEST(ByteAccountTest, WhatIsSkippedOrMissingIsDamage) {
  EXPECT_FALSE((ByteAccount{.bytes = 64, .records = 1}).damaged());
  EXPECT_TRUE((ByteAccount{.bytes = 64, .skipped_bytes = 64}).damaged());
  EXPECT_TRUE((ByteAccount{.bytes = 70, .records = 1, .trailing_bytes = 6}).damaged());
  // Its last record may be whole all the same.
  EXPECT_TRUE((ByteAccount{.bytes = 64, .records = 1, .cut_short = "gzip: cut off"}).damaged());
}

}  // namespace
}  // namespace cpuagg::acct
