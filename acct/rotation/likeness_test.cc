#include "acct/rotation/likeness.h"

#include <string>

#include "absl/status/statusor.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::TempDir;

std::string Head(const std::string& content) {
  const TempDir dir;
  const absl::StatusOr<GenerationListing> listing =
      ListGenerations({.path = dir.Write("pacct", content)}, {});
  EXPECT_TRUE(listing.ok()) << listing.status();
  const absl::StatusOr<std::string> head = HeadOf(listing->generations.at(0));
  EXPECT_TRUE(head.ok()) << head.status();
  return *head;
}

TEST(LikenessTest, FilesAreAlikeAsFarAsBothGo) {
  EXPECT_TRUE(AreAlike("abcd", "abcd"));
  EXPECT_TRUE(AreAlike("abcd", "ab"));
  EXPECT_FALSE(AreAlike("abcd", "abce"));
  EXPECT_FALSE(AreAlike("abcd", ""));
}

TEST(LikenessTest, ZerosTellNothing) {
  const std::string zeros(64, '\0');
  EXPECT_FALSE(AreAlike(zeros, zeros));
  EXPECT_FALSE(AreAlike(zeros + "a", zeros));
  EXPECT_TRUE(AreAlike(zeros + "ab", zeros + "a"));
  EXPECT_EQ(CommonBeginning(zeros + "a", zeros), zeros);
}

TEST(LikenessTest, BehindZerosTheFirstBytesAndTheirPlaceTell) {
  for (const size_t count : {256, 257, 4096, 3'000'000}) {
    SCOPED_TRACE(count);
    const std::string zeros(count, '\0');
    EXPECT_TRUE(AreAlike(Head(zeros + "abcd"), Head(zeros + "abcd")));
    EXPECT_TRUE(AreAlike(Head(zeros + "abcd"), Head(zeros + "ab")));
    EXPECT_FALSE(AreAlike(Head(zeros + "abcd"), Head(zeros + "abce")));
    EXPECT_FALSE(AreAlike(Head(zeros + "abcd"), Head(zeros + '\0' + "abcd")));
    EXPECT_FALSE(AreAlike(Head(zeros), Head(zeros)));
  }
}

TEST(LikenessTest, OnlyRecordsOfVersionThreeHaveAProcessId) {
  EXPECT_TRUE(HasPid(RecordBuilder().Pid(7).Bytes()));
  EXPECT_FALSE(HasPid(RecordBuilder().Pid(0).Bytes()));
  EXPECT_FALSE(HasPid(RecordBuilder(2).Bytes()));
  EXPECT_FALSE(HasPid(std::string(64, '\0')));
  EXPECT_FALSE(HasPid(""));
}

}  // namespace
}  // namespace cpuagg::acct
