#include "acct/rotation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/cursor.h"
#include "acct/file.h"
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
  absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(path);
  EXPECT_TRUE(generations.ok()) << generations.status();
  absl::StatusOr<std::vector<KnownGeneration>> known = Recognise(*generations, cursors);
  EXPECT_TRUE(known.ok()) << known.status();
  std::vector<std::optional<size_t>> result;
  for (const KnownGeneration& generation : *known) result.push_back(generation.cursor);
  return result;
}

using Result = std::vector<std::optional<size_t>>;

TEST(RotationTest, FindsTheGenerationsNewestFirst) {
  const TempDir dir;
  dir.Write("pacct", "new");
  dir.Write("pacct.0", "older");
  absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(dir.Path("pacct"));
  ASSERT_TRUE(generations.ok());
  ASSERT_EQ(generations->size(), 2u);
  EXPECT_EQ((*generations)[0].size, 3u);
  EXPECT_EQ((*generations)[1].size, 5u);
}

TEST(RotationTest, TheMomentBetweenRenameAndRestartHasOnlyTheOldGeneration) {
  const TempDir dir;
  dir.Write("pacct.0", "older");
  absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(dir.Path("pacct"));
  ASSERT_TRUE(generations.ok());
  EXPECT_EQ(generations->size(), 1u);
}

TEST(RotationTest, NoFileAtAllIsNotFoundAndNamesTheFlag) {
  const TempDir dir;
  const absl::Status status = OpenGenerations(dir.Path("pacct")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("--accounting-file"), std::string::npos);
}

// savelog links the file to its new name first, and may be interrupted then.
TEST(RotationTest, OneFileUnderTwoNamesIsOneGeneration) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  ASSERT_EQ(link(path.c_str(), dir.Path("pacct.0").c_str()), 0);
  dir.Write("pacct.1", "y");
  const absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(path);
  ASSERT_TRUE(generations.ok()) << generations.status();
  ASSERT_EQ(generations->size(), 2u);
  EXPECT_EQ((*generations)[0].file.path(), path);
}

TEST(RotationTest, ALinkToNothingIsNoGeneration) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  ASSERT_EQ(symlink("nowhere", dir.Path("pacct.0").c_str()), 0);
  const absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(path);
  ASSERT_TRUE(generations.ok()) << generations.status();
  EXPECT_EQ(generations->size(), 1u);
}

TEST(RotationTest, APipeIsRefused) {
  const TempDir dir;
  const std::string path = dir.Path("pacct");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  // A writer, so that opening the pipe does not wait for one.
  FILE* const writer = fopen(path.c_str(), "r+");
  ASSERT_NE(writer, nullptr);
  EXPECT_EQ(OpenGenerations(path).status().code(), absl::StatusCode::kInvalidArgument);
  fclose(writer);
}

TEST(RotationTest, ARenamedFileIsKnownByItsContent) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  EXPECT_EQ(Recognised(path, {cursor}), (Result{0}));
  dir.Write("pacct.0", std::string(640, 'a') + "grown");
  dir.Write("pacct", std::string(1000, 'b'));
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt, 0}));
}

TEST(RotationTest, AnotherFileWithTheSameInodeIsNotMistaken) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct", std::string(640, 'b'));  // truncates and rewrites: the inode stays
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt}));
}

TEST(RotationTest, AFileCutShorterIsStillTheSame) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct", std::string(576, 'a'));
  EXPECT_EQ(Recognised(path, {cursor}), (Result{0}));
}

TEST(RotationTest, NamesOfEverySchemeAreInOrder) {
  const std::vector<std::vector<std::string>> schemes = {
      {"", ".0", ".1.gz", ".2.gz", ".10.gz"},
      {"", ".1", ".2.xz", ".9.zst", ".11.bz2"},
      {"", "-20261123", "-20261122.gz", "-20251231.gz"},
      {"", "-20261123-1795392000", "-20261123-1795388400.gz"},
      {"", ".20261123", ".20261122.gz"}};
  for (const std::vector<std::string>& names : schemes) {
    for (size_t i = 1; i < names.size(); ++i) {
      ASSERT_TRUE(AgeByName(names[i]).has_value()) << names[i];
      EXPECT_LT(AgeByName(names[i - 1]), AgeByName(names[i])) << names[i];
    }
  }
  for (const char* name : {".old", "2", "-1", ".1.txt", "_2", ".gz.1", ".", "..", ".1.",
                           ".99999999999999999999", "x.1"}) {
    EXPECT_FALSE(AgeByName(name).has_value()) << name;
  }
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
  absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(path);
  EXPECT_TRUE(generations.ok()) << generations.status();
  absl::StatusOr<std::vector<KnownGeneration>> known = Recognise(*generations, cursors);
  EXPECT_TRUE(known.ok()) << known.status();
  return *known;
}

TEST(RotationTest, ACompressedGenerationIsKnownByItsContent) {
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

TEST(RotationTest, WhatIsSealedIsNotOpenedAgain) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 12));
  Compress(dir.Path("pacct.1"));
  absl::StatusOr<std::vector<Generation>> generations = OpenGenerations(path);
  ASSERT_TRUE(generations.ok());
  const Generation& old = (*generations)[1];
  // Marks that fit nothing: only the seal can have been looked at.
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

// While a file is compressed, copied or copied and truncated, its content is there twice.
TEST(RotationTest, OfSeveralFilesWithTheSameContentOneIsRead) {
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

TEST(RotationTest, ACopyThatReachesTheCursorIsPreferredToATruncatedFile) {
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

TEST(RotationTest, ACopyThatReachesTheCursorIsPreferredToAFileCutShorter) {
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

// A file that is cut shorter may grow again; what is compressed will not.
TEST(RotationTest, WhatIsCompressedAndEndsBeforeTheCursorHoldsNothingNew) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Numbered(0, 10));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct", Numbered(50, 60));
  dir.Write("pacct.1", Numbered(0, 5));
  EXPECT_FALSE(Known(path, {cursor})[1].holds_nothing_new);
  Compress(dir.Path("pacct.1"));
  EXPECT_TRUE(Known(path, {cursor})[1].holds_nothing_new);
}

TEST(RotationTest, ADifferenceInTheMarkAtTheEndIsSeen) {
  const TempDir dir;
  std::string content(6400, 'a');
  const std::string path = dir.Write("pacct", content);
  const Cursor cursor = CursorOf(path, 6400);
  content[6399] = 'b';
  dir.Write("pacct", content);
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt}));
}

TEST(RotationTest, TheInodeDecidesBetweenEqualContents) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  ASSERT_EQ(std::rename(path.c_str(), dir.Path("pacct.0").c_str()), 0);
  dir.Write("pacct", std::string(6400, 'a'));
  const std::vector<KnownGeneration> known = Known(path, {cursor});
  EXPECT_TRUE(known[0].holds_nothing_new);
  EXPECT_FALSE(known[1].holds_nothing_new);
}

TEST(RotationTest, ACursorWhosePartsDisagreeFitsNothing) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  EXPECT_EQ(Recognised(path, {Cursor{}}), (Result{std::nullopt}));
  EXPECT_EQ(Recognised(path, {Cursor{.offset = 1, .head = "a", .tail = "aa"}}),
            (Result{std::nullopt}));
}

}  // namespace
}  // namespace cpuagg::acct
