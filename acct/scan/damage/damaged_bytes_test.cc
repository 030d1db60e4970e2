// Files of every version that are cut at every byte, changed in every byte, or read in blocks of
// every length: each byte is answered for.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "acct/scan/record_scanner.h"
#include "acct/scan/scanned.h"
#include "acct/testing/histories.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::Draws;
using testing::Failures;
using testing::Joined;
using testing::Piece;
using testing::PlayHistories;
using testing::RecordBuilder;
using testing::Seeds;

// Pieces of files of everything: odd and regular records of all versions, torn records, zeros,
// noise.
std::vector<Piece> Mixture(uint64_t seed, int pieces) {
  Draws draws(seed);
  const auto random = [&] { return static_cast<uint32_t>(draws.Next()); };
  std::vector<Piece> mixture;
  for (int i = 0; i < pieces; ++i) {
    const auto order = random() % 2 == 0 ? RecordBuilder::kLittleEndian : RecordBuilder::kBigEndian;
    std::string piece;
    switch (random() % 12) {
      case 0:
        piece = RecordOf(static_cast<int>(random() % 4), order, random());
        break;
      case 1:
        piece = RecordBuilder().Uid(7).Flags(0xc0).Bytes();
        break;
      case 2:
        piece = std::string(random() % 300, '\0');
        break;
      case 3:
        for (uint32_t n = random() % 100; n > 0; --n) piece += static_cast<char>(random());
        break;
      case 4:
        piece = Busy(random() % 1000).substr(random() % 64);
        break;
      case 5:
        piece = Busy(random() % 1000).substr(0, random() % 64);
        break;
      case 6:
        piece = RecordBuilder().VersionByte(static_cast<uint8_t>(random())).Bytes();
        break;
      default:
        piece = Busy(random() % 1000);
    }
    mixture.push_back({piece});
  }
  return mixture;
}

// Three records of every version in both byte orders, if the order can be recognised, and their
// offsets.
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

TEST(DamagedBytesTest, BlocksOfEveryLengthGiveTheSameResult) {
  PlayHistories<Piece>(
      40, [](uint64_t seed) { return Mixture(seed, 30); },
      [](uint64_t seed, const std::vector<Piece>& pieces, const Failures& failures) {
        const std::string file = Joined(pieces);
        const Scanned whole = Scan(file);
        Draws draws(seed);
        for (size_t block = 1; block <= 500 && !failures.any(); block += 1 + draws.Below(9)) {
          SCOPED_TRACE(block);
          const Scanned scanned = ScanInBlocksOf(block, file);
          ExpectEveryByteAnsweredFor(scanned, file);
          EXPECT_EQ(scanned.uids, whole.uids);
          EXPECT_EQ(scanned.offsets, whole.offsets);
          EXPECT_EQ(scanned.account.skipped, whole.account.skipped);
        }
      });
}

TEST(DamagedBytesTest, EveryCutOfAFileIsAnsweredForToTheByte) {
  const std::string file = Record(1) + Record(2) + std::string(64, '\xff') + Record(3);
  for (size_t length = 0; length <= file.size(); ++length) {
    SCOPED_TRACE(length);
    const Scanned scanned = Scan(file.substr(0, length));
    EXPECT_EQ(scanned.account.trailing_bytes, length % 64);
  }
}

TEST(DamagedBytesTest, EveryFlippedByteIsAnsweredFor) {
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

TEST(DamagedBytesTest, EveryCutOfMixedVersionsKeepsWhatCameBefore) {
  const Mixed mixed = MixedVersions();
  ASSERT_EQ(Scan(mixed.file).uids, mixed.uids);
  for (size_t length = 0; length <= mixed.file.size(); ++length) {
    SCOPED_TRACE(length);
    const Scanned scanned = Scan(mixed.file.substr(0, length));
    // The record that was cut may lack only its padding.
    const auto begun = static_cast<size_t>(
        std::lower_bound(mixed.begins.begin(), mixed.begins.end(), length) - mixed.begins.begin());
    ASSERT_LE(scanned.uids.size(), begun);
    ASSERT_GE(scanned.uids.size() + 1, begun);
    ASSERT_TRUE(std::equal(scanned.uids.begin(), scanned.uids.end(), mixed.uids.begin()));
  }
}

TEST(DamagedBytesTest, AFlippedByteInMixedVersionsConcernsItsRecordAlone) {
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

// A new scanner that begins where another scanner stops gives the same results.
TEST(DamagedBytesTest, AScannerCanBeRelievedWhereARecordBegins) {
  uint64_t relieved = 0;
  const Seeds seeds = PlayHistories<Piece>(
      1000, [](uint64_t seed) { return Mixture(seed, 20); },
      [&](uint64_t seed, const std::vector<Piece>& pieces, const Failures&) {
        const std::string file = BusyFile(0, 5) + Joined(pieces) + BusyFile(0, 5);
        const Scanned whole = Scan(file);
        Draws draws(seed);
        const size_t at = RecordScanner::FindRecord(BytesOf(file), draws.Next() % file.size());
        if (at == file.size()) return;
        Scanned together;
        RecordScanner first;
        if (first.ScanWhole(BytesOf(file), 0, at, together.Sink()) != at) return;
        ++relieved;
        RecordScanner second(at);
        const size_t reached = second.ScanWhole(BytesOf(file), at, file.size(), together.Sink());
        second.FinishWhole(BytesOf(file), reached);
        together.account = first.account();
        together.account.Add(second.account());
        ExpectEveryByteAnsweredFor(together, file);
        EXPECT_EQ(together.uids, whole.uids);
        EXPECT_EQ(together.offsets, whole.offsets);
        EXPECT_EQ(together.account.skipped, whole.account.skipped);
      });
  if (seeds.count >= 100) {
    EXPECT_GT(relieved, seeds.count / 10);
  }
}

}  // namespace
}  // namespace cpuagg::acct
