// Records that are torn, with stray bytes or a hole between them: the others are found where they
// begin, and no user gets what is not theirs.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/scanned.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;

// A process that used hardly anything, so that its record has the most zeros.
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

// A daemon of root's, whose numbers are all zero except its times. Torn in its name, it looks
// regular together with the flags and the version after it, and the zeros that follow those.
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

// A command that somebody waited for at a terminal until it failed: no byte of its times is zero,
// so that they look like a name.
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

TEST(TornRecordsTest, BehindATornRecordRecordsAreFoundAgainWhereTheyBegin) {
  for (size_t kept = 1; kept < 64; ++kept) {
    SCOPED_TRACE(kept);
    const Scanned scanned = Scan(BusyFile(0, 20) + Busy(20).substr(0, kept) + BusyFile(21, 60));
    Uids uids = BusyUids(0, 60);
    // With one byte less, the zero that ends the command is missing; the next record's flags may
    // replace it.
    uids.erase(uids.begin() + 20);
    EXPECT_EQ(scanned.uids, uids);
    EXPECT_EQ(scanned.account.skipped,
              (Regions{{20 * 64, 20 * 64 + kept, SkipReason::kMisaligned}}));
  }
}

TEST(TornRecordsTest, ATornRecordIsNobodysHoweverManyRecordsFollow) {
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
          // And truncated in the next record.
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

// A torn record of one kind may be followed by a record of another kind.
TEST(TornRecordsTest, ATornRecordIsNobodysWhateverFollows) {
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

TEST(TornRecordsTest, ATornRecordBeforeTheHeadOfAnotherIsNobodys) {
  for (std::string (*const record)(uint32_t) : {Busy, Idle, Superuser}) {
    for (size_t kept = 1; kept < 64; ++kept) {
      for (size_t head = 1; head < 64; ++head) {
        SCOPED_TRACE(absl::StrCat(kept, " bytes and ", head));
        std::string file;
        for (uint32_t i = 0; i < 10; ++i) file += record(i);
        // Only the zero at its end is missing, and here it is.
        if (kept == 63 && head <= 2) continue;
        const Scanned scanned =
            Scan(file + record(500).substr(0, kept) + record(200).substr(0, head));
        EXPECT_EQ(scanned.uids, BusyUids(0, 10));
      }
    }
  }
}

TEST(TornRecordsTest, StrayBytesInFrontCostNoRecord) {
  for (size_t stray = 1; stray < 200; ++stray) {
    SCOPED_TRACE(stray);
    for (const char filler : {'\0', '\3', '\x5a'}) {
      // A whole slot of threes is a record, although an odd one.
      if (filler == '\3' && stray >= 64) continue;
      const Scanned scanned = Scan(std::string(stray, filler) + BusyFile(0, 50));
      EXPECT_EQ(scanned.uids, BusyUids(0, 50));
      EXPECT_EQ(scanned.account.skipped_bytes, stray);
    }
  }
}

// A file whose beginning was cut off inside a record, at every byte. The rest of the record must
// not be counted, even if its process id makes it look like version 3.
TEST(TornRecordsTest, AFileThatBeginsInTheMiddleOfARecord) {
  for (size_t cut = 1; cut < 64; ++cut) {
    SCOPED_TRACE(cut);
    const Scanned scanned = Scan(BusyFile(10, 100).substr(cut));
    EXPECT_EQ(scanned.uids, BusyUids(11, 100));
    EXPECT_EQ(scanned.account.skipped, (Regions{{0, 64 - cut, SkipReason::kMisaligned}}));
  }
}

TEST(TornRecordsTest, AHoleOfZerosIsNobodysProcesses) {
  for (size_t begin = 640; begin < 640 + 64; ++begin) {
    SCOPED_TRACE(begin);
    std::string file = BusyFile(0, 120);
    std::fill_n(file.begin() + static_cast<ptrdiff_t>(begin), 4096, '\0');
    const Scanned scanned = Scan(file);
    // A record that the hole touches may still count if that changed little in it, but never for
    // another user.
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

TEST(TornRecordsTest, AHoleIsOneRegionWhateverItsLength) {
  for (size_t length = 64; length < 300; ++length) {
    const Scanned scanned = Scan(BusyFile(0, 10) + std::string(length, '\0') + BusyFile(10, 20));
    EXPECT_EQ(scanned.uids, BusyUids(0, 20));
    EXPECT_EQ(scanned.account.skipped, (Regions{{640, 640 + length, SkipReason::kZeros}}));
  }
}

// A power failure leaves this of the last write before it.
TEST(TornRecordsTest, TheHeadOfARecordWithZerosBehindItIsNobodysProcess) {
  constexpr size_t kHead = 8;  // up to the user id, in version 3
  for (size_t left = 1; left <= kHead; ++left) {
    SCOPED_TRACE(left);
    const std::string torn = Busy(10).substr(0, left) + std::string(64 - left, '\0');
    const Scanned scanned = Scan(BusyFile(0, 10) + torn + BusyFile(11, 20));
    EXPECT_EQ(scanned.uids.size(), 19u);
    EXPECT_EQ(scanned.account.skipped, (Regions{{640, 704, SkipReason::kImplausible}}));
  }
}

TEST(TornRecordsTest, OneRecordBehindStrayBytesAtTheEndIsFound) {
  const Scanned scanned = Scan("0123456789" + Busy(1));
  EXPECT_EQ(scanned.uids, (Uids{1001}));
  EXPECT_EQ(scanned.account.skipped, (Regions{{0, 10, SkipReason::kMisaligned}}));
  EXPECT_EQ(Scan("0123456789" + Busy(1) + Busy(2) + "abc").uids, (Uids{1001, 1002}));
}

// One stray byte before a record gives a slot with that record's flags in place of its version, and
// so does the next tear: two slots of the same kind, which differs from the kind before.
TEST(TornRecordsTest, TearsThatFollowOneAnotherAreNoRecordsOfAnotherVersion) {
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
