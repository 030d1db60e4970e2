#include "acct/record/plausibility.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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

TEST(PlausibilityTest, ATickIsNotShorterThanATenThousandthOfASecond) {
  for (const int rate : {0, 1, 2, 9, 10, 100, 1024, 10'000}) {
    EXPECT_TRUE(IsRegularRecord(RecordBuilder(2).Rate(static_cast<uint16_t>(rate)))) << rate;
  }
  for (const int rate : {10'001, 65'535}) {
    EXPECT_FALSE(IsRegularRecord(RecordBuilder(2).Rate(static_cast<uint16_t>(rate)))) << rate;
  }
}

TEST(PlausibilityTest, ARateThatTheRecordDoesNotStateTellsNothingAboutIt) {
  for (const int version : {0, 1, 2}) {
    for (const uint32_t rate : {1u, 9u, 65'535u}) {
      const std::string bytes = RecordBuilder(version).Bytes();
      std::string unstated = bytes;
      if (version != 1) unstated[30] = unstated[31] = 0;
      EXPECT_TRUE(IsRegular(*RecordAt(BytesOf(unstated), {.default_rate = rate})))
          << version << ", " << rate;
    }
  }
  std::string number_in_padding = RecordBuilder(0).Bytes();
  number_in_padding[30] = 9;
  EXPECT_FALSE(IsRegular(*RecordAt(BytesOf(number_in_padding), {})));
}

// Version 0 has no byte that says so, and tables of words or numbers may look like it.
TEST(PlausibilityTest, ARecordOfVersion0StandsAloneOnlyIfNothingElseLooksSo) {
  const RecordFormat format = {.latest_begin = 2'000'000'000};
  const auto stands_alone = [&](const RecordBuilder& record) {
    return StandsAlone(*RecordAt(BytesOf(record.Bytes()), format), format);
  };
  EXPECT_TRUE(stands_alone(RecordBuilder(0).Command("sh")));
  EXPECT_TRUE(stands_alone(RecordBuilder(0).Command("sh").ExitCode(0x0100)));
  EXPECT_TRUE(stands_alone(RecordBuilder(0).Command("sh").ExitCode(0x008b)));
  // It exited with a status, and a signal killed it.
  EXPECT_FALSE(stands_alone(RecordBuilder(0).Command("sh").ExitCode(0x0109)));
  EXPECT_FALSE(stands_alone(RecordBuilder(0).Command("s")));
  // Its numbers are letters: "record of a time" as gid, tty, begin, user and system time.
  EXPECT_FALSE(stands_alone(RecordBuilder(0)
                                .Command("sh")
                                .Gid(0x6572)
                                .Tty(0x6f63)
                                .BeginTime(0x6f206472)
                                .UserTime(0x2066)
                                .SystemTime(0x2061)));
  // What begins in the future does not stand alone in any version.
  EXPECT_FALSE(stands_alone(RecordBuilder(0).Command("sh").BeginTime(2'000'000'001)));
  EXPECT_FALSE(stands_alone(RecordBuilder(3).Command("sh").BeginTime(2'000'000'001)));
  EXPECT_TRUE(stands_alone(RecordBuilder(3).Command("s").ExitCode(0x0109)));
}

TEST(PlausibilityTest, ARecordMayBeginUntilTomorrowUnlessTheClockWasNeverSet) {
  EXPECT_EQ(LatestBegin(absl::FromUnixSeconds(1'700'000'000)), 1'700'086'400u);
  EXPECT_EQ(LatestBegin(absl::FromUnixSeconds(1'577'836'800 - 86'400)), 1'577'836'800u);
  EXPECT_EQ(LatestBegin(absl::FromUnixSeconds(1'577'836'800 - 86'401)), 0xffff'ffffu);
  EXPECT_EQ(LatestBegin(absl::FromUnixSeconds(86'400)), 0xffff'ffffu);
  EXPECT_EQ(LatestBegin(absl::FromUnixSeconds(int64_t{1} << 33)), 0xffff'ffffu);
}

// Of a single record, only one that is credible by itself shows where records begin.
TEST(PlausibilityTest, OneRecordBeforeATornOneShowsTheBeginningOnlyIfItStandsAlone) {
  const std::string record = RecordBuilder().Bytes();
  const std::string of_1979 = RecordBuilder().BeginTime(300'000'000).Bytes();
  const std::string head = record.substr(0, 20);
  const auto begin = [](const std::string& bytes) {
    return RecordsBegin(BytesOf(bytes), RecordFormat(), /*is_all=*/true);
  };
  EXPECT_TRUE(begin(record + head));
  EXPECT_FALSE(begin(of_1979 + head));
  // What is whole vouches for it, and so does the end.
  EXPECT_TRUE(begin(of_1979 + record + head));
  EXPECT_TRUE(begin(of_1979));
  // These bytes are not the beginning of a record.
  EXPECT_FALSE(begin(record + std::string(20, '\xff')));
}

}  // namespace
}  // namespace cpuagg::acct
