#include "acct/record/plausibility.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/record/record_view.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

absl::Span<const uint8_t> BytesOf(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

bool IsRegularRecord(const RecordBuilder& record) {
  const std::optional<RecordView> view = RecordAt(BytesOf(record.Bytes()), {});
  return view.has_value() && IsRegular(*view);
}

// The begin time is one that is credible in both byte orders, as half of all are.
TEST(PlausibilityTest, AFlippedBitOfTheByteOrderIsNoRegularRecord) {
  RecordBuilder record;
  record.BeginTime(1'700'000'127).Pid(1000);
  EXPECT_TRUE(IsRegularRecord(record));
  EXPECT_FALSE(IsRegularRecord(record.VersionByte(0x83)));
  EXPECT_TRUE(IsRegularRecord(
      RecordBuilder(3, RecordBuilder::kBigEndian).BeginTime(1'700'000'127).Pid(1000)));
  EXPECT_FALSE(IsRegularRecord(RecordBuilder(3, RecordBuilder::kBigEndian).ParentPid(1 << 23)));
}

TEST(PlausibilityTest, TheIdsOfOlderVersionsAreTheSameTwice) {
  for (const int version : {1, 2}) {
    const std::string record = RecordBuilder(version).Uid(70'000).Gid(70'001).Bytes();
    std::string other_uid = record;
    other_uid[2] = static_cast<char>(other_uid[2] + 1);
    std::string other_gid = record;
    other_gid[4] = static_cast<char>(other_gid[4] + 1);
    EXPECT_TRUE(IsPlausible(*RecordAt(BytesOf(record), {}))) << version;
    EXPECT_FALSE(IsPlausible(*RecordAt(BytesOf(other_uid), {}))) << version;
    EXPECT_FALSE(IsPlausible(*RecordAt(BytesOf(other_gid), {}))) << version;
  }
}

TEST(PlausibilityTest, ATickIsBetweenATenthAndATenThousandthOfASecond) {
  for (const int rate : {10, 100, 1024, 10'000}) {
    EXPECT_TRUE(IsRegularRecord(RecordBuilder(2).Rate(static_cast<uint16_t>(rate)))) << rate;
  }
  for (const int rate : {1, 9, 10'001, 65'535}) {
    EXPECT_FALSE(IsRegularRecord(RecordBuilder(2).Rate(static_cast<uint16_t>(rate)))) << rate;
  }
}

}  // namespace
}  // namespace cpuagg::acct
