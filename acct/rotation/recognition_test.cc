#include "acct/rotation/recognition.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/io/file.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"
#include "acct/rotation/sealed_cursor.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

Cursor CursorOf(const std::string& path, uint64_t offset) {
  absl::StatusOr<File> file = File::OpenForReading(path);
  EXPECT_TRUE(file.ok()) << file.status();
  absl::StatusOr<Cursor> cursor = CursorAt(*file, offset);
  EXPECT_TRUE(cursor.ok()) << cursor.status();
  return *cursor;
}

std::vector<std::optional<size_t>> Recognised(const std::string& path,
                                              const std::vector<Cursor>& cursors) {
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, cursors);
  EXPECT_TRUE(listing.ok()) << listing.status();
  absl::StatusOr<std::vector<KnownGeneration>> known = Recognise(listing->generations, cursors);
  EXPECT_TRUE(known.ok()) << known.status();
  std::vector<std::optional<size_t>> result;
  for (const KnownGeneration& generation : *known) result.push_back(generation.cursor);
  return result;
}

using Result = std::vector<std::optional<size_t>>;

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

std::string Numbered(int from, int to) {
  std::string content;
  for (int i = from; i < to; ++i) {
    std::string record(64, static_cast<char>('a' + i % 26));
    record.replace(0, 8, std::to_string(10'000'000 + i));
    content += record;
  }
  return content;
}

void Compress(const std::string& path) { ASSERT_EQ(std::system(("gzip -n " + path).c_str()), 0); }

std::vector<KnownGeneration> Known(const std::string& path, const std::vector<Cursor>& cursors) {
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, cursors);
  EXPECT_TRUE(listing.ok()) << listing.status();
  absl::StatusOr<std::vector<KnownGeneration>> known = Recognise(listing->generations, cursors);
  EXPECT_TRUE(known.ok()) << known.status();
  return *known;
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

// While a file is compressed, copied, or copied and truncated, its content exists twice.
TEST(RecognitionTest, OfSeveralFilesWithTheSameContentOneIsRead) {
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

TEST(RecognitionTest, ACopyThatReachesTheCursorIsPreferredToATruncatedFile) {
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

TEST(RecognitionTest, ACopyThatReachesTheCursorIsPreferredToAFileCutShorter) {
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
TEST(RecognitionTest, AnotherFileThatEndsBeforeTheCursorHoldsNothingNew) {
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
TEST(RecognitionTest, OfSeveralCursorsTheFurthestCounts) {
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

TEST(RecognitionTest, WhatReachesFurthestIsRead) {
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

TEST(RecognitionTest, ACompressorThatHasWrittenNothingYetHoldsNothing) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 10));
  dir.Write("pacct.1.bz2", "BZh9");
  dir.Write("pacct.2.bz2", "BZh91AY&SY");
  const std::vector<KnownGeneration> known = Known(path, {});
  ASSERT_EQ(known.size(), 4u);
  EXPECT_FALSE(known[1].holds_nothing_new);
  EXPECT_TRUE(known[2].holds_nothing_new);
  // There is no other file like this one: it is damaged.
  EXPECT_FALSE(known[3].holds_nothing_new);
}

TEST(RecognitionTest, ADecompressorThatHasWrittenNothingYetHoldsNothing) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 10));
  Compress(dir.Path("pacct.1"));
  dir.Write("pacct.1", Numbered(0, 1).substr(0, 30));
  const std::vector<KnownGeneration> known = Known(path, {});
  ASSERT_EQ(known.size(), 3u);
  EXPECT_NE(known[1].holds_nothing_new, known[2].holds_nothing_new);
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

// The inode of a file that was compressed is reused by a copy that ends early.
TEST(RecognitionTest, ACopyIsNotCutOffIfTheFileItselfIsFound) {
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

// Whether the kernel may have written what nobody can read any more.
bool HasGap(const std::vector<Cursor>& cursors, const std::vector<KnownGeneration>& known) {
  return !PlanReading(cursors, known).missing.empty();
}

// A copy that was read to its end has all that had been read of the file.
TEST(RecognitionTest, ACopyThatWasReadContinuesItsFileWhenThatIsGone) {
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
TEST(RecognitionTest, OfAFileThatWasCopiedAndTruncatedNothingIsLostIfItHadBeenReadFurther) {
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
