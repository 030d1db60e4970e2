#include "acct/scan/record_scanner.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/record/plausibility.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

struct Scanned {
  std::vector<uint32_t> uids;
  std::vector<uint64_t> offsets;
  ByteAccount account;

  auto Sink() {
    return [this](const auto& record, uint64_t offset) {
      uids.push_back(record.uid().value());
      offsets.push_back(offset);
    };
  }
};

absl::Span<const uint8_t> BytesOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

Scanned ScanInBlocksOf(size_t block_bytes, const std::string& file,
                       const RecordFormat& format = {}) {
  Scanned scanned;
  RecordScanner scanner(0, format);
  for (size_t at = 0; at < file.size(); at += block_bytes) {
    const std::string block = file.substr(at, block_bytes);
    scanner.Scan(BytesOf(block), scanned.Sink());
  }
  scanner.Finish(scanned.Sink());
  scanned.account = scanner.account();
  return scanned;
}

Scanned ScanAsWhole(const std::string& file, const RecordFormat& format = {}) {
  Scanned scanned;
  RecordScanner scanner(0, format);
  const size_t reached = scanner.ScanWhole(BytesOf(file), 0, file.size(), scanned.Sink());
  scanner.FinishWhole(BytesOf(file), reached);
  scanned.account = scanner.account();
  return scanned;
}

// What is true of every scan, however the input is damaged.
void ExpectEveryByteAnsweredFor(const Scanned& scanned, const std::string& file) {
  const ByteAccount& account = scanned.account;
  EXPECT_EQ(account.bytes, file.size());
  EXPECT_EQ(account.decoded_bytes() + account.skipped_bytes + account.trailing_bytes, file.size());
  EXPECT_LT(account.trailing_bytes, 64u);
  EXPECT_EQ(account.records, scanned.uids.size());
  uint64_t listed = 0;
  for (const SkippedRegion& region : account.skipped) listed += region.end - region.begin;
  EXPECT_EQ(listed, account.skipped_bytes);
}

Scanned Scan(const std::string& file, const RecordFormat& format = {}) {
  Scanned scanned = ScanAsWhole(file, format);
  ExpectEveryByteAnsweredFor(scanned, file);
  return scanned;
}

std::string Record(uint32_t uid) { return RecordBuilder().Uid(uid).Bytes(); }

using Uids = std::vector<uint32_t>;
using Regions = std::vector<SkippedRegion>;

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
  for (const std::string& record : {odd, unset, RecordBuilder(2).Uid(7).Rate(1).Bytes()}) {
    for (const int count : {1, 2, 3, 1000, 3000}) {
      const Scanned scanned = Scan(testing::Repeat(record, count));
      EXPECT_EQ(scanned.uids, Uids{});
      EXPECT_EQ(scanned.account.skipped_bytes, static_cast<uint64_t>(count) * 64);
    }
  }
  // As long as a machine needs to learn what time it is.
  const Scanned boot = Scan(testing::Repeat(unset, 1000) + Record(1));
  EXPECT_EQ(boot.uids.size(), 1001u);
  EXPECT_FALSE(boot.account.damaged());
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
  // Any company will do.
  const std::string late = begun(1'800'000'001).Bytes();
  EXPECT_EQ(Scan(late + late, format).uids, (Uids{7, 7}));
  EXPECT_EQ(Scan(late + Record(1), format).uids, (Uids{7, 1}));
}

// The ids twice, whose low halves agree.
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
}

std::string RecordOf(int version, RecordBuilder::Order order, uint32_t uid) {
  return RecordBuilder(version, order).Uid(uid).Bytes();
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

// Two bytes further on such a record looks like one of version 1, if its user is number 1.
TEST(RecordScannerTest, OldRecordsThatAreAllOddStayAligned) {
  for (const auto order : {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
    for (const uint32_t uid : {1u, 129u}) {
      for (int count = 1; count < 8; ++count) {
        std::string odd;
        for (int i = 0; i < count; ++i) {
          odd += RecordBuilder(2, order)
                     .Uid(uid)
                     .Rate(1)
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

// Records as a busy machine writes them: every field set, and not all alike.
std::string Busy(uint32_t i) {
  return RecordBuilder()
      .Flags(i % 4 == 0 ? 3 : 2)
      .Tty(static_cast<uint16_t>(0x8800 + i % 5))
      .ExitCode(i % 3 << 8)
      .Uid(1000 + i)
      .Gid(1000 + i % 7)
      .Pid(700 + i * 3)
      .ParentPid(768 + i)
      .BeginTime(1'700'000'000 + i)
      .Elapsed(static_cast<float>(i * 37))
      .UserTime(static_cast<uint16_t>(i * 11))
      .SystemTime(static_cast<uint16_t>(i * 5))
      .Memory(static_cast<uint16_t>(0x2000 + i))
      .MinorFaults(static_cast<uint16_t>(i * 101))
      .Command(absl::StrCat("cmd-", i * i))
      .Bytes();
}

std::string BusyFile(uint32_t from, uint32_t to) {
  std::string file;
  for (uint32_t i = from; i < to; ++i) file += Busy(i);
  return file;
}

Uids BusyUids(uint32_t from, uint32_t to) {
  Uids uids;
  for (uint32_t i = from; i < to; ++i) uids.push_back(1000 + i);
  return uids;
}

TEST(RecordScannerTest, BehindATornRecordRecordsAreFoundAgainWhereTheyBegin) {
  for (size_t kept = 1; kept < 64; ++kept) {
    SCOPED_TRACE(kept);
    const Scanned scanned = Scan(BusyFile(0, 20) + Busy(20).substr(0, kept) + BusyFile(21, 60));
    Uids uids = BusyUids(0, 60);
    // One byte less is the zero behind the command, which the next record's flags may stand in for.
    uids.erase(uids.begin() + 20);
    EXPECT_EQ(scanned.uids, uids);
    EXPECT_EQ(scanned.account.skipped,
              (Regions{{20 * 64, 20 * 64 + kept, SkipReason::kMisaligned}}));
  }
}

// What little a process of no importance leaves, which has the most zeros.
std::string Idle(uint32_t i) {
  return RecordBuilder()
      .Uid(1000 + i)
      .Pid(300 + i * 7 % 900)
      .BeginTime(1'700'000'000 + i)
      .Elapsed(static_cast<float>(i * 100 + 14'300))
      .UserTime(static_cast<uint16_t>(i % 5 * 40))
      .Command(absl::StrCat("command", i % 30))
      .Bytes();
}

// A process of root with a name of eight letters.
std::string Superuser(uint32_t i) {
  return RecordBuilder()
      .Flags(2)
      .Uid(1000 + i)
      .Pid(700 + i)
      .ParentPid(1)
      .BeginTime(1'790'000'000 + i)
      .Elapsed(600)
      .UserTime(static_cast<uint16_t>(i * 7))
      .Memory(5000)
      .MinorFaults(100)
      .Command("kthreadd")
      .Bytes();
}

// One of root's daemons, all of whose numbers but its times are zeros. Torn in its name, it looks
// regular together with the flags and the version behind it, and the zeros that follow those.
std::string Daemon(uint32_t i) {
  return RecordBuilder()
      .Flags(static_cast<uint8_t>(1 + i % 3))
      .Uid(0)
      .Pid(700 + i)
      .ParentPid(1)
      .BeginTime(1'790'000'000 + i)
      .Elapsed(static_cast<float>(i % 4))
      .SystemTime(static_cast<uint16_t>(i % 3))
      .Memory(5000)
      .MinorFaults(100)
      .Command("systemd-userwor")
      .Bytes();
}

// What somebody waited for at a terminal until it failed: no byte of its times is a zero, so that
// they look like a name.
std::string Heavy(uint32_t i) {
  return RecordBuilder()
      .Tty(0x8803)
      .ExitCode(0x7f00)
      .Uid(1000 + i)
      .Gid(1000)
      .Pid(1'234'567 + i)
      .ParentPid(1'234'001)
      .BeginTime(0x6b21'4321 + i)
      .Elapsed(123'457)
      .UserTime(0x3ff1)
      .SystemTime(0x2441)
      .Memory(0x5555)
      .MinorFaults(0x2345)
      .Command("cc1plus")
      .Bytes();
}

TEST(RecordScannerTest, ATornRecordIsNobodysHoweverManyRecordsFollow) {
  for (std::string (*const record)(uint32_t) : {Busy, Idle, Superuser, Daemon, Heavy}) {
    for (const uint32_t before : {0u, 1u, 2u, 100u}) {
      for (const uint32_t behind : {1u, 2u, 3u, 4u, 5u, 100u}) {
        for (size_t kept = 1; kept < 64; ++kept) {
          SCOPED_TRACE(absl::StrCat(before, " records, ", kept, " bytes, ", behind, " records"));
          std::string file;
          std::vector<uint64_t> offsets;
          for (uint32_t i = 0; i < before + behind; ++i) {
            if (i == before) file += record(500).substr(0, kept);
            offsets.push_back(file.size());
            file += record(i);
          }
          const Scanned scanned = Scan(file);
          EXPECT_EQ(scanned.offsets, offsets);
          EXPECT_EQ(scanned.account.skipped,
                    (Regions{{before * 64, before * 64 + kept, SkipReason::kMisaligned}}));
          if (behind > 2) continue;
          // And cut off in the next record.
          for (size_t head = 1; head < 64; ++head) {
            const Scanned cut = Scan(file + record(200).substr(0, head));
            EXPECT_EQ(cut.offsets, offsets) << head;
            EXPECT_EQ(cut.account.trailing_bytes, head);
          }
        }
      }
    }
  }
}

// A record of one kind may be torn in front of one of another.
TEST(RecordScannerTest, ATornRecordIsNobodysWhateverFollows) {
  for (std::string (*const torn)(uint32_t) : {Busy, Idle, Superuser, Daemon, Heavy}) {
    for (std::string (*const record)(uint32_t) : {Busy, Idle, Superuser, Daemon, Heavy}) {
      for (size_t kept = 1; kept < 64; ++kept) {
        for (const uint32_t first : {0u, 1u, 2u}) {
          std::string file;
          std::vector<uint64_t> offsets;
          for (uint32_t i = first; i < first + 20; ++i) {
            if (i == first + 10) file += torn(500).substr(0, kept);
            offsets.push_back(file.size());
            file += record(i);
          }
          const Scanned scanned = Scan(file);
          EXPECT_EQ(scanned.offsets, offsets) << kept << " bytes";
          EXPECT_EQ(scanned.account.skipped, (Regions{{640, 640 + kept, SkipReason::kMisaligned}}));
        }
      }
    }
  }
}

TEST(RecordScannerTest, ATornRecordBeforeTheHeadOfAnotherIsNobodys) {
  for (std::string (*const record)(uint32_t) : {Busy, Idle, Superuser}) {
    for (size_t kept = 1; kept < 64; ++kept) {
      for (size_t head = 1; head < 64; ++head) {
        SCOPED_TRACE(absl::StrCat(kept, " bytes and ", head));
        std::string file;
        for (uint32_t i = 0; i < 10; ++i) file += record(i);
        // Nothing but the zero at its end is missing, and here it is.
        if (kept == 63 && head <= 2) continue;
        const Scanned scanned =
            Scan(file + record(500).substr(0, kept) + record(200).substr(0, head));
        EXPECT_EQ(scanned.uids, BusyUids(0, 10));
      }
    }
  }
}

TEST(RecordScannerTest, StrayBytesInFrontCostNoRecord) {
  for (size_t stray = 1; stray < 200; ++stray) {
    SCOPED_TRACE(stray);
    for (const char filler : {'\0', '\3', '\x5a'}) {
      // A whole slot of threes is a record, if an odd one.
      if (filler == '\3' && stray >= 64) continue;
      const Scanned scanned = Scan(std::string(stray, filler) + BusyFile(0, 50));
      EXPECT_EQ(scanned.uids, BusyUids(0, 50));
      EXPECT_EQ(scanned.account.skipped_bytes, stray);
    }
  }
}

// A file whose beginning was cut off in the middle of a record, at every byte: what is left of the
// record must become nobody's, even where its process id makes it look like version 3.
TEST(RecordScannerTest, AFileThatBeginsInTheMiddleOfARecord) {
  for (size_t cut = 1; cut < 64; ++cut) {
    SCOPED_TRACE(cut);
    const Scanned scanned = Scan(BusyFile(10, 100).substr(cut));
    EXPECT_EQ(scanned.uids, BusyUids(11, 100));
    EXPECT_EQ(scanned.account.skipped, (Regions{{0, 64 - cut, SkipReason::kMisaligned}}));
  }
}

TEST(RecordScannerTest, AHoleOfZerosIsNobodysProcesses) {
  for (size_t begin = 640; begin < 640 + 64; ++begin) {
    SCOPED_TRACE(begin);
    std::string file = BusyFile(0, 120);
    std::fill_n(file.begin() + static_cast<ptrdiff_t>(begin), 4096, '\0');
    const Scanned scanned = Scan(file);
    // A record that the hole touches may still count if that changed little in it, but never for
    // somebody else.
    Uids expected;
    for (uint32_t i = 0; i < 120; ++i) {
      const bool is_whole = file.compare(i * 64, 64, Busy(i)) == 0;
      const bool is_found =
          std::find(scanned.uids.begin(), scanned.uids.end(), 1000 + i) != scanned.uids.end();
      EXPECT_TRUE(is_found || !is_whole) << i;
      if (is_found) expected.push_back(1000 + i);
    }
    EXPECT_EQ(scanned.uids, expected);
    EXPECT_GE(scanned.account.skipped_bytes, 63u * 64);
  }
}

TEST(RecordScannerTest, AHoleIsOneRegionWhateverItsLength) {
  for (size_t length = 64; length < 300; ++length) {
    const Scanned scanned = Scan(BusyFile(0, 10) + std::string(length, '\0') + BusyFile(10, 20));
    EXPECT_EQ(scanned.uids, BusyUids(0, 20));
    EXPECT_EQ(scanned.account.skipped, (Regions{{640, 640 + length, SkipReason::kZeros}}));
  }
}

// As a power failure leaves the last write before it.
TEST(RecordScannerTest, TheHeadOfARecordWithZerosBehindItIsNobodysProcess) {
  constexpr size_t kHead = 8;  // up to the user id, in version 3
  for (size_t left = 1; left <= kHead; ++left) {
    SCOPED_TRACE(left);
    const std::string torn = Busy(10).substr(0, left) + std::string(64 - left, '\0');
    const Scanned scanned = Scan(BusyFile(0, 10) + torn + BusyFile(11, 20));
    EXPECT_EQ(scanned.uids.size(), 19u);
    EXPECT_EQ(scanned.account.skipped, (Regions{{640, 704, SkipReason::kImplausible}}));
  }
}

TEST(RecordScannerTest, OneRecordBehindStrayBytesAtTheEndIsFound) {
  const Scanned scanned = Scan("0123456789" + Busy(1));
  EXPECT_EQ(scanned.uids, (Uids{1001}));
  EXPECT_EQ(scanned.account.skipped, (Regions{{0, 10, SkipReason::kMisaligned}}));
  EXPECT_EQ(Scan("0123456789" + Busy(1) + Busy(2) + "abc").uids, (Uids{1001, 1002}));
}

// Files of everything there is: odd and regular records of all versions, torn ones, zeros, noise.
std::string Mixture(std::mt19937& engine, int pieces) {
  const auto random = [&] { return static_cast<uint32_t>(engine()); };
  std::string file;
  for (int i = 0; i < pieces; ++i) {
    const auto order = random() % 2 == 0 ? RecordBuilder::kLittleEndian : RecordBuilder::kBigEndian;
    switch (random() % 12) {
      case 0:
        file += RecordOf(static_cast<int>(random() % 4), order, random());
        break;
      case 1:
        file += RecordBuilder().Uid(7).Flags(0xc0).Bytes();
        break;
      case 2:
        file += std::string(random() % 300, '\0');
        break;
      case 3:
        for (uint32_t n = random() % 100; n > 0; --n) file += static_cast<char>(random());
        break;
      case 4:
        file += Busy(random() % 1000).substr(random() % 64);
        break;
      case 5:
        file += Busy(random() % 1000).substr(0, random() % 64);
        break;
      case 6:
        file += RecordBuilder().VersionByte(static_cast<uint8_t>(random())).Bytes();
        break;
      default:
        file += Busy(random() % 1000);
    }
  }
  return file;
}

TEST(RecordScannerTest, BlocksOfEveryLengthGiveTheSameResult) {
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    const std::string file = Mixture(random, 30);
    const Scanned whole = Scan(file);
    for (size_t block = 1; block <= 500; block += 1 + random() % 9) {
      SCOPED_TRACE(block);
      const Scanned scanned = ScanInBlocksOf(block, file);
      ExpectEveryByteAnsweredFor(scanned, file);
      ASSERT_EQ(scanned.uids, whole.uids);
      ASSERT_EQ(scanned.offsets, whole.offsets);
      ASSERT_EQ(scanned.account.skipped, whole.account.skipped);
    }
  }
}

TEST(RecordScannerTest, EveryCutOfAFileIsAnsweredForToTheByte) {
  const std::string file = Record(1) + Record(2) + std::string(64, '\xff') + Record(3);
  for (size_t length = 0; length <= file.size(); ++length) {
    SCOPED_TRACE(length);
    const Scanned scanned = Scan(file.substr(0, length));
    EXPECT_EQ(scanned.account.trailing_bytes, length % 64);
  }
}

TEST(RecordScannerTest, EveryFlippedByteIsAnsweredFor) {
  const std::string file = BusyFile(0, 6);
  for (size_t at = 0; at < file.size(); ++at) {
    for (const int flip : {0xff, 0x01, 0x80}) {
      SCOPED_TRACE(at);
      std::string flipped = file;
      flipped[at] = static_cast<char>(flipped[at] ^ flip);
      const Scanned scanned = Scan(flipped);
      // 3 ^ 0x01 is version 2, and 3 ^ 0x80 the same version in the other byte order.
      EXPECT_EQ(scanned.account.damaged(), at % 64 == kVersionOffset);
      EXPECT_GE(scanned.uids.size(), 5u);
    }
  }
}

// Three records of every version in both byte orders, as far as it can be told, and where they
// begin.
struct Mixed {
  std::string file;
  std::vector<size_t> begins;
  Uids uids;
};

Mixed MixedVersions() {
  Mixed mixed;
  const auto add = [&](int version, RecordBuilder::Order order, const std::string& padding) {
    for (int i = 0; i < 3; ++i) {
      const auto uid = static_cast<uint32_t>(1001 + mixed.uids.size());
      mixed.begins.push_back(mixed.file.size());
      mixed.uids.push_back(uid);
      mixed.file += RecordBuilder(version, order)
                        .Flags(2)
                        .Uid(uid)
                        .Gid(100)
                        .Pid(700 + uid)
                        .ParentPid(699)
                        .Elapsed(1234)
                        .UserTime(static_cast<uint16_t>(uid))
                        .Command("gcc")
                        .Bytes() +
                    padding;
    }
  };
  for (const auto order : {RecordBuilder::kLittleEndian, RecordBuilder::kBigEndian}) {
    add(3, order, "");
    add(2, order, "");
    add(1, order, "");
    add(1, order, std::string(2, '\0'));
  }
  add(0, RecordBuilder::kLittleEndian, "");
  return mixed;
}

TEST(RecordScannerTest, EveryCutOfMixedVersionsKeepsWhatCameBefore) {
  const Mixed mixed = MixedVersions();
  ASSERT_EQ(Scan(mixed.file).uids, mixed.uids);
  for (size_t length = 0; length <= mixed.file.size(); ++length) {
    SCOPED_TRACE(length);
    const Scanned scanned = Scan(mixed.file.substr(0, length));
    // The record that was cut may lack nothing but its padding.
    const auto begun = static_cast<size_t>(
        std::lower_bound(mixed.begins.begin(), mixed.begins.end(), length) - mixed.begins.begin());
    ASSERT_LE(scanned.uids.size(), begun);
    ASSERT_GE(scanned.uids.size() + 1, begun);
    ASSERT_TRUE(std::equal(scanned.uids.begin(), scanned.uids.end(), mixed.uids.begin()));
  }
}

TEST(RecordScannerTest, AFlippedByteInMixedVersionsConcernsItsRecordAlone) {
  const Mixed mixed = MixedVersions();
  for (size_t at = 0; at < mixed.file.size(); ++at) {
    for (const int flip : {0xff, 0x01, 0x80}) {
      SCOPED_TRACE(at);
      SCOPED_TRACE(flip);
      std::string flipped = mixed.file;
      flipped[at] = static_cast<char>(flipped[at] ^ flip);
      const Scanned scanned = Scan(flipped);
      const auto hit =
          static_cast<size_t>(std::upper_bound(mixed.begins.begin(), mixed.begins.end(), at) -
                              mixed.begins.begin() - 1);
      Uids without_it = mixed.uids;
      without_it.erase(without_it.begin() + static_cast<ptrdiff_t>(hit));
      Uids found = scanned.uids;
      if (found.size() == mixed.uids.size()) {
        found.erase(found.begin() + static_cast<ptrdiff_t>(hit));
      }
      EXPECT_EQ(found, without_it);
    }
  }
}

// Whoever begins at a place that another scanner reaches goes on as it does.
TEST(RecordScannerTest, AScannerCanBeRelievedWhereARecordBegins) {
  std::mt19937 random(1);
  int relieved = 0;
  for (int round = 0; round < 1000; ++round) {
    const std::string file = BusyFile(0, 5) + Mixture(random, 20) + BusyFile(0, 5);
    const Scanned whole = Scan(file);
    const size_t at = RecordScanner::FindRecord(BytesOf(file), random() % file.size());
    if (at == file.size()) continue;
    Scanned together;
    RecordScanner first;
    if (first.ScanWhole(BytesOf(file), 0, at, together.Sink()) != at) continue;
    ++relieved;
    RecordScanner second(at);
    const size_t reached = second.ScanWhole(BytesOf(file), at, file.size(), together.Sink());
    second.FinishWhole(BytesOf(file), reached);
    together.account = first.account();
    together.account.Add(second.account());
    ExpectEveryByteAnsweredFor(together, file);
    ASSERT_EQ(together.uids, whole.uids);
    ASSERT_EQ(together.offsets, whole.offsets);
    ASSERT_EQ(together.account.skipped, whole.account.skipped);
  }
  EXPECT_GT(relieved, 100);
}

TEST(RecordScannerTest, OffsetsCountFromTheBase) {
  Scanned scanned;
  RecordScanner scanner(6400);
  scanner.Scan(BytesOf(std::string(64, '\xff') + Record(1)), scanned.Sink());
  scanner.Finish(scanned.Sink());
  EXPECT_EQ(scanner.account().skipped, (Regions{{6400, 6464, SkipReason::kNoRecord}}));
  EXPECT_EQ(scanned.offsets, (std::vector<uint64_t>{6464}));
}

TEST(InputAccountTest, TheListIsBoundedAndTheCountIsNot) {
  ByteAccount account;
  for (uint64_t i = 0; i < 3000; ++i) {
    account.AddSkipped(i * 128, i * 128 + 64, SkipReason::kNoRecord);
  }
  EXPECT_EQ(account.skipped.size(), ByteAccount::kMaxListed);
  EXPECT_EQ(account.regions, 3000u);
  EXPECT_EQ(account.skipped_bytes, 3000u * 64);
}

// One stray byte in front of a record makes a slot that begins with that record's flags in place of
// a version, and so does the next tear: two slots of one kind, which is another one than before.
TEST(RecordScannerTest, TearsThatFollowOneAnotherAreNoRecordsOfAnotherVersion) {
  const auto record = [](uint32_t i, uint8_t flags = 0) {
    return RecordBuilder()
        .Flags(flags)
        .Uid(1001)
        .Pid(5000 + i)
        .BeginTime(1'700'000'000 + i)
        .Elapsed(100)
        .UserTime(50)
        .Command("job")
        .Bytes();
  };
  for (const uint8_t flags : {uint8_t{1}, uint8_t{2}, uint8_t{3}}) {
    for (size_t first = 1; first < 64; ++first) {
      for (const size_t second : {size_t{1}, size_t{2}, size_t{33}, size_t{63}}) {
        std::string file;
        for (uint32_t i = 0; i < 4; ++i) file += record(i);
        file += record(4).substr(0, first) + record(5, flags) + record(6, flags).substr(0, second);
        for (uint32_t i = 7; i < 10; ++i) file += record(i);
        for (const uint32_t uid : Scan(file).uids) EXPECT_EQ(uid, 1001u) << first << " " << second;
      }
    }
  }
}

}  // namespace
}  // namespace cpuagg::acct
