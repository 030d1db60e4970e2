#include "aggregate/collect/read_range.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using testing::Gzipped;

constexpr uint32_t kBegin = 1'700'000'000;

class ReadRangeTest : public ::testing::Test {
 protected:
  // Each begins a second after the one before.
  static std::string Records(int count) {
    std::string records;
    for (int i = 0; i < count; ++i) {
      records += RecordBuilder().Uid(1).BeginTime(kBegin + static_cast<uint32_t>(i)).Bytes();
    }
    return records;
  }

  // Reads the range of the only file that was written.
  RangeRead Read(uint64_t begin, std::optional<uint64_t> end, const RangeOptions& options = {}) {
    const absl::StatusOr<acct::GenerationListing> listing =
        acct::ListGenerations({.path = dir_.Path("pacct")}, {});
    EXPECT_TRUE(listing.ok()) << listing.status();
    absl::StatusOr<RangeRead> read =
        ReadRange(listing->generations.at(0), {.begin = begin, .end = end}, options, totals_);
    EXPECT_TRUE(read.ok()) << read.status();
    return *std::move(read);
  }
  uint64_t BytesOf(absl::string_view name) const {
    return std::filesystem::file_size(dir_.Path(name));
  }

  acct::testing::TempDir dir_;
  BucketTotals totals_;
};

TEST_F(ReadRangeTest, WhatFollowsTheBeginningCounts) {
  const std::string content = Records(5);
  dir_.Write("pacct", content);
  totals_.span.Cover(5, 6);
  const RangeRead read = Read(2 * 64, 5 * 64);
  EXPECT_EQ(read.account.records, 3u);
  EXPECT_EQ(read.span.first_begin, kBegin + 2);
  EXPECT_EQ(totals_.span.first_begin, 5) << "covers what was read before as well";
  ASSERT_TRUE(read.cursor.has_value());
  EXPECT_EQ(read.cursor->offset, 5u * 64);
  EXPECT_EQ(read.cursor->head, content.substr(0, 256));
  EXPECT_EQ(read.cursor->sealed_bytes, 5u * 64);
}

TEST_F(ReadRangeTest, WhereOtherCodeReadsOnThereIsNoCursor) {
  dir_.Write("pacct", Records(5));
  const RangeRead read = Read(0, 3 * 64);
  EXPECT_EQ(read.account.records, 3u);
  EXPECT_FALSE(read.cursor.has_value());
}

TEST_F(ReadRangeTest, ATornRecordIsLeftWhileTheKernelWrites) {
  dir_.Write("pacct", Records(2) + "torn");
  const RangeRead read = Read(0, 2 * 64 + 4);
  EXPECT_EQ(read.account.trailing_bytes, 0u);
  EXPECT_EQ(read.account.bytes, 2u * 64);
  ASSERT_TRUE(read.cursor.has_value());
  EXPECT_EQ(read.cursor->offset, 2u * 64);
  EXPECT_EQ(read.cursor->sealed_bytes, 0u) << "the rest of the record is still to be read";
}

TEST_F(ReadRangeTest, ATornRecordOfACompleteFileIsReportedOnce) {
  dir_.Write("pacct", Records(2) + "torn");
  const RangeRead read = Read(0, 2 * 64 + 4, {.is_complete = true});
  EXPECT_EQ(read.account.trailing_bytes, 4u);
  ASSERT_TRUE(read.cursor.has_value());
  EXPECT_EQ(read.cursor->offset, 2u * 64);
  EXPECT_EQ(read.cursor->trailing_bytes, 4u);
  EXPECT_EQ(read.cursor->sealed_bytes, 2u * 64 + 4);
  const RangeRead again = Read(2 * 64, 2 * 64 + 4, {.is_complete = true, .reported_torn_bytes = 4});
  EXPECT_EQ(again.account.trailing_bytes, 0u);
  EXPECT_EQ(again.account.bytes, 0u);
}

// They can be trusted once a regular one follows.
TEST_F(ReadRangeTest, OddRecordsAtTheBeginningAreLeftWhileTheKernelWrites) {
  dir_.Write("pacct", RecordBuilder().BeginTime(0).Bytes());
  const RangeRead read = Read(0, 64);
  EXPECT_EQ(read.account.skipped_bytes, 0u);
  EXPECT_FALSE(read.cursor.has_value());
  const RangeRead complete = Read(0, 64, {.is_complete = true});
  EXPECT_EQ(complete.account.skipped_bytes, 64u);
  EXPECT_TRUE(complete.cursor.has_value());
}

TEST_F(ReadRangeTest, AnEmptyFileHasACursorOnceItIsComplete) {
  dir_.Write("pacct", "");
  EXPECT_FALSE(Read(0, 0).cursor.has_value());
  EXPECT_TRUE(Read(0, 0, {.is_complete = true}).cursor.has_value());
}

TEST_F(ReadRangeTest, ACompressedFileIsReadFromTheSamePlaceAndSealed) {
  const std::string content = Records(20);
  dir_.Write("pacct", Gzipped(content + "torn"));
  const RangeRead read = Read(7 * 64, std::nullopt);
  EXPECT_EQ(read.account.records, 13u);
  EXPECT_EQ(read.account.trailing_bytes, 4u);
  ASSERT_TRUE(read.cursor.has_value());
  EXPECT_EQ(read.cursor->offset, 20u * 64);
  EXPECT_EQ(read.cursor->head, content.substr(0, 256));
  EXPECT_EQ(read.cursor->tail, content.substr(content.size() - 256));
  EXPECT_EQ(read.cursor->trailing_bytes, 4u);
  EXPECT_EQ(read.cursor->sealed_bytes, BytesOf("pacct"));
}

TEST_F(ReadRangeTest, OfACompressedFileNoMoreThanTheRangeCounts) {
  dir_.Write("pacct", Gzipped(Records(20)));
  const RangeRead read = Read(7 * 64, 9 * 64);
  EXPECT_EQ(read.account.records, 2u);
  EXPECT_EQ(read.span.last_end, kBegin + 8);
  EXPECT_FALSE(read.cursor.has_value());
}

}  // namespace
}  // namespace cpuagg::aggregate
