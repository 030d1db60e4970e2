// Files of which one has what another has, or a part of it: which of them is read.

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/known_files.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"
#include "acct/rotation/sealed_cursor.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::Compress;
using testing::CursorOf;
using testing::HasGap;
using testing::Known;
using testing::Numbered;
using testing::TempDir;

// While a file is compressed, copied, or copied and truncated, its content exists twice.
TEST(RecognitionCopiesTest, OfSeveralFilesWithTheSameContentOneIsRead) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 20));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct.1", Numbered(0, 15));
  dir.Write("pacct.2", Numbered(0, 5));
  dir.Write("pacct.3", Numbered(0, 20));
  Compress(dir.Path("pacct.3"));
  for (const std::vector<Cursor>& cursors : {std::vector<Cursor>{cursor}, std::vector<Cursor>{}}) {
    const std::vector<KnownGeneration> known = Known(path, cursors);
    ASSERT_EQ(known.size(), 4u);
    EXPECT_FALSE(known[0].holds_nothing_new);
    for (size_t g = 1; g < 4; ++g) EXPECT_TRUE(known[g].holds_nothing_new) << g;
  }
}

TEST(RecognitionCopiesTest, ACopyThatReachesTheCursorIsPreferredToATruncatedFile) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct.1", Numbered(0, 12));
  dir.Write("pacct", "");
  const std::vector<KnownGeneration> known = Known(path, {cursor});
  EXPECT_EQ(known[0].cursor, std::nullopt);
  EXPECT_EQ(known[1].cursor, 0u);
  EXPECT_FALSE(known[1].holds_nothing_new);
}

TEST(RecognitionCopiesTest, ACopyThatReachesTheCursorIsPreferredToAFileCutShorter) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct.1", Numbered(0, 12));
  dir.Write("pacct", Numbered(0, 5));  // the inode is still the cursor's
  const std::vector<KnownGeneration> known = Known(path, {cursor});
  EXPECT_TRUE(known[0].holds_nothing_new);
  EXPECT_EQ(known[1].cursor, 0u);
  EXPECT_FALSE(known[1].holds_nothing_new);
}

// It is an unfinished copy, or the rest of one.
TEST(RecognitionCopiesTest, AnotherFileThatEndsBeforeTheCursorHoldsNothingNew) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  const Cursor cursor = CursorOf(path, 640);
  ASSERT_EQ(std::rename(path.c_str(), dir.Path("aside").c_str()), 0);
  dir.Write("pacct", Numbered(50, 60));
  for (const int records : {1, 4, 5, 9}) {
    dir.Write("pacct.1", Numbered(0, records));
    const std::vector<KnownGeneration> known = Known(path, {cursor});
    EXPECT_TRUE(known[1].holds_nothing_new) << records;
    EXPECT_EQ(known[1].cursor, std::nullopt) << records;
  }
  Compress(dir.Path("pacct.1"));
  EXPECT_TRUE(Known(path, {cursor})[1].holds_nothing_new);
  std::remove(dir.Path("pacct.1.gz").c_str());
  // When it is finished, it continues where reading stopped.
  dir.Write("pacct.1", Numbered(0, 12));
  const std::vector<KnownGeneration> known = Known(path, {cursor});
  EXPECT_FALSE(known[1].holds_nothing_new);
  EXPECT_EQ(known[1].cursor, 0u);
}

// A copy made while the file grew has a cursor of its own. The original file continues from the
// other cursor, and a copy that grows has nothing that the original lacks.
TEST(RecognitionCopiesTest, OfSeveralCursorsTheFurthestCounts) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 15));
  const Cursor of_file = CursorOf(path, 640);
  dir.Write("pacct.copy", Numbered(0, 4));
  const Cursor of_copy = CursorOf(dir.Path("pacct.copy"), 256);
  for (const std::vector<Cursor>& cursors :
       {std::vector<Cursor>{of_file, of_copy}, std::vector<Cursor>{of_copy, of_file}}) {
    const size_t file = cursors[0] == of_file ? 0 : 1;
    dir.Write("pacct.1", Numbered(0, 6));
    const std::vector<KnownGeneration> known = Known(path, cursors);
    EXPECT_EQ(known[0].cursor, file);
    EXPECT_FALSE(known[0].holds_nothing_new);
    EXPECT_TRUE(known[1].holds_nothing_new);
  }
}

TEST(RecognitionCopiesTest, WhatReachesFurthestIsRead) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  // A copy made while it grew, or the rest of an interrupted gunzip.
  dir.Write("pacct.20261101", Numbered(0, 20));
  const Cursor cursor = CursorOf(dir.Path("pacct.20261101"), 1280);
  dir.Write("pacct.1", Numbered(0, 40));
  Compress(dir.Path("pacct.1"));
  for (const std::vector<Cursor>& cursors : {std::vector<Cursor>{cursor}, std::vector<Cursor>{}}) {
    const std::vector<KnownGeneration> known = Known(path, cursors);
    ASSERT_EQ(known.size(), 3u);
    EXPECT_FALSE(known[1].holds_nothing_new);
    EXPECT_EQ(known[1].size, std::nullopt);
    EXPECT_TRUE(known[2].holds_nothing_new);
  }
  // The copy is recognised by its cursor without being read.
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  ASSERT_TRUE(listing.ok());
  const absl::StatusOr<Cursor> sealed = CursorAtEnd(listing->generations[2]);
  ASSERT_TRUE(sealed.ok());
  const absl::StatusOr<Cursor> compressed = CursorAtEnd(listing->generations[1]);
  ASSERT_TRUE(compressed.ok());
  EXPECT_EQ(compressed->offset, 2560u);
  EXPECT_TRUE(Known(path, {*sealed})[2].holds_nothing_new);
  EXPECT_FALSE(Known(path, {*sealed})[1].holds_nothing_new);
  EXPECT_EQ(Known(path, {*sealed})[1].cursor, 0u);
}

TEST(RecognitionCopiesTest, ACompressorThatHasWrittenNothingYetHoldsNothing) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 10));
  dir.Write("pacct.1.bz2", "BZh9");
  dir.Write("pacct.2.bz2", "BZh91AY&SY");
  const std::vector<KnownGeneration> known = Known(path, {});
  ASSERT_EQ(known.size(), 4u);
  EXPECT_FALSE(known[1].holds_nothing_new);
  EXPECT_TRUE(known[2].holds_nothing_new);
  // No other file is like this one, so it is damaged.
  EXPECT_FALSE(known[3].holds_nothing_new);
}

TEST(RecognitionCopiesTest, ADecompressorThatHasWrittenNothingYetHoldsNothing) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 10));
  Compress(dir.Path("pacct.1"));
  dir.Write("pacct.1", Numbered(0, 1).substr(0, 30));
  const std::vector<KnownGeneration> known = Known(path, {});
  ASSERT_EQ(known.size(), 3u);
  EXPECT_NE(known[1].holds_nothing_new, known[2].holds_nothing_new);
}

// The inode of a file that was compressed is reused by a copy that ends early.
TEST(RecognitionCopiesTest, ACopyIsNotCutOffIfTheFileItselfIsFound) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 10));
  const Cursor renamed = CursorOf(dir.Path("pacct.1"), 640);
  Compress(dir.Path("pacct.1"));
  Cursor cursor = CursorOf(dir.Write("pacct.2", Numbered(0, 5)), 320);
  cursor.offset = renamed.offset;
  cursor.tail = renamed.tail;
  cursor.may_grow = true;
  const std::vector<KnownGeneration> known = Known(path, {cursor});
  ASSERT_EQ(known.size(), 3u);
  for (const KnownGeneration& generation : known) EXPECT_FALSE(generation.resumes_at.has_value());
}

// A copy that was read to its end has all that had been read of the file.
TEST(RecognitionCopiesTest, ACopyThatWasReadContinuesItsFileWhenThatIsGone) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  Cursor file = CursorOf(path, 640);
  file.may_grow = true;
  dir.Write("pacct.1", Numbered(0, 10));
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  const absl::StatusOr<Cursor> copy = CursorAtEnd(listing->generations.at(1));
  ASSERT_TRUE(copy.ok()) << copy.status();
  // Moved, not removed, so that no other file gets its inode.
  ASSERT_EQ(std::rename(path.c_str(), dir.Path("aside").c_str()), 0);
  dir.Write("pacct", Numbered(50, 52));
  const std::vector<Cursor> cursors = {file, *copy};
  const std::vector<KnownGeneration> known = Known(path, cursors);
  ASSERT_EQ(known.size(), 2u);
  EXPECT_TRUE(known[1].holds_nothing_new);
  EXPECT_EQ(known[1].cursor, 1u);
  EXPECT_EQ(known[1].also_continues, std::vector<size_t>{0});
  EXPECT_FALSE(HasGap(cursors, known));
}

// The copy was made before the last records were read.
TEST(RecognitionCopiesTest, OfAFileThatWasCopiedAndTruncatedNothingIsLostIfItHadBeenReadFurther) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  Cursor cursor = CursorOf(path, 640);
  cursor.may_grow = true;
  dir.Write("pacct.1", Numbered(0, 5));
  dir.Write("pacct", Numbered(50, 52));  // the inode is still the cursor's
  std::vector<KnownGeneration> known = Known(path, {cursor});
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[1].ends_before, std::vector<size_t>{0});
  EXPECT_FALSE(HasGap({cursor}, known));
  // Without a copy, nobody knows what came between.
  std::remove(dir.Path("pacct.1").c_str());
  known = Known(path, {cursor});
  ASSERT_EQ(known.size(), 1u);
  EXPECT_TRUE(HasGap({cursor}, known));
}

}  // namespace
}  // namespace cpuagg::acct
