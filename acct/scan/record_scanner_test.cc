#include "acct/scan/record_scanner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/record/plausibility.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/scanned.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

TEST(RecordScannerTest, RecordsComeInFileOrder) {
  const Scanned scanned = Scan(Record(3) + Record(1) + Record(2));
  EXPECT_EQ(scanned.uids, (Uids{3, 1, 2}));
  EXPECT_FALSE(scanned.account.damaged());
  EXPECT_EQ(scanned.account.records, 3u);
  EXPECT_EQ(scanned.offsets, (std::vector<uint64_t>{0, 64, 128}));
}

TEST(RecordScannerTest, AnEmptyInputIsNoRecordsAndNoDamage) {
  const Scanned scanned = Scan("");
  EXPECT_EQ(scanned.uids, Uids{});
  EXPECT_FALSE(scanned.account.damaged());
}

TEST(RecordScannerTest, WhatIsNoRecordIsSkippedWithItsReason) {
  struct Case {
    const char* name;
    std::string slot;
    SkipReason reason;
  };
  const Case cases[] = {
      {"version 0 with fields of version 3", RecordBuilder().VersionByte(0).Bytes(),
       SkipReason::kImplausible},
      {"big-endian version 0", RecordBuilder(0, RecordBuilder::kBigEndian).Bytes(),
       SkipReason::kBigEndianVersion0},
      {"version 4", RecordBuilder().VersionByte(4).Bytes(), SkipReason::kReservedVersion},
      {"big-endian version 5", RecordBuilder().VersionByte(0x85).Bytes(),
       SkipReason::kReservedVersion},
      {"version 6", RecordBuilder().VersionByte(6).Bytes(), SkipReason::kNoRecord},
      {"version 127", RecordBuilder().VersionByte(127).Bytes(), SkipReason::kNoRecord},
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
  EXPECT_EQ(Scan(Record(1) + odd).uids, (Uids{1, 7}));
  EXPECT_EQ(Scan(odd + Record(2)).uids, (Uids{7, 2}));
  EXPECT_EQ(Scan(odd + odd + Record(2) + odd + odd + odd).uids, (Uids{7, 7, 2, 7, 7, 7}));
}

TEST(RecordScannerTest, AnOddRecordBeforeATornOneAtTheEndCounts) {
  const std::string odd = RecordBuilder().Uid(7).BeginTime(0).Command("").Bytes();
  for (size_t kept = 0; kept < 64; ++kept) {
    const Scanned scanned = Scan(Record(1) + odd + Record(2).substr(0, kept));
    EXPECT_EQ(scanned.uids, (Uids{1, 7})) << kept;
    EXPECT_EQ(scanned.account.trailing_bytes, kept);
  }
}

// Names that a process may give itself.
TEST(RecordScannerTest, ARecordWithoutAPrintableNameCountsWhereverItStandsAmongRecords) {
  for (const char* const name : {"", "\x01", "\x1b[2J"}) {
    const std::string odd = RecordBuilder().Uid(7).Command(name).Bytes();
    for (int before = 0; before <= 5; ++before) {
      for (int behind = before == 0 ? 1 : 0; behind <= 5; ++behind) {
        const Scanned scanned =
            Scan(testing::Repeat(Record(1), before) + odd + testing::Repeat(Record(1), behind));
        Uids uids(static_cast<size_t>(before + behind), 1);
        uids.insert(uids.begin() + before, 7);
        EXPECT_EQ(scanned.uids, uids);
        EXPECT_FALSE(scanned.account.damaged());
      }
    }
  }
}

TEST(RecordScannerTest, WithoutARegularRecordNobodyIsBelieved) {
  const std::string odd = RecordBuilder().Uid(7).Flags(0xc0).Bytes();
  const std::string unset = RecordBuilder().Uid(7).BeginTime(100).Bytes();
  for (const std::string& record : {odd, unset, RecordBuilder(2).Uid(7).Rate(65535).Bytes()}) {
    for (const int count : {1, 2, 3, 1000, 3000}) {
      const Scanned scanned = Scan(testing::Repeat(record, count));
      EXPECT_EQ(scanned.uids, Uids{});
      EXPECT_EQ(scanned.account.skipped_bytes, static_cast<uint64_t>(count) * 64);
    }
  }
  // As many as a machine may write before it learns the time.
  const Scanned boot = Scan(testing::Repeat(unset, 1000) + Record(1));
  EXPECT_EQ(boot.uids.size(), 1001u);
  EXPECT_FALSE(boot.account.damaged());
}

TEST(RecordScannerTest, OddRecordsCountIfOneOfAThousandAndTwentyFourIsRegular) {
  const std::string unset = RecordBuilder().Uid(7).BeginTime(100).Bytes();
  const Scanned last = Scan(testing::Repeat(unset, 1023) + Record(1));
  EXPECT_EQ(last.uids.size(), 1024u);
  EXPECT_FALSE(last.account.damaged());
  const Scanned late = Scan(testing::Repeat(unset, 1024) + Record(1));
  EXPECT_EQ(late.uids.size(), 1024u);
  EXPECT_EQ(late.account.skipped, (Regions{{0, 64, SkipReason::kImplausible}}));
}

TEST(RecordScannerTest, ALoneRecordHasToStandAlone) {
  const RecordFormat format = {.latest_begin = 1'800'000'000};
  const auto begun = [](uint32_t begin) { return RecordBuilder().Uid(7).BeginTime(begin); };
  EXPECT_EQ(Scan(begun(1'800'000'000).Bytes(), format).uids, (Uids{7}));
  for (const std::string& record :
       {begun(1'800'000'001).Bytes(), begun(600'000'000).Bytes(),
        begun(1'700'000'000).Command("a\x01").Bytes(), begun(1'700'000'000).Pid(1u << 23).Bytes(),
        RecordBuilder(2).Uid(7).ExitCode(0x10000).Bytes(),
        std::string(64, '\xff') + testing::Repeat(RecordBuilder(0).Uid(7).Bytes(), 2),
        testing::Repeat(RecordBuilder(0).Uid(7).Bytes(), 2) + std::string(64, '\xff')}) {
    EXPECT_EQ(Scan(record, format).uids, Uids{});
  }
  EXPECT_EQ(Scan(RecordBuilder(0).Uid(7).Bytes()).uids, (Uids{7}));
  // Any neighbour will do.
  const std::string late = begun(1'800'000'001).Bytes();
  EXPECT_EQ(Scan(late + late, format).uids, (Uids{7, 7}));
  EXPECT_EQ(Scan(late + Record(1), format).uids, (Uids{7, 1}));
}

// The ids twice, with equal low halves.
TEST(RecordScannerTest, OldRecordsHaveTheirIdsTwice) {
  for (const int version : {1, 2}) {
    for (const size_t half : {2, 4}) {
      std::string record = RecordBuilder(version).Uid(70'000).Gid(7).Bytes();
      EXPECT_EQ(Scan(record).uids, (Uids{70'000}));
      record[half] = static_cast<char>(record[half] ^ 1);
      EXPECT_EQ(Scan(record).uids, Uids{});
    }
  }
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

TEST(RecordScannerTest, AReservedVersionIsNoDamageToWhatStandsBesideIt) {
  const std::string odd = RecordBuilder().Uid(7).Flags(0xc0).Bytes();
  const std::string reserved = RecordBuilder().VersionByte(5).Bytes();
  EXPECT_EQ(Scan(Record(1) + odd + reserved + odd + Record(2)).uids, (Uids{1, 7, 7, 2}));
  // The records before it vouch for those after it.
  EXPECT_EQ(Scan(Record(1) + reserved + odd).uids, (Uids{1, 7}));
}

TEST(RecordScannerTest, VersionAndByteOrderAreFoundOutForEveryRecord) {
  constexpr auto kLittle = RecordBuilder::kLittleEndian;
  constexpr auto kBig = RecordBuilder::kBigEndian;
  const std::string padding(2, '\0');
  const std::string file = RecordOf(3, kLittle, 1) + RecordOf(3, kBig, 2) +
                           RecordOf(2, kLittle, 3) + RecordOf(2, kBig, 4) +
                           RecordOf(0, kLittle, 5) + RecordOf(1, kLittle, 6) + padding +
                           RecordOf(1, kBig, 7) + padding + RecordOf(1, kLittle, 8) +
                           RecordOf(1, kBig, 9) + RecordOf(3, kLittle, 10);
  const Scanned scanned = Scan(file);
  EXPECT_EQ(scanned.uids, (Uids{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_FALSE(scanned.account.damaged());
}

TEST(RecordScannerTest, PackedRecordsOfVersion1FollowEachOtherClosely) {
  for (const auto order : {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
    std::string packed;
    std::string padded;
    Uids uids;
    for (uint32_t uid = 1; uid <= 70; ++uid) {
      packed += RecordOf(1, order, uid);
      padded += RecordOf(1, order, uid) + std::string(2, '\0');
      uids.push_back(uid);
    }
    for (const std::string& file : {packed, padded}) {
      const Scanned scanned = Scan(file);
      EXPECT_EQ(scanned.uids, uids);
      EXPECT_FALSE(scanned.account.damaged());
    }
  }
  EXPECT_EQ(Scan(RecordOf(1, RecordBuilder::kBigEndian, 5)).uids, (Uids{5}));
}

// At an offset of two bytes such a record looks like one of version 1, if its user is number 1.
TEST(RecordScannerTest, OldRecordsThatAreAllOddStayAligned) {
  for (const auto order : {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
    for (const uint32_t uid : {1u, 129u}) {
      for (int count = 1; count < 8; ++count) {
        std::string odd;
        for (int i = 0; i < count; ++i) {
          odd += RecordBuilder(2, order)
                     .Uid(uid)
                     .Rate(65535)
                     .BeginTime(100u + static_cast<uint32_t>(i))
                     .Bytes();
        }
        const Scanned alone = Scan(odd);
        EXPECT_EQ(alone.uids, Uids{});
        EXPECT_EQ(alone.account.skipped_bytes, odd.size());
        const Scanned followed = Scan(odd + RecordOf(2, order, 7));
        EXPECT_EQ(followed.uids.size(), static_cast<size_t>(count) + 1);
        EXPECT_FALSE(followed.account.damaged());
      }
    }
  }
}

TEST(RecordScannerTest, BigEndianVersion0IsReadOnRequest) {
  std::string file;
  for (uint32_t uid = 1; uid <= 3; ++uid) file += RecordOf(0, RecordBuilder::kBigEndian, uid);
  EXPECT_EQ(Scan(file).uids, Uids{});
  EXPECT_EQ(Scan(file).account.skipped, (Regions{{0, 192, SkipReason::kBigEndianVersion0}}));
  EXPECT_EQ(Scan(file, {.big_endian_version0 = true}).uids, (Uids{1, 2, 3}));
}

TEST(RecordScannerTest, OffsetsCountFromTheBase) {
  Scanned scanned;
  RecordScanner scanner(6400);
  scanner.Scan(BytesOf(std::string(64, '\xff') + Record(1)), scanned.Sink());
  scanner.Finish(scanned.Sink());
  EXPECT_EQ(scanner.account().skipped, (Regions{{6400, 6464, SkipReason::kNoRecord}}));
  EXPECT_EQ(scanned.offsets, (std::vector<uint64_t>{6464}));
}

// A later run has the last bytes before its position. They may be odd records only. Then a regular
// one that is further in front vouches for all of them.
TEST(RecordScannerTest, AScannerThatGoesOnInAFileFindsWhatAScanOfTheWholeFinds) {
  constexpr size_t kKnown = 4 * 64;
  const std::string odd = RecordBuilder().Uid(7).BeginTime(0).Command("").Bytes();
  const std::string file = Record(1) + testing::Repeat(odd, 8);
  const Scanned whole = Scan(file);
  ASSERT_EQ(whole.uids, (Uids{1, 7, 7, 7, 7, 7, 7, 7, 7}));
  for (size_t position = 0; position < file.size(); position += 64) {
    const size_t known = std::min(position, kKnown);
    Scanned rest;
    RecordScanner scanner(position);
    scanner.GoOnBehind(BytesOf(file).subspan(position - known, known));
    scanner.Scan(BytesOf(file).subspan(position), rest.Sink());
    scanner.Finish(rest.Sink());
    const auto first = static_cast<ptrdiff_t>(position / 64);
    EXPECT_EQ(rest.offsets,
              std::vector<uint64_t>(whole.offsets.begin() + first, whole.offsets.end()))
        << position;
    EXPECT_FALSE(scanner.account().damaged());
  }
}

// The first run reads up to `cut`, and the second goes on where the first one stopped.
Scanned ScanTwice(absl::Span<const uint8_t> file, size_t cut) {
  constexpr size_t kKnown = 4 * 64;
  Scanned scanned;
  RecordScanner first;
  const size_t reached = first.ScanWhole(file.subspan(0, cut), 0, cut, scanned.Sink());
  const size_t known = std::min(reached, kKnown);
  RecordScanner second(reached);
  second.GoOnBehind(file.subspan(reached - known, known));
  const absl::Span<const uint8_t> rest = file.subspan(reached);
  second.FinishWhole(rest, second.ScanWhole(rest, 0, rest.size(), scanned.Sink()));
  scanned.account = first.account();
  scanned.account.Add(second.account());
  return scanned;
}

TEST(RecordScannerTest, AFileThatGrowsByPartsOfRecordsIsReadLikeAWholeOne) {
  constexpr uint32_t kRecords = 9;
  for (const auto order : {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
    for (const int version : {0, 1, 2, 3}) {
      if (version == 0 && order == RecordBuilder::kBigEndian) continue;
      for (const std::string& padding : {std::string(), std::string(2, '\0')}) {
        if (version != 1 && !padding.empty()) continue;
        for (const uint8_t flags : {uint8_t{0}, uint8_t{1}}) {
          std::string file;
          Uids uids;
          for (uint32_t uid = 1; uid <= kRecords; ++uid) {
            file += RecordBuilder(version, order).Flags(flags).Uid(uid).Command("job").Bytes();
            file += padding;
            uids.push_back(uid);
          }
          const size_t length = file.size() / kRecords;
          // With one record, only what follows it shows whether it is padded.
          for (size_t cut = length * 2; cut <= file.size(); ++cut) {
            SCOPED_TRACE(absl::StrCat("version ", version, ", ", length, " bytes, flags ", flags,
                                      ", cut at ", cut));
            const Scanned scanned = ScanTwice(BytesOf(file), cut);
            EXPECT_EQ(scanned.uids, uids);
            EXPECT_FALSE(scanned.account.damaged());
          }
        }
      }
    }
  }
}

TEST(RecordScannerTest, AFirstRecordThatIsCutOffBehindItIsNotLost) {
  for (const std::string& padding : {std::string(), std::string(2, '\0')}) {
    std::string file;
    for (uint32_t uid = 1; uid <= 9; ++uid) {
      file += RecordBuilder(1).Uid(uid).Command("job").Bytes() + padding;
    }
    for (size_t cut = 0; cut < 130; ++cut) {
      EXPECT_EQ(ScanTwice(BytesOf(file), cut).uids, (Uids{1, 2, 3, 4, 5, 6, 7, 8, 9})) << cut;
    }
  }
}

TEST(RecordScannerTest, AnOddRecordOfVersion1IsAsLongAsThoseBefore) {
  const std::string odd = RecordBuilder(1).Uid(7).BeginTime(0).Command("").Bytes();
  for (const std::string& padding : {std::string(), std::string(2, '\0')}) {
    const std::string regular = RecordOf(1, RecordBuilder::kLittleEndian, 1) + padding;
    const Scanned scanned = Scan(testing::Repeat(regular, 3) + testing::Repeat(odd + padding, 3) +
                                 testing::Repeat(regular, 3));
    EXPECT_EQ(scanned.uids, (Uids{1, 1, 1, 7, 7, 7, 1, 1, 1}));
    EXPECT_FALSE(scanned.account.damaged());
  }
}

TEST(ByteAccountTest, TheListIsBoundedAndTheCountIsNot) {
  ByteAccount account;
  for (uint64_t i = 0; i < 3000; ++i) {
    account.AddSkipped(i * 128, i * 128 + 64, SkipReason::kNoRecord);
  }
  EXPECT_EQ(account.skipped.size(), ByteAccount::kMaxListed);
  EXPECT_EQ(account.regions, 3000u);
  EXPECT_EQ(account.skipped_bytes, 3000u * 64);
}

}  // namespace
}  // namespace cpuagg::acct
