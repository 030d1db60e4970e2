#include "aggregate/collect/new_records.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/collect/new_records_fixture.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Cursor;
using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using testing::Gzipped;

class NewRecordsTest : public testing::NewRecordsFixture {};

TEST_F(NewRecordsTest, TheFirstTimeEverythingIsReadOldestFirst) {
  dir_.Write("pacct.1", Records(3));
  dir_.Write("pacct", Records(2));
  const NewRecords read = Read();
  EXPECT_EQ(read.records, 5u);
  ASSERT_EQ(read.inputs.size(), 2u);
  EXPECT_EQ(read.inputs[0].name, dir_.Path("pacct.1"));
  EXPECT_EQ(read.inputs[1].name, Pacct());
  EXPECT_EQ(read.totals.usage.size(), 1u);
  EXPECT_TRUE(read.known.empty());
  EXPECT_FALSE(read.has_gap);
  EXPECT_EQ(read.cut_path, "");
  ASSERT_EQ(read.cursors.size(), 2u);
  EXPECT_EQ(read.cursors[0].offset, 2 * kRecord);
  EXPECT_TRUE(read.cursors[0].may_grow);
  EXPECT_EQ(read.cursors[1].offset, 3 * kRecord);
  EXPECT_FALSE(read.cursors[1].may_grow);
}

TEST_F(NewRecordsTest, ProgressIsThatOfTheBytesThatAreRead) {
  const std::string packed = Gzipped(Records(3));
  dir_.Write("pacct.1.gz", packed);
  dir_.Write("pacct", Records(2));
  const auto read_all = [&] {
    acct::Progress progress;
    Read(ListAll(), {}, &progress);
    EXPECT_EQ(progress.bytes(), progress.expected());
    return progress.bytes();
  };
  EXPECT_EQ(read_all(), packed.size() + 2 * kRecord);
  dir_.Append("pacct", Records(4));
  EXPECT_EQ(read_all(), 4 * kRecord);
  EXPECT_EQ(read_all(), 0u);
}

TEST_F(NewRecordsTest, AfterThatOnlyWhatWasAppendedIsRead) {
  dir_.Write("pacct", Records(3));
  Read();
  dir_.Append("pacct", Records(2));
  const NewRecords read = Read();
  EXPECT_EQ(read.records, 2u);
  ASSERT_EQ(read.inputs.size(), 1u);
  EXPECT_EQ(read.inputs[0].offset, 3 * kRecord);
  EXPECT_EQ(read.inputs[0].bytes, 2 * kRecord);
  const std::vector<Cursor> before = cursors_;
  const NewRecords nothing = Read();
  EXPECT_EQ(nothing.records, 0u);
  EXPECT_TRUE(nothing.inputs.empty());
  EXPECT_EQ(nothing.cursors, before);
}

TEST_F(NewRecordsTest, AfterARotationTheRestOfTheOldFileIsReadFirst) {
  dir_.Write("pacct", Records(3));
  Read();
  dir_.Append("pacct", Records(2));
  Rotate();
  dir_.Write("pacct", Records(1));
  const NewRecords read = Read();
  EXPECT_EQ(read.records, 3u);
  ASSERT_EQ(read.inputs.size(), 2u);
  EXPECT_EQ(read.inputs[0].name, dir_.Path("pacct.0"));
  EXPECT_EQ(read.inputs[0].offset, 3 * kRecord);
  EXPECT_EQ(read.inputs[1].name, Pacct());
  EXPECT_EQ(read.inputs[1].offset, 0u);
  EXPECT_FALSE(read.has_gap);
}

TEST_F(NewRecordsTest, AGenerationThatMayHaveGrownLeavesAGapAndACompleteOneDoesNot) {
  dir_.Write("pacct.1", Records(3));
  dir_.Write("pacct", Records(2));
  Read();
  Remove("pacct.1");
  EXPECT_FALSE(Read().has_gap);
  dir_.Write("pacct", Records(4));
  const NewRecords read = Read();
  EXPECT_TRUE(read.has_gap);
  EXPECT_EQ(read.cut_path, "");
  EXPECT_EQ(read.records, 4u);
  // It is reported once.
  EXPECT_FALSE(Read().has_gap);
}

TEST_F(NewRecordsTest, AFileThatWasCutOffIsNamedAndReadOnAfterTheCut) {
  const std::string records = Records(10);
  dir_.Write("pacct", records);
  Read();
  dir_.Write("pacct", records.substr(0, 5 * kRecord) + Records(3));
  Rotate();
  dir_.Write("pacct", Records(1));
  const NewRecords read = Read();
  EXPECT_TRUE(read.has_gap);
  EXPECT_EQ(read.cut_path, dir_.Path("pacct.0"));
  EXPECT_EQ(read.records, 4u);
  ASSERT_EQ(read.inputs.size(), 2u);
  EXPECT_EQ(read.inputs[0].offset, 5 * kRecord);
  EXPECT_FALSE(Read().has_gap);
}

TEST_F(NewRecordsTest, AGenerationInsideAnotherFileIsKnownAndNotMissing) {
  for (const bool is_compressed : {false, true}) {
    SCOPED_TRACE(is_compressed);
    cursors_.clear();
    const std::string older = Records(8);
    const std::string newer = Records(9);
    dir_.Write("pacct.1", older);
    dir_.Write("pacct", newer);
    Read();
    Remove("pacct.1");
    const std::string name = is_compressed ? "pacct.1.gz" : "pacct.1";
    const std::string joined = older + newer + Records(1) + newer + Records(2);
    dir_.Write(name, is_compressed ? Gzipped(joined) : joined);
    dir_.Write("pacct", Records(1));
    const NewRecords read = Read();
    EXPECT_EQ(read.records, 4u);
    EXPECT_FALSE(read.has_gap);
    ASSERT_EQ(read.known.size(), 2u);
    EXPECT_EQ(read.known[0].path, dir_.Path(name));
    EXPECT_EQ(read.known[0].begin, 8 * kRecord);
    EXPECT_EQ(read.known[0].end, 17 * kRecord);
    EXPECT_EQ(read.known[1].begin, 18 * kRecord);
    EXPECT_EQ(read.known[1].end, 27 * kRecord);
    EXPECT_EQ(Read().records, 0u);
    Remove(name);
  }
}

TEST_F(NewRecordsTest, ABeginningWithoutTheEndOfTheGenerationIsNotKnown) {
  const std::string newer = Records(9);
  dir_.Write("pacct", Records(1));
  dir_.Write("pacct.1", newer);
  Read();
  Remove("pacct.1");
  dir_.Append("pacct", newer.substr(0, 8 * kRecord) + Records(1));
  const NewRecords read = Read();
  EXPECT_EQ(read.records, 9u);
  EXPECT_TRUE(read.known.empty());
}

// What is written after the listing is for the next run.
TEST_F(NewRecordsTest, AGenerationThatIsNotYetAppendedToItsEndIsNotKnown) {
  const std::string newer = Records(9);
  dir_.Write("pacct", Records(1));
  dir_.Write("pacct.1", newer);
  Read();
  Remove("pacct.1");
  dir_.Append("pacct", newer.substr(0, 8 * kRecord));
  const ConsistentListing listing = ListAll();
  dir_.Append("pacct", newer.substr(8 * kRecord));
  const NewRecords read = Read(listing);
  EXPECT_EQ(read.records, 8u);
  EXPECT_TRUE(read.known.empty());
  EXPECT_EQ(CursorOf("pacct").offset, 9 * kRecord);
}

// Short commands leave the same record many times.
TEST_F(NewRecordsTest, AGenerationIsKnownAgainByAProcessIdOrByDifferentRecords) {
  const std::string alone = EndedAt(5000);
  const std::string with_pid = RecordBuilder().Pid(7).BeginTime(kBegin + 6000).Bytes();
  const struct {
    const char* what;
    std::string content;
    bool is_known;
  } kCases[] = {
      {"one record", alone, false},
      {"one record with a process id", with_pid, true},
      {"two records that are alike", Repeat(alone, 2), false},
      {"two records with a process id that are alike", Repeat(with_pid, 2), false},
      {"two records", alone + EndedAt(5001), true},
      {"three records, the last of which is like the first", alone + EndedAt(5001) + alone, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    cursors_.clear();
    dir_.Write("pacct.1", c.content);
    dir_.Write("pacct", Records(1));
    Read();
    Remove("pacct.1");
    dir_.Append("pacct", c.content);
    const NewRecords read = Read();
    EXPECT_EQ(read.known.size(), c.is_known ? 1u : 0u);
    EXPECT_EQ(read.records, c.is_known ? 0u : c.content.size() / kRecord);
  }
}

TEST_F(NewRecordsTest, WhatIsTornAtTheEndOfACompleteFileIsReportedOnce) {
  dir_.Write("pacct.1", Records(2) + "torn");
  dir_.Write("pacct", Records(1) + "torn");
  const NewRecords read = Read();
  ASSERT_EQ(read.inputs.size(), 2u);
  EXPECT_EQ(read.inputs[0].trailing_bytes, 4u);
  // The kernel may still be writing this one.
  EXPECT_EQ(read.inputs[1].trailing_bytes, 0u);
  // With another time it has to be read again.
  SetAge("pacct.1", absl::Hours(1));
  EXPECT_TRUE(Read().inputs.empty());
  dir_.Append("pacct.1", "again");
  const NewRecords again = Read();
  ASSERT_EQ(again.inputs.size(), 1u);
  EXPECT_EQ(again.inputs[0].trailing_bytes, 9u);
}

TEST_F(NewRecordsTest, RecordsAfterTheScanAreMarked) {
  dir_.Write("pacct", RecordBuilder().Pid(7).BeginTime(kBegin).Bytes() +
                          RecordBuilder().Pid(8).BeginTime(kBegin + 1).Bytes() +
                          RecordBuilder().Pid(9).BeginTime(kBegin + 2).Bytes());
  ConsistentListing listing = ListAll();
  listing.scan_offsets = {kRecord};
  const NewRecords read = Read(listing, {.watched_pids = {7, 8}});
  ASSERT_EQ(read.totals.exits.size(), 2u);
  EXPECT_EQ(read.totals.exits[0].pid, 7u);
  EXPECT_FALSE(read.totals.exits[0].after_scan);
  EXPECT_EQ(read.totals.exits[1].pid, 8u);
  EXPECT_TRUE(read.totals.exits[1].after_scan);
}

TEST_F(NewRecordsTest, AFileThatWasReplacedAfterItWasListedIsAnError) {
  dir_.Write("pacct", Records(2));
  ConsistentListing listing = ListAll();
  ASSERT_EQ(listing.generations.size(), 1u);
  // One that is not held open, as if there were many.
  acct::Generation replaced;
  replaced.path = Pacct();
  replaced.size = 2 * kRecord;
  replaced.device = listing.generations[0].device;
  replaced.inode = listing.generations[0].inode + 1;
  replaced.is_current = true;
  replaced.has_usual_name = true;
  listing.generations = {replaced};
  const absl::Status status = ReadNewRecords(listing, cursors_, BucketTotals(), now_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), absl::StrCat(Pacct(), ": was replaced while it was read; run again"));
}

}  // namespace
}  // namespace cpuagg::aggregate
