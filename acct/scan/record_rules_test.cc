// The rules of docs/accounting_format.md ("What is a record"), one by one. What a file of many such
// places comes to is in record_scanner_test.cc.

#include <cstdint>
#include <string>
#include <vector>

#include "acct/scan/byte_account.h"
#include "acct/scan/record_scanner.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::Repeat;

std::string Record(uint32_t uid, int version = 3) {
  RecordBuilder builder(version);
  builder.Uid(uid).Command("sh");
  if (version == 3) builder.Pid(1000 + uid);
  return builder.Bytes();
}

// Of a clock that was never set, and of a command without a name: not plausible.
std::string Odd(uint32_t uid) {
  return RecordBuilder().Uid(uid).Pid(1000 + uid).BeginTime(0).Command("").Bytes();
}

// Of a clock that was never set alone: plausible, but not regular.
std::string Of1970(uint32_t uid, int version = 3) {
  return RecordBuilder(version).Uid(uid).BeginTime(0).Command("sh").Bytes();
}

// Of 1970 as well. From its swaps on, it looks like a record of version 3 that stands alone and
// began in 2023: its time in the long form is that record's begin, and the next one's user time its
// command.
std::string WithAnotherWithin(uint32_t uid) {
  return RecordBuilder(2)
      .Uid(uid)
      .BeginTime(0)
      .Swaps(0x0300)
      .Command("sh")
      .LongElapsed(0x016553)
      .UserTime('a')
      .Bytes();
}

// Not plausible either.
std::string OddOfVersion0(uint32_t uid) {
  return RecordBuilder(0).Uid(uid).Flags(0xc0).Command("sh").Bytes();
}

const std::string kStray(64, '\xff');

struct Case {
  const char* name;
  std::string file;
  std::vector<uint32_t> uids;
  std::vector<SkippedRegion> skipped = {};
  uint64_t trailing_bytes = 0;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    std::vector<uint32_t> uids;
    const auto sink = [&](const auto& record, uint64_t) { uids.push_back(record.uid().value()); };
    RecordScanner scanner;
    scanner.Scan({reinterpret_cast<const uint8_t*>(row.file.data()), row.file.size()}, sink);
    scanner.Finish(sink);
    EXPECT_EQ(uids, row.uids);
    EXPECT_EQ(scanner.account().skipped, row.skipped);
    EXPECT_EQ(scanner.account().trailing_bytes, row.trailing_bytes);
  }
}

constexpr auto kMisaligned = SkipReason::kMisaligned;
constexpr auto kImplausible = SkipReason::kImplausible;

TEST(RecordRulesTest, Rule1RecordsThatBeginElsewhereAreFound) {
  Check({
      {"a beginning that is cut off",
       Record(1).substr(24) + Record(2) + Record(3) + Record(4),
       {2, 3, 4},
       {{0, 40, kMisaligned}}},
      {"stray bytes among records",
       Record(1) + Record(2) + "stray" + Record(3) + Record(4) + Record(5),
       {1, 2, 3, 4, 5},
       {{128, 133, kMisaligned}}},
      {"two of one version that are odd alike stay where they are",
       Record(1, 2) + Of1970(2, 2) + Of1970(3, 2) + Record(4, 2),
       {1, 2, 3, 4}},
      {"so do those within which others seem to begin",
       WithAnotherWithin(1) + WithAnotherWithin(2) + WithAnotherWithin(3) + WithAnotherWithin(4) +
           Record(5, 2),
       {1, 2, 3, 4, 5}},
  });
}

TEST(RecordRulesTest, Rule2ASingleRecordBetweenTwoTearsIsFound) {
  Check({
      {"a whole one between two pieces",
       Repeat(Record(1), 3) + Record(2).substr(0, 44) + Record(3) + Record(4).substr(0, 30) +
           Repeat(Record(5), 3),
       {1, 1, 1, 3, 5, 5, 5},
       {{192, 236, kMisaligned}, {300, 330, kMisaligned}}},
      {"none within one of two that are odd alike",
       Record(1, 2) + WithAnotherWithin(2) + WithAnotherWithin(3) + Record(4, 2),
       {1, 2, 3, 4}},
  });
}

// The piece lacks only its last byte, and the next record begins with the same byte, a zero.
TEST(RecordRulesTest, Rule2BehindAPlausibleBeginningTheSingleRecordHasToStandAlone) {
  const std::string unprintable = RecordBuilder().Uid(3).Pid(1003).Command("s\x01").Bytes();
  const auto file = [](const std::string& single) {
    return Repeat(Record(1), 3) + Of1970(2).substr(0, 63) + single + Record(4).substr(0, 30) +
           Repeat(Record(5), 3);
  };
  Check({
      {"one that does",
       file(Record(3)),
       {1, 1, 1, 3, 5, 5, 5},
       {{192, 255, kMisaligned}, {319, 349, kMisaligned}}},
      {"one without a printable name, which lacks its first byte instead",
       file(unprintable),
       {1, 1, 1, 2, 5, 5, 5},
       {{256, 320, kImplausible}, {320, 349, kMisaligned}}},
  });
}

TEST(RecordRulesTest, Rule3WhatLiesBeforeAHeadAtTheEndIsATornRecord) {
  Check({
      {"a torn record, and the beginning of another",
       Repeat(Record(1), 3) + Record(2).substr(0, 60) + Record(3).substr(0, 20),
       {1, 1, 1},
       {{192, 252, kMisaligned}},
       20},
      {"the beginning of a record alone",
       Repeat(Record(1), 3) + Record(2).substr(0, 20),
       {1, 1, 1},
       {},
       20},
  });
}

TEST(RecordRulesTest, Rule4ARegularRecordNeedsAWitnessUnlessItStandsAlone) {
  const std::string early = RecordBuilder().Uid(9).BeginTime(300'000'000).Bytes();  // in 1979
  Check({
      {"one that stands alone", Record(1), {1}},
      {"one of 1979 alone", early, {}, {{0, 64, kImplausible}}},
      {"two of 1979", early + early, {9, 9}},
      {"three of version 0", Repeat(Record(1, 0), 3), {1, 1, 1}},
      {"three of version 0, with one between that is not plausible",
       Repeat(Record(1, 0), 2) + OddOfVersion0(2) + Record(3, 0),
       {},
       {{0, 256, kImplausible}}},
      {"one of 1979 behind records", Repeat(Record(1), 2) + early, {1, 1, 9}},
  });
}

TEST(RecordRulesTest, Rule5AnOddRecordCountsInARowThatHasAWitness) {
  Check({
      {"among records", Record(1) + Odd(2) + Record(3), {1, 2, 3}},
      {"several in front of one", Of1970(1) + Of1970(2) + Of1970(3) + Record(4), {1, 2, 3, 4}},
      {"none that is regular", Of1970(1) + Of1970(2), {}, {{0, 128, kImplausible}}},
  });
}

TEST(RecordRulesTest, Rule6BesideSkippedBytesAnOddRecordHasToBePlausible) {
  Check({
      {"one that is not",
       Repeat(Record(1), 3) + kStray + Odd(2) + Repeat(Record(3), 3),
       {1, 1, 1, 3, 3, 3},
       {{192, 256, SkipReason::kNoRecord}, {256, 320, kImplausible}}},
      {"one that is",
       Repeat(Record(1), 3) + kStray + Of1970(2) + Repeat(Record(3), 3),
       {1, 1, 1, 2, 3, 3, 3},
       {{192, 256, SkipReason::kNoRecord}}},
  });
}

TEST(RecordRulesTest, Rule6ARecordOfAnotherVersionHasToBePlausible) {
  const std::string other = RecordBuilder().Uid(2).Pid(1002).VersionByte(2).Bytes();
  Check({
      {"two that are not",
       Repeat(Record(1), 3) + other + other + Repeat(Record(3), 3),
       {1, 1, 1, 3, 3, 3},
       {{192, 320, kImplausible}}},
      {"two that are",
       Repeat(Record(1), 3) + Of1970(2, 2) + Of1970(2, 2) + Repeat(Record(3), 3),
       {1, 1, 1, 2, 2, 3, 3, 3}},
  });
}

TEST(RecordRulesTest, Rule6EachRecordOfVersion0HasToBePlausible) {
  Check({
      {"one that is not",
       Repeat(Record(1, 0), 3) + OddOfVersion0(2) + Repeat(Record(3, 0), 3),
       {1, 1, 1, 3, 3, 3},
       {{192, 256, kImplausible}}},
      {"one of version 3 need not be",
       Repeat(Record(1), 3) + Odd(2) + Repeat(Record(3), 3),
       {1, 1, 1, 2, 3, 3, 3}},
  });
}

// Otherwise it would count under a user that does not exist.
TEST(RecordRulesTest, ARecordWhoseByteOrderWasFlippedDoesNotCount) {
  const std::string flipped =
      RecordBuilder().Uid(2).Pid(1000).BeginTime(1'700'000'127).VersionByte(0x83).Bytes();
  Check({{"among records",
          Repeat(Record(1), 3) + flipped + Repeat(Record(3), 3),
          {1, 1, 1, 3, 3, 3},
          {{192, 256, kImplausible}}}});
}

TEST(RecordRulesTest, Rule7ZerosAreNoRecords) {
  Check({
      {"zeros among records",
       Repeat(Record(1), 2) + std::string(128, '\0') + Repeat(Record(2), 2),
       {1, 1, 2, 2},
       {{128, 256, SkipReason::kZeros}}},
      {"eight bytes with zeros after them",
       Repeat(Record(1), 2) + Record(2).substr(0, 8) + std::string(56, '\0') + Repeat(Record(3), 2),
       {1, 1, 3, 3},
       {{128, 192, kImplausible}}},
  });
}

TEST(RecordRulesTest, WhatFitsNoRuleIsSkipped) {
  const std::string text = "The quick brown fox jumps over the lazy dog, again and again.\n\n\n";
  Check({{"a text", text + text, {}, {{0, 128, SkipReason::kNoRecord}}}});
}

}  // namespace
}  // namespace cpuagg::acct
