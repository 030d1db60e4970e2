#include "acct/rotation/recognition.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/known_files.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
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

using Result = std::vector<std::optional<size_t>>;

// The cursor of each file.
Result Recognised(const std::string& path, const std::vector<Cursor>& cursors) {
  Result result;
  for (const KnownGeneration& generation : Known(path, cursors)) {
    result.push_back(generation.cursor);
  }
  return result;
}

TEST(RecognitionTest, ARenamedFileIsKnownByItsContent) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  EXPECT_EQ(Recognised(path, {cursor}), (Result{0}));
  dir.Write("pacct.0", std::string(640, 'a') + "grown");
  dir.Write("pacct", std::string(1000, 'b'));
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt, 0}));
}

TEST(RecognitionTest, AnotherFileWithTheSameInodeIsNotMistaken) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct", std::string(640, 'b'));  // truncates and rewrites: the inode stays the same
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt}));
}

TEST(RecognitionTest, AFileCutShorterIsStillTheSame) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  Cursor cursor = CursorOf(path, 640);
  cursor.may_grow = true;
  dir.Write("pacct", std::string(576, 'a'));
  EXPECT_EQ(Recognised(path, {cursor}), (Result{0}));
}

TEST(RecognitionTest, ACompressedGenerationIsKnownByItsContent) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct.1", Numbered(0, 12));
  Compress(dir.Path("pacct.1"));
  dir.Write("pacct", Numbered(50, 60));
  const std::vector<KnownGeneration> known = Known(path, {cursor});
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[0].cursor, std::nullopt);
  EXPECT_EQ(known[1].cursor, 0u);
  EXPECT_EQ(known[1].size, std::nullopt);
  EXPECT_FALSE(known[1].holds_nothing_new);
}

TEST(RecognitionTest, WhatIsSealedIsNotOpenedAgain) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 12));
  Compress(dir.Path("pacct.1"));
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  ASSERT_TRUE(listing.ok());
  const Generation& old = listing->generations[1];
  // A fingerprint that fits nothing: only the seal can have been used.
  const Cursor cursor = {.offset = 1,
                         .head = "?",
                         .tail = "?",
                         .device = old.device,
                         .inode = old.inode,
                         .sealed_bytes = old.size,
                         .sealed_nanos = old.modified_nanos};
  EXPECT_TRUE(Known(path, {cursor})[1].holds_nothing_new);
  Cursor other = cursor;
  other.sealed_nanos += 1;
  EXPECT_FALSE(Known(path, {other})[1].holds_nothing_new);
}

// A file that was truncated in place and written to again.
TEST(RecognitionTest, AFileCutShorterGoesOnFromItsNewEnd) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  Cursor before = CursorOf(path, 640);
  before.is_gone = true;
  dir.Write("pacct", Numbered(0, 5));
  const Cursor cut = CursorOf(path, 320);
  dir.Append("pacct", Numbered(50, 52));
  const std::vector<KnownGeneration> known = Known(path, {cut, before});
  EXPECT_EQ(known[0].cursor, 0u);
  EXPECT_FALSE(known[0].holds_nothing_new);
}

// Thousands of them are looked up, not compared pairwise.
TEST(RecognitionTest, EachOfManyGenerationsIsKnown) {
  const TempDir dir;
  constexpr int kGenerations = 500;
  std::vector<Cursor> cursors;
  for (int i = 0; i < kGenerations; ++i) {
    const std::string name = "pacct." + std::to_string(i);
    cursors.push_back(CursorOf(dir.Write(name, Numbered(10 * i, 10 * i + 8)), 512));
    cursors.back().inode = 0;
  }
  std::reverse(cursors.begin(), cursors.end());
  const std::vector<KnownGeneration> known = Known(dir.Path("pacct"), cursors);
  ASSERT_EQ(known.size(), static_cast<size_t>(kGenerations));
  for (size_t g = 0; g < known.size(); ++g) EXPECT_EQ(known[g].cursor, kGenerations - 1 - g);
}

TEST(RecognitionTest, ADifferenceInTheMarkAtTheEndIsSeen) {
  const TempDir dir;
  std::string content(6400, 'a');
  const std::string path = dir.Write("pacct", content);
  Cursor cursor = CursorOf(path, 6400);
  content[6399] = 'b';
  dir.Write("pacct", content);
  // It was truncated and has grown again.
  for (const bool may_grow : {false, true}) {
    cursor.may_grow = may_grow;
    const std::vector<KnownGeneration> known = Known(path, {cursor});
    EXPECT_EQ(known[0].cursor, 0u);
    EXPECT_EQ(known[0].resumes_at, 6400u);
  }
  // Another file has its inode now.
  cursor.born_nanos = 1;
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt}));
}

// Somebody has appended records to a complete generation that had once been truncated.
TEST(RecognitionTest, WhatWasCutOffStillContinuesWhatItHas) {
  const auto ended = [](int from, int count) {
    std::string records;
    for (int second = from; second < from + count; ++second) {
      records += testing::RecordBuilder()
                     .Pid(1 + static_cast<uint32_t>(second))
                     .BeginTime(1'700'000'000 + static_cast<uint32_t>(second))
                     .Bytes();
    }
    return records;
  };
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  Cursor gone = CursorOf(dir.Write("pacct.1", ended(0, 10)), 640);
  gone.is_gone = true;
  const Cursor present = CursorOf(dir.Write("pacct.1", ended(0, 4)), 256);
  dir.Write("pacct.1", ended(0, 4) + ended(20, 2));
  const std::vector<KnownGeneration> known = Known(path, {present, gone});
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[1].resumes_at, 256u);
  EXPECT_EQ(known[1].cursor, 1u);
  EXPECT_EQ(known[1].also_continues, std::vector<size_t>{0});
}

// The cursor of the file at `path`, which is empty.
Cursor CursorOfEmpty(const std::string& path) {
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  EXPECT_TRUE(listing.ok()) << listing.status();
  const Generation& generation = listing->generations.at(0);
  EXPECT_EQ(generation.size, 0u);
  return {.device = generation.device,
          .inode = generation.inode,
          .sealed_nanos = generation.modified_nanos,
          .born_nanos = generation.born_nanos,
          .may_grow = true};
}

TEST(RecognitionTest, AFileThatWasEmptyIsKnownByItsInode) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "");
  const Cursor empty = CursorOfEmpty(path);
  // A complete generation, which rotation has removed meanwhile.
  const Cursor removed = {.offset = 640, .head = Numbered(0, 4), .tail = Numbered(6, 10)};
  const std::vector<Cursor> cursors = {empty, removed};
  std::vector<KnownGeneration> known = Known(path, cursors);
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].cursor, 0u);
  EXPECT_FALSE(HasGap(cursors, known));
  // It was renamed, and has records.
  ASSERT_EQ(std::rename(path.c_str(), dir.Path("pacct.0").c_str()), 0);
  dir.Append("pacct.0", Numbered(50, 53));
  dir.Write("pacct", "");
  known = Known(path, cursors);
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[0].cursor, std::nullopt);
  EXPECT_EQ(known[1].cursor, 0u);
  EXPECT_FALSE(HasGap(cursors, known));
}

// With the generation before it gone too, many copies may have come and gone.
TEST(RecognitionTest, AFileThatWasEmptyAndHasRecordsUnderItsOwnNameMayHaveBeenTruncatedMeanwhile) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "");
  const std::vector<Cursor> cursors = {
      CursorOfEmpty(path), {.offset = 640, .head = Numbered(0, 4), .tail = Numbered(6, 10)}};
  dir.Append("pacct", Numbered(50, 53));
  const std::vector<KnownGeneration> known = Known(path, cursors);
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].cursor, std::nullopt);
  EXPECT_TRUE(HasGap(cursors, known));
}

TEST(RecognitionTest, ACursorWhosePartsDisagreeFitsNothing) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  EXPECT_EQ(Recognised(path, {Cursor{}}), (Result{std::nullopt}));
  EXPECT_EQ(Recognised(path, {Cursor{.offset = 1, .head = "a", .tail = "aa"}}),
            (Result{std::nullopt}));
}

}  // namespace
}  // namespace cpuagg::acct
