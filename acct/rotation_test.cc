#include "acct/rotation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
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
  absl::StatusOr<std::vector<OpenGeneration>> generations = OpenGenerations(path);
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
  absl::StatusOr<std::vector<OpenGeneration>> generations = OpenGenerations(dir.Path("pacct"));
  ASSERT_TRUE(generations.ok());
  ASSERT_EQ(generations->size(), 2u);
  EXPECT_EQ((*generations)[0].size, 3u);
  EXPECT_EQ((*generations)[1].size, 5u);
}

TEST(RotationTest, TheMomentBetweenRenameAndRestartHasOnlyTheOldGeneration) {
  const TempDir dir;
  dir.Write("pacct.0", "older");
  absl::StatusOr<std::vector<OpenGeneration>> generations = OpenGenerations(dir.Path("pacct"));
  ASSERT_TRUE(generations.ok());
  EXPECT_EQ(generations->size(), 1u);
}

TEST(RotationTest, NoFileAtAllIsNotFoundAndNamesTheFlag) {
  const TempDir dir;
  const absl::Status status = OpenGenerations(dir.Path("pacct")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("--accounting-file"), std::string::npos);
}

TEST(RotationTest, OneFileUnderTwoNamesIsRefused) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  ASSERT_EQ(link(path.c_str(), dir.Path("pacct.0").c_str()), 0);
  EXPECT_EQ(OpenGenerations(path).status().code(), absl::StatusCode::kUnavailable);
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

TEST(RotationTest, AFileCutShorterThanWhatWasReadIsNotMistaken) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", std::string(640, 'a'));
  const Cursor cursor = CursorOf(path, 640);
  dir.Write("pacct", std::string(576, 'a'));
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt}));
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
  EXPECT_EQ(Recognised(path, {cursor}), (Result{std::nullopt, 0}));
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
