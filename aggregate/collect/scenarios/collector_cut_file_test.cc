// Collect runs after an accounting file was truncated below the offset already read, by a power
// failure or a person, and the kernel continued to write to it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/collector.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using testing::Gzipped;

class CollectorCutFileTest : public testing::CollectorFixture {
 protected:
  // `count` records, one per second, from second `from` of some day on.
  static std::string Ended(int from, int count) {
    std::string records;
    for (int second = from; second < from + count; ++second) {
      records += RecordBuilder()
                     .Pid(1000 + static_cast<uint32_t>(second))
                     .Uid(1)
                     .BeginTime(1'700'000'000 + static_cast<uint32_t>(second))
                     .UserTime(1)
                     .Bytes();
    }
    return records;
  }

  // `count` records of another user, of processes that ended in the first of these seconds.
  static std::string EndedMeanwhile(int count) {
    std::string records;
    for (int i = 0; i < count; ++i) {
      records += RecordBuilder()
                     .Pid(5000 + static_cast<uint32_t>(i))
                     .Uid(2)
                     .BeginTime(1'700'000'000 + static_cast<uint32_t>(i % 3))
                     .UserTime(1)
                     .Bytes();
    }
    return records;
  }

  static std::string First(absl::string_view records, size_t count) {
    return std::string(records.substr(0, count * 64));
  }

  // Starts with an empty store, and a file of which `records` have been read.
  void Begin(const std::string& records) {
    std::filesystem::remove_all(store_.directory());
    for (const std::string name : {"pacct.0", "pacct.1.gz", "pacct.backup"}) {
      std::filesystem::remove(dir_.Path(name));
    }
    dir_.Write("pacct", records);
    CollectNow();
  }

  void ExpectCutReported(const CollectResult& result) {
    ASSERT_EQ(result.gaps.size(), 1u);
    EXPECT_TRUE(absl::StrContains(result.gaps[0].reason, "was cut off inside the part that had"))
        << result.gaps[0].reason;
  }
};

// A command of one letter and a control character is not plausible enough alone.
TEST_F(CollectorCutFileTest, WhatIsLeftVouchesForALoneNewRecord) {
  const std::string records = Ended(0, 10);
  Begin(records);
  dir_.Write("pacct", First(records, 5) +
                          RecordBuilder().Uid(2).BeginTime(1'700'000'500).Command("a\x01").Bytes());
  const CollectResult result = CollectNow();
  ExpectCutReported(result);
  EXPECT_EQ(result.records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 10}, {2, 1}}));
}

TEST_F(CollectorCutFileTest, WhatIsLeftIsNotCountedAgainAndWhatFollowsIsCounted) {
  const std::string records = Ended(0, 10);
  for (const size_t left : {1, 3, 5, 9}) {
    for (const size_t zeros : {0, 30, 5 * 64}) {
      for (const int more : {0, 1, 3, 5, 7, 2000}) {
        SCOPED_TRACE(absl::StrCat(left, " records, ", zeros, " zeros, ", more, " records"));
        Begin(records);
        dir_.Write("pacct", First(records, left) + std::string(zeros, '\0') + Ended(10, more));
        ExpectCutReported(CollectNow());
        EXPECT_TRUE(CollectNow().gaps.empty());
        dir_.Append("pacct", Ended(3000, 7));
        EXPECT_TRUE(CollectNow().gaps.empty());
        EXPECT_EQ(Total(), 10u + static_cast<uint64_t>(more) + 7u);
      }
    }
  }
}

// The remaining records seem to have ended after the last one.
TEST_F(CollectorCutFileTest, AClockThatWasSetBackBeforeDoesNotMakeOldRecordsNew) {
  const std::string records = Ended(500, 10) + Ended(0, 10);
  Begin(records);
  dir_.Write("pacct", First(records, 12) + Ended(600, 3));
  ExpectCutReported(CollectNow());
  EXPECT_EQ(Total(), 23u);
  // New records that seem to be older are lost, which is a gap as well.
  Begin(records);
  dir_.Write("pacct", First(records, 12) + Ended(20, 3));
  ExpectCutReported(CollectNow());
  EXPECT_EQ(Total(), 20u);
}

// Nor if it was set back between two runs, or between two files that somebody has joined.
TEST_F(CollectorCutFileTest, WhenAllEndedThatWasReadIsRemembered) {
  const std::string ahead = Ended(500, 10);
  Begin(ahead);
  dir_.Append("pacct", Ended(0, 10));
  CollectNow();
  dir_.Write("pacct", First(ahead, 8) + Ended(600, 3));
  ExpectCutReported(CollectNow());
  EXPECT_EQ(Total(), 23u);

  Begin(Ended(0, 10));
  Rotate();
  dir_.Write("pacct", ahead);
  CollectNow();
  const std::string joined = Ended(0, 10) + ahead + Ended(20, 1);
  dir_.Write("pacct.0", joined);
  dir_.Write("pacct", Ended(30, 1));
  CollectNow();
  EXPECT_EQ(Total(), 22u);
  dir_.Write("pacct.backup", First(joined, 15));
  CollectNow();
  EXPECT_EQ(Total(), 22u);
}

TEST_F(CollectorCutFileTest, ItMayBeRotatedBeforeItIsRead) {
  const std::string records = Ended(0, 10);
  for (const int more : {2, 5, 20}) {
    for (const size_t left : {2, 5}) {
      SCOPED_TRACE(absl::StrCat(left, " and ", more));
      const std::string cut = First(records, left) + Ended(20, more);
      Begin(records);
      dir_.Write("pacct", cut);
      Rotate();
      dir_.Write("pacct", Ended(100, 1));
      ExpectCutReported(CollectNow());
      EXPECT_EQ(Total(), 11u + static_cast<uint64_t>(more));
      // Compressed at once.
      Begin(records);
      dir_.Write("pacct.1.gz", Gzipped(cut));
      Remove("pacct");
      dir_.Write("pacct", Ended(100, 1));
      ExpectCutReported(CollectNow());
      EXPECT_EQ(Total(), 11u + static_cast<uint64_t>(more));
      // Copied and truncated.
      Begin(records);
      dir_.Write("pacct.1.gz", Gzipped(cut));
      dir_.Write("pacct", Ended(100, 1));
      ExpectCutReported(CollectNow());
      EXPECT_EQ(Total(), 11u + static_cast<uint64_t>(more));
      // And truncated a second time.
      dir_.Write("pacct", Ended(100, 5));
      CollectNow();
      dir_.Write("pacct", Ended(100, 2) + Ended(200, 1));
      ExpectCutReported(CollectNow());
      EXPECT_EQ(Total(), 16u + static_cast<uint64_t>(more));
    }
  }
}

// Once the new part has been read, times do not matter any more, wherever the file is.
TEST_F(CollectorCutFileTest, AfterThatItIsReadOnAsAnyOther) {
  const std::string records = Ended(0, 10);
  const std::string cut = First(records, 5) + Ended(20, 2);
  for (const bool is_compressed : {false, true}) {
    SCOPED_TRACE(is_compressed);
    Begin(records);
    dir_.Write("pacct", cut);
    CollectNow();
    const std::string grown = cut + Ended(5, 1) + Ended(30, 1);
    dir_.Write("pacct", grown);
    Rotate();
    if (is_compressed) {
      dir_.Write("pacct.1.gz", Gzipped(grown));
      Remove("pacct.0");
    }
    dir_.Write("pacct", Ended(100, 1));
    EXPECT_TRUE(CollectNow().gaps.empty());
    EXPECT_EQ(Total(), 15u);
  }
}

// Zeros at the beginning, which a power failure leaves, do not identify a file.
TEST_F(CollectorCutFileTest, FilesThatBeginWithZerosAreNotTakenForOneAnother) {
  for (const size_t zeros : {64, 192, 256, 4096}) {
    for (const bool is_read : {false, true}) {
      for (const bool is_gone : {false, true}) {
        SCOPED_TRACE(absl::StrCat(zeros, is_read ? ", read" : "", is_gone ? ", gone" : ""));
        if (is_gone && !is_read) continue;
        const std::string beginning(zeros, '\0');
        Begin(Ended(0, 2));
        dir_.Write("pacct.0", beginning + Ended(10, 20));
        if (is_read) {
          dir_.Write("pacct", Ended(0, 2) + Ended(40, 1));
          CollectNow();
          CollectNow();
        } else {
          dir_.Append("pacct", Ended(40, 1));
        }
        if (is_gone) Remove("pacct.0");
        dir_.Write("pacct.1.gz", Gzipped(beginning + Ended(100, 12)));
        dir_.Append("pacct", Ended(200, 5));
        EXPECT_TRUE(CollectNow().gaps.empty());
        EXPECT_EQ(Total(), 40u);
        // A copy is recognised.
        dir_.Write("pacct.backup", beginning + Ended(100, 12));
        CollectNow();
        EXPECT_EQ(Total(), 40u);
      }
    }
  }
}

TEST_F(CollectorCutFileTest, AFileThatBeginsWithZerosIsReadOn) {
  for (const size_t zeros : {64, 192, 256, 4096}) {
    SCOPED_TRACE(zeros);
    const std::string beginning(zeros, '\0');
    Begin(beginning + Ended(0, 20));
    Rotate();
    dir_.Write("pacct", beginning + Ended(30, 8));
    CollectNow();
    dir_.Append("pacct", Ended(40, 2));
    EXPECT_TRUE(CollectNow().gaps.empty());
    EXPECT_EQ(Total(), 30u);
    dir_.Write("pacct", beginning + Ended(30, 3) + Ended(50, 2));
    ExpectCutReported(CollectNow());
    EXPECT_EQ(Total(), 32u);
  }
}

// A complete file that loses its end, whether its records have process ids or not.
TEST_F(CollectorCutFileTest, ItMayHaveBeenCompleteBefore) {
  for (const int version : {2, 3}) {
    for (const size_t left : {1, 2, 10}) {
      SCOPED_TRACE(absl::StrCat("version ", version, ", ", left));
      const auto records = [&](int from, int count) {
        std::string all;
        for (int second = from; second < from + count; ++second) {
          all += RecordBuilder(version)
                     .Uid(1)
                     .BeginTime(1'700'000'000 + static_cast<uint32_t>(second))
                     .Bytes();
        }
        return all;
      };
      Begin(records(0, 20));
      Rotate();
      dir_.Write("pacct", records(30, 1));
      CollectNow();
      dir_.Append("pacct", records(31, 1));
      CollectNow();
      dir_.Write("pacct.0", First(records(0, 20), left));
      CollectNow();
      EXPECT_EQ(Total(), 22u);
    }
  }
}

// The compressor has finished, and the original file still exists at the next run.
TEST_F(CollectorCutFileTest, AFinishedCopyGoesOnFromItsFile) {
  for (const bool is_compressed : {false, true}) {
    const std::string records = Ended(0, 8);
    Begin(records);
    Rotate();
    dir_.Write("pacct", "");
    CollectNow();
    if (is_compressed) {
      dir_.Write("pacct.1.gz", Gzipped(records));
    } else {
      dir_.Write("pacct.backup", records);
    }
    CollectNow();
    Remove("pacct.0");
    EXPECT_TRUE(CollectNow().gaps.empty());
    EXPECT_EQ(Total(), 8u);
  }
}

TEST_F(CollectorCutFileTest, ACopyThatEndsBeforeDoesNotMakeUpForIt) {
  const std::string records = Ended(0, 10);
  for (const size_t copied : {2, 4, 6}) {
    SCOPED_TRACE(copied);
    Begin(records);
    dir_.Write("pacct.backup", First(records, copied));
    CollectNow();
    dir_.Write("pacct", First(records, 5) + Ended(20, 7));
    ExpectCutReported(CollectNow());
    EXPECT_EQ(Total(), 17u);
  }
}

TEST_F(CollectorCutFileTest, ItIsReadBesideItsBackup) {
  const std::string records = Ended(0, 12);
  for (const bool backup_is_late : {false, true}) {
    SCOPED_TRACE(backup_is_late);
    Begin(First(records, 10));
    if (!backup_is_late) dir_.Write("pacct.backup", records);
    dir_.Write("pacct", First(records, 5) + Ended(20, 7));
    EXPECT_EQ(CollectNow().gaps.size(), backup_is_late ? 1u : 0u);
    if (backup_is_late) dir_.Write("pacct.backup", records);
    EXPECT_TRUE(CollectNow().gaps.empty());
    // What only the backup has is counted as well.
    EXPECT_EQ(Total(), 19u);
    EXPECT_EQ(CollectNow().records, 0u);
  }
}

// The backup shows the place of the cut. So it does not matter when the new records ended.
TEST_F(CollectorCutFileTest, WithABackupOfAllThatWasReadNoRecordIsLost) {
  const std::string records = Ended(0, 12);
  for (const size_t left : {1, 3, 5, 11}) {
    for (const size_t torn : {0, 30}) {
      for (const bool is_compressed : {false, true}) {
        SCOPED_TRACE(absl::StrCat(left, " records, ", torn, " bytes", is_compressed ? ", gz" : ""));
        Begin(records);
        if (is_compressed) {
          dir_.Write("pacct.1.gz", Gzipped(records));
        } else {
          dir_.Write("pacct.backup", records);
        }
        dir_.Write("pacct", records.substr(0, left * 64 + torn) + EndedMeanwhile(7));
        EXPECT_TRUE(CollectNow().gaps.empty());
        EXPECT_EQ(Stored(), (Processes{{1, 12}, {2, 7}}));
        EXPECT_EQ(CollectNow().records, 0u);
      }
    }
  }
}

// If process ids start again within a second, two generations may begin with the same record. Only
// the second of these two is lost.
TEST_F(CollectorCutFileTest, AnotherFileMayBeginWithTheSameRecord) {
  const std::string records = Ended(0, 10);
  for (const bool is_compressed : {false, true}) {
    for (const bool is_known : {false, true}) {
      SCOPED_TRACE(absl::StrCat(is_compressed, is_known));
      Begin(records);
      if (is_compressed) {
        dir_.Write("pacct.1.gz", Gzipped(records));
      } else {
        dir_.Write("pacct.0", records);
      }
      dir_.Write("pacct", is_known ? Ended(100, 1) : First(records, 1) + EndedMeanwhile(13));
      CollectNow();
      if (is_known) dir_.Write("pacct", First(records, 1) + EndedMeanwhile(13));
      CollectNow();
      dir_.Append("pacct", Ended(200, 1));
      EXPECT_EQ(CollectNow().records, 1u);
      EXPECT_EQ(Stored(), (Processes{{1, is_known ? 12 : 11}, {2, 13}}));
    }
  }
}

TEST_F(CollectorCutFileTest, ABackupMayTakeItsPlace) {
  const std::string records = Ended(0, 10);
  for (const int more : {0, 3, 5, 20}) {
    for (const bool is_known : {false, true}) {
      SCOPED_TRACE(absl::StrCat(more, is_known ? ", known" : ""));
      Begin(records);
      dir_.Write("pacct.backup", First(records, 5));
      if (is_known) CollectNow();
      Rename("pacct.backup", "pacct");
      dir_.Append("pacct", Ended(20, more));
      EXPECT_EQ(CollectNow().gaps.size(), 1u);
      dir_.Append("pacct", Ended(60, 7));
      EXPECT_TRUE(CollectNow().gaps.empty());
      EXPECT_EQ(Total(), 17u + static_cast<uint64_t>(more));
    }
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
