// The cursors that are kept after new records were read: which files have one, what is in it, and
// whether the file may still grow.

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/rotation/rotation.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/collect/new_records.h"
#include "aggregate/collect/new_records_fixture.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Gzipped;

class NewRecordsCursorsTest : public testing::NewRecordsFixture {};

TEST_F(NewRecordsCursorsTest, TheLastEndOfAllThatWasReadIsRemembered) {
  dir_.Write("pacct", EndedAt(100) + EndedAt(0));
  Read();
  EXPECT_EQ(CursorOf("pacct").last_end_seconds, kBegin + 100);
  dir_.Append("pacct", EndedAt(50));
  Read();
  EXPECT_EQ(CursorOf("pacct").last_end_seconds, kBegin + 100);
  dir_.Append("pacct", EndedAt(150));
  Read();
  EXPECT_EQ(CursorOf("pacct").last_end_seconds, kBegin + 150);
}

TEST_F(NewRecordsCursorsTest, KnownRecordsCountForTheLastEndAsWell) {
  const std::string newer = EndedAt(500) + EndedAt(501);
  dir_.Write("pacct.1", EndedAt(0) + EndedAt(1));
  dir_.Write("pacct", newer);
  Read();
  dir_.Append("pacct.1", newer + EndedAt(2));
  dir_.Write("pacct", EndedAt(600));
  const NewRecords read = Read();
  EXPECT_EQ(read.records, 2u);
  EXPECT_EQ(read.known.size(), 1u);
  EXPECT_EQ(CursorOf("pacct.1").last_end_seconds, kBegin + 501);
}

TEST_F(NewRecordsCursorsTest, ACopyHasACursorByWhichItIsKnown) {
  const std::string records = Records(4);
  dir_.Write("pacct", records);
  dir_.Write("pacct.copy", records.substr(0, 2 * kRecord));
  const NewRecords read = Read();
  EXPECT_EQ(read.records, 4u);
  EXPECT_EQ(CursorOf("pacct.copy").offset, 2 * kRecord);
  EXPECT_FALSE(CursorOf("pacct.copy").may_grow);
  // It is not opened again.
  const std::vector<acct::Generation> generations = ListAll().generations;
  ASSERT_EQ(generations.size(), 2u);
  EXPECT_TRUE(generations[1].seal.has_value());
}

TEST_F(NewRecordsCursorsTest, AnEmptyFileIsRememberedOnceThereHaveBeenRecords) {
  dir_.Write("pacct", "");
  Read();
  EXPECT_TRUE(cursors_.empty());
  dir_.Write("pacct.1", Records(2));
  Read();
  ASSERT_EQ(cursors_.size(), 2u);
  EXPECT_EQ(CursorOf("pacct").offset, 0u);
  EXPECT_TRUE(CursorOf("pacct").may_grow);
  // Also if the records were read before.
  Remove("pacct.1");
  Rotate();
  dir_.Write("pacct", "");
  EXPECT_FALSE(Read().has_gap);
  EXPECT_TRUE(CursorOf("pacct").may_grow);
}

// Only the time of creation tells one empty file from another.
TEST_F(NewRecordsCursorsTest, OfAFileThatMayGrowTheTimeOfItsCreationIsKept) {
  dir_.Write("pacct.1", Records(3));
  dir_.Write("pacct", Records(2));
  ConsistentListing listing = ListAll();
  ASSERT_EQ(listing.generations.size(), 2u);
  listing.generations[0].born_nanos = 77;
  listing.generations[1].born_nanos = 88;
  Read(listing);
  EXPECT_EQ(CursorOf("pacct").born_nanos, 77);
  EXPECT_EQ(CursorOf("pacct.1").born_nanos, 0);
}

TEST_F(NewRecordsCursorsTest, OfACompleteFileLittleIsKept) {
  const std::string older = Records(8);
  const std::string newer = Records(8);
  dir_.Write("pacct.1", older);
  dir_.Write("pacct", newer);
  Read();
  EXPECT_EQ(CursorOf("pacct").head, newer.substr(0, 256));
  EXPECT_EQ(CursorOf("pacct").tail, newer.substr(256));
  EXPECT_EQ(CursorOf("pacct.1").head, older.substr(0, kRecord));
  EXPECT_EQ(CursorOf("pacct.1").tail, older.substr(7 * kRecord));
}

TEST_F(NewRecordsCursorsTest, WithinAMinuteOfARotationTheOldFileMayGrow) {
  for (const auto& [age, may_grow] :
       {std::pair(absl::Seconds(59), true), std::pair(absl::Seconds(60), false),
        std::pair(-absl::Seconds(59), true), std::pair(-absl::Seconds(60), false)}) {
    SCOPED_TRACE(absl::FormatDuration(age));
    cursors_.clear();
    dir_.Write("pacct.0", Records(2));
    dir_.Write("pacct", "");
    SetAge("pacct", age);
    Read();
    EXPECT_TRUE(CursorOf("pacct").may_grow);
    EXPECT_EQ(CursorOf("pacct.0").may_grow, may_grow);
  }
}

// Otherwise it would be taken for the file that is being rotated.
TEST_F(NewRecordsCursorsTest, AFileBetweenTheTwoOfARotationDoesNotKeepTheOldOneFromGrowing) {
  for (const bool is_copy : {true, false}) {
    SCOPED_TRACE(is_copy);
    cursors_.clear();
    const std::string records = Records(4);
    dir_.Write("pacct.backup", is_copy ? records.substr(0, 2 * kRecord) : Records(2));
    dir_.Write("pacct", records);
    SetAge("pacct", absl::Hours(2));
    SetAge("pacct.backup", absl::Hours(1));
    Read();
    EXPECT_FALSE(CursorOf("pacct.backup").may_grow);
    Rotate();
    dir_.Write("pacct", "");
    SetAge("pacct", absl::ZeroDuration());
    // All is as in the run before, or is found out again.
    for (const bool is_known : {true, false}) {
      if (!is_known && !is_copy) continue;
      if (!is_known) cursors_.clear();
      Read();
      EXPECT_TRUE(CursorOf("pacct.0").may_grow) << is_known;
      EXPECT_FALSE(CursorOf("pacct.backup").may_grow) << is_known;
    }
    Remove("pacct.0");
  }
}

TEST_F(NewRecordsCursorsTest, AnOldFileMayGrowIfItHasGrownSinceItWasRead) {
  dir_.Write("pacct.0", Records(4));
  dir_.Write("pacct", "");
  SetAge("pacct", absl::Hours(2));
  Read();
  EXPECT_FALSE(CursorOf("pacct.0").may_grow);
  // Another time alone does not mean that it has grown.
  SetAge("pacct.0", absl::Hours(1));
  Read();
  EXPECT_FALSE(CursorOf("pacct.0").may_grow);
  dir_.Append("pacct.0", Records(1));
  EXPECT_EQ(Read().records, 1u);
  EXPECT_TRUE(CursorOf("pacct.0").may_grow);
}

TEST_F(NewRecordsCursorsTest, TheKernelDoesNotWriteToACompressedFile) {
  dir_.Write("pacct.0.gz", Gzipped(Records(4)));
  EXPECT_EQ(Read().records, 4u);
  EXPECT_FALSE(CursorOf("pacct.0.gz").may_grow);
  Remove("pacct.0.gz");
  dir_.Write("pacct", Records(1));
  EXPECT_FALSE(Read().has_gap);
}

}  // namespace
}  // namespace cpuagg::aggregate
