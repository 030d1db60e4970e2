#include "acct/record_scanner.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "acct/input_account.h"
#include "acct/record_v3_view.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::Repeat;

struct Scanned {
  std::vector<uint32_t> uids;
  InputAccount account;
};

Scanned ScanInBlocksOf(size_t block_bytes, const std::string& file) {
  Scanned scanned;
  RecordScanner scanner;
  const auto sink = [&](RecordV3View record) { scanned.uids.push_back(record.uid().value()); };
  for (size_t at = 0; at < file.size(); at += block_bytes) {
    const std::string block = file.substr(at, block_bytes);
    scanner.Scan({reinterpret_cast<const uint8_t*>(block.data()), block.size()}, sink);
  }
  scanner.Finish(sink);
  scanned.account = scanner.account();
  return scanned;
}

Scanned Scan(const std::string& file) { return ScanInBlocksOf(file.size() + 64, file); }

std::string Record(uint32_t uid) { return RecordBuilder().Uid(uid).Bytes(); }

using Uids = std::vector<uint32_t>;
using Regions = std::vector<SkippedRegion>;

TEST(RecordScannerTest, RecordsComeInFileOrder) {
  const Scanned scanned = Scan(Record(3) + Record(1) + Record(2));
  EXPECT_EQ(scanned.uids, (Uids{3, 1, 2}));
  EXPECT_FALSE(scanned.account.damaged());
  EXPECT_EQ(scanned.account.records(), 3u);
}

TEST(RecordScannerTest, AnEmptyInputIsNoRecordsAndNoDamage) {
  const Scanned scanned = Scan("");
  EXPECT_EQ(scanned.uids, Uids{});
  EXPECT_FALSE(scanned.account.damaged());
}

TEST(RecordScannerTest, WhatIsNotAVersion3RecordIsSkippedWithItsReason) {
  struct Case {
    const char* name;
    std::string slot;
    SkipReason reason;
  };
  const Case cases[] = {
      {"version 0", RecordBuilder().VersionByte(0).Bytes(), SkipReason::kOtherVersion},
      {"version 2", RecordBuilder().VersionByte(2).Bytes(), SkipReason::kOtherVersion},
      {"version 5", RecordBuilder().VersionByte(5).Bytes(), SkipReason::kOtherVersion},
      {"version 6", RecordBuilder().VersionByte(6).Bytes(), SkipReason::kNoRecord},
      {"version 127", RecordBuilder().VersionByte(127).Bytes(), SkipReason::kNoRecord},
      {"big-endian version 3", RecordBuilder().VersionByte(0x83).Bytes(), SkipReason::kBigEndian},
      {"all ones", std::string(64, '\xff'), SkipReason::kNoRecord},
      {"all zeros", std::string(64, '\0'), SkipReason::kZeros},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Scanned scanned = Scan(Record(1) + c.slot + c.slot + Record(2));
    EXPECT_EQ(scanned.uids, (Uids{1, 2}));
    EXPECT_EQ(scanned.account.skipped, (Regions{{64, 192, c.reason}}));
    EXPECT_EQ(scanned.account.regions, 1u);
    EXPECT_EQ(scanned.account.decoded_bytes(), 128u);
  }
}

TEST(RecordScannerTest, ARecordAmongRecordsCountsWhateverItHolds) {
  const std::string odd = RecordBuilder()
                              .Uid(7)
                              .Flags(0xff)
                              .Elapsed(std::numeric_limits<float>::quiet_NaN())
                              .Command("ab\0cd\x01\xff and so on")
                              .Bytes();
  EXPECT_EQ(Scan(Record(1) + odd + Record(2)).uids, (Uids{1, 7, 2}));
  EXPECT_EQ(Scan(odd).uids, (Uids{7}));
}

TEST(RecordScannerTest, ARecordBesideDamageCountsOnlyIfItLooksLikeOne) {
  const std::string damage(64, '\xff');
  const std::string odd = RecordBuilder().Uid(7).Flags(0xc0).Bytes();
  for (const std::string& file :
       {damage + odd + Record(1) + Record(2), Record(1) + Record(2) + odd + damage}) {
    EXPECT_EQ(Scan(file).uids, (Uids{1, 2}));
  }
  const Scanned alone = Scan(damage + odd + damage);
  EXPECT_EQ(alone.uids, Uids{});
  EXPECT_EQ(alone.account.skipped, (Regions{{0, 64, SkipReason::kNoRecord},
                                            {64, 128, SkipReason::kImplausible},
                                            {128, 192, SkipReason::kNoRecord}}));
  EXPECT_EQ(Scan(damage + Record(5) + damage).uids, (Uids{5}));
}

TEST(RecordScannerTest, BlocksOfEveryLengthGiveTheSameResult) {
  const std::string damage(64, '\xff');
  const std::string odd = RecordBuilder().Uid(7).Flags(0xc0).Bytes();
  const std::string file = Record(1) + odd + damage + odd + Record(2) + damage + damage +
                           Record(3) + odd + Record(4) + std::string(10, 'x');
  const Scanned whole = Scan(file);
  EXPECT_EQ(whole.account.trailing_bytes, 10u);
  for (size_t records = 1; records <= 10; ++records) {
    SCOPED_TRACE(records);
    const Scanned scanned = ScanInBlocksOf(records * 64, file);
    EXPECT_EQ(scanned.uids, whole.uids);
    EXPECT_EQ(scanned.account.skipped, whole.account.skipped);
    EXPECT_EQ(scanned.account.trailing_bytes, whole.account.trailing_bytes);
    EXPECT_EQ(scanned.account.bytes, file.size());
  }
}

TEST(RecordScannerTest, EveryCutOfAFileIsAnsweredForToTheByte) {
  const std::string file = Record(1) + Record(2) + std::string(64, '\xff') + Record(3);
  for (size_t length = 0; length <= file.size(); ++length) {
    SCOPED_TRACE(length);
    const Scanned scanned = Scan(file.substr(0, length));
    EXPECT_EQ(scanned.account.trailing_bytes, length % 64);
    EXPECT_EQ(scanned.uids.size() * 64 + scanned.account.skipped_bytes + length % 64, length);
    EXPECT_EQ(scanned.uids.size(), scanned.account.records());
  }
}

TEST(RecordScannerTest, EveryFlippedByteIsAnsweredFor) {
  const std::string file = Repeat(Record(1), 4);
  for (size_t at = 0; at < file.size(); ++at) {
    SCOPED_TRACE(at);
    std::string flipped = file;
    flipped[at] = static_cast<char>(~flipped[at]);
    const Scanned scanned = Scan(flipped);
    EXPECT_EQ(scanned.account.bytes, file.size());
    EXPECT_EQ(scanned.uids.size(), scanned.account.records());
    EXPECT_EQ(scanned.account.damaged(), at % 64 == kVersionOffset);
  }
}

// Random files of records, odd records and damage: scanning parts gives what scanning the whole
// gives.
TEST(RecordScannerTest, DividedInputGivesTheSameResult) {
  const std::string kinds[] = {Record(1), Record(2), RecordBuilder().Uid(7).Flags(0xc0).Bytes(),
                               std::string(64, '\xff'), std::string(64, '\0')};
  std::mt19937 random(1);
  int divisions = 0;
  for (int round = 0; round < 300; ++round) {
    std::string file;
    const uint64_t damage = random() % 10;
    for (int i = 0; i < 60; ++i) file += kinds[random() % 10 < damage ? random() % 5 : 0];
    file.append(random() % 64, 'x');
    const Scanned whole = Scan(file);
    const absl::Span<const uint8_t> block(reinterpret_cast<const uint8_t*>(file.data()),
                                          file.size());
    for (size_t parts = 1; parts <= 8; ++parts) {
      Scanned together;
      uint64_t offset = 0;
      for (const absl::Span<const uint8_t> part : RecordScanner::Divide(block, parts)) {
        RecordScanner scanner(offset);
        const auto sink = [&](RecordV3View record) {
          together.uids.push_back(record.uid().value());
        };
        scanner.Scan(part, sink);
        scanner.Finish(sink);
        together.account.Append(scanner.account());
        offset += part.size();
        ++divisions;
      }
      ASSERT_EQ(offset, file.size());
      ASSERT_EQ(together.uids, whole.uids);
      ASSERT_EQ(together.account.skipped, whole.account.skipped);
      ASSERT_EQ(together.account.skipped_bytes, whole.account.skipped_bytes);
      ASSERT_EQ(together.account.trailing_bytes, whole.account.trailing_bytes);
    }
  }
  EXPECT_GT(divisions, 300 * 8 * 2);
}

TEST(RecordScannerTest, OffsetsCountFromTheBase) {
  RecordScanner scanner(6400);
  const std::string bytes(64, '\xff');
  const auto sink = [](RecordV3View) { FAIL(); };
  scanner.Scan({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, sink);
  scanner.Finish(sink);
  EXPECT_EQ(scanner.account().skipped, (Regions{{6400, 6464, SkipReason::kNoRecord}}));
}

TEST(InputAccountTest, TheListIsBoundedAndTheCountIsNot) {
  InputAccount account;
  for (uint64_t i = 0; i < 3000; ++i) {
    account.AddSkipped(i * 128, i * 128 + 64, SkipReason::kNoRecord);
  }
  EXPECT_EQ(account.skipped.size(), InputAccount::kMaxListed);
  EXPECT_EQ(account.regions, 3000u);
  EXPECT_EQ(account.skipped_bytes, 3000u * 64);
}

}  // namespace
}  // namespace cpuagg::acct
