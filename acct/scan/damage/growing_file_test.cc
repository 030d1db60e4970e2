// Files that grow while they are read: what is read in steps is what a single scan of everything
// finds, wherever the file was cut off at each step.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_scanner.h"
#include "acct/scan/scanned.h"
#include "acct/testing/histories.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::Draws;
using testing::Piece;
using testing::RecordBuilder;

// What several scans of a file found together, each of which went on where the last one stopped.
struct InSteps {
  Scanned scanned;
  Regions skipped;
  uint64_t skipped_bytes = 0;
  uint64_t reached = 0;

  // Scans what the file has up to `end`; more follows unless `is_last`.
  void ScanTo(absl::Span<const uint8_t> file, size_t end, bool is_last) {
    RecordScanner scanner(reached);
    const size_t kept = std::min<size_t>(reached, 256);  // as a cursor does
    scanner.GoOnBehind(file.subspan(reached - kept, kept));
    if (!is_last) scanner.MayGrow();
    const absl::Span<const uint8_t> input = file.subspan(reached, end - reached);
    const size_t read = scanner.ScanWhole(input, 0, input.size(), scanned.Sink());
    scanner.FinishWhole(input, read);
    const ByteAccount& account = scanner.account();
    EXPECT_EQ(account.bytes, input.size());
    EXPECT_EQ(account.trailing_bytes, input.size() - read);
    for (const SkippedRegion& region : account.skipped) {
      if (!skipped.empty() && skipped.back().end == region.begin &&
          skipped.back().reason == region.reason) {
        skipped.back().end = region.end;
      } else {
        skipped.push_back(region);
      }
    }
    skipped_bytes += account.skipped_bytes;
    reached += read;
  }
};

void ExpectLikeWhole(const std::string& file, const Scanned& whole,
                     const std::vector<size_t>& cuts) {
  InSteps steps;
  for (const size_t cut : cuts) steps.ScanTo(BytesOf(file), cut, /*is_last=*/false);
  steps.ScanTo(BytesOf(file), file.size(), /*is_last=*/true);
  std::string text = "cut at";
  for (const size_t cut : cuts) absl::StrAppend(&text, " ", cut);
  EXPECT_EQ(steps.scanned.offsets, whole.offsets) << text;
  EXPECT_EQ(steps.scanned.uids, whole.uids) << text;
  EXPECT_EQ(steps.skipped, whole.account.skipped) << text;
  EXPECT_EQ(steps.skipped_bytes, whole.account.skipped_bytes) << text;
}

// What the machine writes that wrote a file.
struct Writer {
  int version = 3;
  RecordBuilder::Order order = RecordBuilder::kLittleEndian;
  bool is_padded = false;  // records of version 1
};

std::string RecordBy(const Writer& writer, uint32_t i, Draws& draws) {
  const auto any = [&] { return static_cast<uint16_t>(draws.Next()); };
  const char* const names[] = {"sh", "a", "collect-thing", "worker/u8:12", "bash", "a.very.long.1"};
  RecordBuilder record(writer.version, writer.order);
  record.Flags(static_cast<uint8_t>(draws.Below(4)))
      .Uid(1000 + i)
      .Gid(draws.Below(2000))
      .Pid(4000 + i)
      .ParentPid(1 + draws.Below(3) * 300)
      .ExitCode(draws.Below(2) * 256)
      // Some machines begin with their clock unset.
      .BeginTime(draws.Below(20) == 0 ? draws.Below(1000) : 1'700'000'000 + i * 60)
      .Elapsed(static_cast<float>(draws.Below(8000)))
      .UserTime(any())
      .SystemTime(draws.Below(2) == 0 ? any() : uint16_t{0})
      .Memory(any())
      .MinorFaults(any())
      .MajorFaults(static_cast<uint16_t>(draws.Below(900)))
      .Command(names[draws.Below(6)]);
  if (writer.version == 2) record.Rate(draws.Below(30) == 0 ? 65535 : 100);
  return record.Bytes() + std::string(writer.version == 1 && writer.is_padded ? 2 : 0, '\0');
}

std::string Torn(const std::string& record, Draws& draws) {
  // More is missing than its last zeros, with which the beginning of the next one makes a whole.
  return record.substr(0, 1 + draws.Below(static_cast<uint32_t>(record.size()) - 10));
}

std::vector<Piece> DamagedFile(uint64_t seed) {
  Draws draws(seed);
  const Writer writer = {
      .version = draws.Below(2) == 0 ? 3 : static_cast<int>(draws.Below(4)),
      .order = draws.Below(4) == 0 ? RecordBuilder::kBigEndian : RecordBuilder::kLittleEndian,
      .is_padded = draws.Below(2) == 0};
  const uint32_t records = 3 + draws.Below(12);
  std::vector<Piece> pieces;
  for (uint32_t i = 0; i < records; ++i) {
    Draws own(seed, i + 1);
    const std::string record = RecordBy(writer, i, own);
    // Zeros after padding could be more padding.
    const bool has_padding = writer.version == 1 && writer.is_padded;
    const uint32_t damage = own.Below(16);
    switch (has_padding && (damage == 3 || damage == 4) ? 5 : damage) {
      case 0:
        pieces.push_back({Torn(record, own)});
        break;
      case 1:  // two neighbours
        pieces.push_back({Torn(record, own) + Torn(RecordBy(writer, i, own), own)});
        break;
      case 2: {
        std::string stray(1 + own.Below(130), '\0');
        for (char& byte : stray) byte = static_cast<char>(own.Next());
        pieces.push_back({stray});
        pieces.push_back({record});
        break;
      }
      case 3:
        pieces.push_back({std::string(own.Below(4) == 0 ? 512 : 1 + own.Below(130), '\0')});
        pieces.push_back({record});
        break;
      case 4:  // a power failure
        pieces.push_back({record.substr(0, 1 + own.Below(40)) + std::string(own.Below(100), '\0')});
        break;
      default:
        pieces.push_back({record});
    }
  }
  return pieces;
}

TEST(GrowingFileTest, AFileIsReadInStepsAsItIsReadAtOnceWhereverItIsCut) {
  testing::PlayHistories<Piece>(
      40, DamagedFile,
      [](uint64_t seed, const std::vector<Piece>& pieces, const testing::Failures& failures) {
        const std::string file = testing::Joined(pieces);
        const Scanned whole = ScanAsWhole(file);
        Draws draws(seed);
        for (size_t cut = 1; cut < file.size() && !failures.any(); ++cut) {
          ExpectLikeWhole(file, whole, {cut});
          const auto rest = static_cast<uint32_t>(file.size() - cut);
          const size_t second = cut + draws.Below(rest);
          ExpectLikeWhole(file, whole, {cut, second});
        }
      });
}

struct Growth {
  Scanned scanned;
  size_t read = 0;
};

Growth ScanGrowing(const std::string& file) {
  Growth growth;
  RecordScanner scanner;
  scanner.MayGrow();
  growth.read = scanner.ScanWhole(BytesOf(file), 0, file.size(), growth.scanned.Sink());
  scanner.FinishWhole(BytesOf(file), growth.read);
  growth.scanned.account = scanner.account();
  EXPECT_EQ(growth.scanned.account.bytes, file.size());
  return growth;
}

TEST(GrowingFileTest, WithoutDamageAllWholeRecordsAreRead) {
  for (const uint32_t records : {1, 2, 3, 5, 6, 7, 2000}) {
    for (const size_t torn : {0, 1, 2, 8, 63}) {
      const std::string file = BusyFile(0, records);
      const Growth growth = ScanGrowing(file + Record(9).substr(0, torn));
      EXPECT_EQ(growth.read, file.size()) << records << " and " << torn;
      EXPECT_EQ(growth.scanned.uids, BusyUids(0, records));
      EXPECT_EQ(growth.scanned.account.trailing_bytes, torn);
      EXPECT_EQ(growth.scanned.account.held.bytes, 0u);
    }
  }
}

TEST(GrowingFileTest, DamageAtTheEndWaitsForThreeRecords) {
  const std::string records = BusyFile(0, 10);
  for (const std::string& damage : {std::string(20, 'x'), std::string(100, '\0'),
                                    Busy(30).substr(0, 20) + std::string(64, '\0')}) {
    for (uint32_t more = 0; more <= 4; ++more) {
      const std::string file = records + damage + BusyFile(10, 10 + more);
      const Growth growth = ScanGrowing(file);
      if (more < 3) {
        EXPECT_EQ(growth.read, records.size());
        EXPECT_EQ(growth.scanned.account.skipped_bytes, 0u);
        // Less than a record, or one that looks odd, is not damage yet.
        const bool is_quiet = more == 0 && damage[0] != 0;
        EXPECT_EQ(growth.scanned.account.held.bytes, is_quiet ? 0 : file.size() - growth.read);
      } else {
        EXPECT_EQ(growth.read, file.size());
        EXPECT_EQ(growth.scanned.account.skipped_bytes, damage.size());
        EXPECT_EQ(growth.scanned.account.held.bytes, 0u);
      }
    }
  }
}

// As many as a clock that is not set may cost.
TEST(GrowingFileTest, ALongHoleDoesNotWait) {
  const std::string records = BusyFile(0, 10);
  const std::string file = records + std::string(kMostHeldBytes + 6400, '\0');
  const Growth growth = ScanGrowing(file);
  EXPECT_EQ(growth.scanned.uids, BusyUids(0, 10));
  EXPECT_LE(growth.scanned.account.trailing_bytes, kMostHeldBytes);
  EXPECT_GE(growth.scanned.account.skipped_bytes, 6400u - 64);
}

TEST(GrowingFileTest, RecordsOfAnUnsetClockWaitForARegularOne) {
  const std::string odd = RecordBuilder().BeginTime(0).Bytes();
  const Growth growth = ScanGrowing(testing::Repeat(odd, 20));
  EXPECT_EQ(growth.read, 0u);
  EXPECT_EQ(growth.scanned.account.held.bytes, 0u) << "they are not damage";
  const Growth later = ScanGrowing(testing::Repeat(odd, 20) + BusyFile(0, 1));
  EXPECT_EQ(later.scanned.account.trailing_bytes + later.read, 21u * 64);
}

}  // namespace
}  // namespace cpuagg::acct
