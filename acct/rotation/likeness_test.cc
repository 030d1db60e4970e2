#include "acct/rotation/likeness.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/rotation/cursor.h"
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

// The blocks of two sources have different lengths: one may be mapped, the other decompressed.
class Blocks : public ByteSource {
 public:
  Blocks(std::string content, size_t block) : content_(std::move(content)), block_(block) {}
  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    const absl::string_view next = absl::string_view(content_).substr(at_, block_);
    at_ += next.size();
    return absl::Span(reinterpret_cast<const uint8_t*>(next.data()), next.size());
  }
  void WillRead(absl::Span<const uint8_t>) const override {}
  const std::string& damage() const override { return damage_; }
  uint64_t size_hint() const override { return 0; }

 private:
  const std::string content_;
  const std::string damage_;
  const size_t block_;
  size_t at_ = 0;
};

TEST(LikenessTest, TheCommonLengthEndsWithTheFirstDifferenceOrTheShorterContent) {
  const std::string content = "abcdefghij";
  for (const size_t block_of_a : {1, 3, 4, 100}) {
    for (const size_t block_of_b : {1, 3, 4, 100}) {
      for (size_t common = 0; common <= content.size(); ++common) {
        for (const std::string tail : {"", "x", "xyz0123456789"}) {
          Blocks a(content, block_of_a);
          Blocks b(content.substr(0, common) + tail, block_of_b);
          EXPECT_EQ(CommonLength(a, b).value_or(99), common) << block_of_a << " " << block_of_b;
        }
      }
    }
  }
}

TEST(LikenessTest, AFileReachesACursorIfItHasWhatCameBeforeTheOffset) {
  const TempDir dir;
  const absl::StatusOr<GenerationListing> listing =
      ListGenerations({.path = dir.Write("pacct", "0123456789")}, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  const struct {
    Cursor cursor;
    Fit fit;
  } kCases[] = {
      {{.offset = 10, .tail = "6789"}, Fit::kReaches},
      {{.offset = 8, .tail = "4567"}, Fit::kReaches},
      {{.offset = 8, .tail = "x567"}, Fit::kNone},
      {{.offset = 11, .tail = "789a"}, Fit::kShorter},
      // A cursor that a file has, and so may be wrong: there is nothing before the beginning.
      {{.offset = 1, .tail = "90"}, Fit::kNone},
  };
  for (const auto& row : kCases) {
    const absl::StatusOr<Reach> reach = ReachOfPlain(listing->generations.at(0), {row.cursor}, {0});
    ASSERT_TRUE(reach.ok()) << reach.status();
    EXPECT_EQ(reach->fits, std::vector<Fit>{row.fit}) << row.cursor.tail;
    Blocks content("0123456789", 3);
    const absl::StatusOr<Reach> same = ReachOfContent(content, {row.cursor}, {0}, /*to_end=*/false);
    ASSERT_TRUE(same.ok()) << same.status();
    EXPECT_EQ(same->fits, std::vector<Fit>{row.fit}) << row.cursor.tail;
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
