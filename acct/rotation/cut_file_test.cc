#include "acct/rotation/cut_file.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"
#include "acct/rotation/cursor.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::TempDir;

constexpr uint64_t kBytes = 64;

// Records of processes that ended in the seconds [from, to) of some day.
std::string Ended(int from, int to, int version = 3) {
  std::string records;
  for (int second = from; second < to; ++second) {
    records += RecordBuilder(version)
                   .BeginTime(1'700'000'000 + static_cast<uint32_t>(second) - 5)
                   .Elapsed(500)
                   .Command("job")
                   .Bytes();
  }
  return records;
}

Cursor CursorOf(const std::string& content) {
  const TempDir dir;
  const absl::StatusOr<File> file = File::OpenForReading(dir.Write("pacct", content));
  EXPECT_TRUE(file.ok()) << file.status();
  const absl::StatusOr<Cursor> cursor = CursorAt(*file, content.size());
  EXPECT_TRUE(cursor.ok()) << cursor.status();
  return *cursor;
}

// Where the new part of `now` begins, if `before` has been read.
uint64_t Begin(const std::vector<std::string>& before, const std::string& now) {
  std::vector<Cursor> cursors;
  cursors.reserve(before.size());
  for (const std::string& content : before) cursors.push_back(CursorOf(content));
  std::vector<const Cursor*> pointers;
  pointers.reserve(before.size());
  for (const Cursor& cursor : cursors) pointers.push_back(&cursor);
  const TempDir dir;
  const absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(dir.Write("pacct", now));
  EXPECT_TRUE(source.ok()) << source.status();
  const absl::StatusOr<CutContent> found = FindNewAfterCut(**source, pointers);
  EXPECT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->end, now.size());
  return found->new_begin;
}

uint64_t Begin(const std::string& before, const std::string& now) {
  return Begin(std::vector<std::string>{before}, now);
}

TEST(CutFileTest, WhatEndedAfterAllThatHadBeenReadIsNew) {
  for (const int version : {2, 3}) {
    const std::string before = Ended(0, 10, version);
    for (const int left : {1, 5, 9}) {
      const std::string rest = before.substr(0, static_cast<size_t>(left) * kBytes);
      for (const int more : {0, 1, 3, 5, 7, 20}) {
        EXPECT_EQ(Begin(before, rest + Ended(20, 20 + more, version)), rest.size())
            << left << " " << more;
      }
    }
  }
}

TEST(CutFileTest, AnyNumberOfRecordsMayBeNew) {
  EXPECT_EQ(Begin(Ended(0, 10), Ended(0, 5) + Ended(20, 50'000)), 5 * kBytes);
  EXPECT_EQ(Begin(Ended(0, 10), Ended(20, 50'000)), 0u);
}

// Records of version 1 may be two bytes shorter.
TEST(CutFileTest, PackedRecordsAreNewAsWell) {
  const auto packed = [](int from, int to) {
    std::string records;
    for (int second = from; second < to; ++second) {
      records += Ended(second, second + 1, 1).substr(0, kPackedV1Bytes);
    }
    return records;
  };
  const std::string before = packed(0, 10);
  const std::string rest = packed(0, 5);
  for (const int more : {0, 1, 3, 5, 7, 20}) {
    EXPECT_EQ(Begin(before, rest + packed(20, 20 + more)), rest.size()) << more;
  }
}

TEST(CutFileTest, ACutMayBeInTheMidstOfARecord) {
  const std::string before = Ended(0, 10);
  for (const size_t left : {1, 40, 300}) {
    EXPECT_EQ(Begin(before, before.substr(0, left) + Ended(20, 23)), left);
  }
}

TEST(CutFileTest, ATornRecordMayFollow) {
  const std::string torn = Ended(30, 31).substr(0, 30);
  EXPECT_EQ(Begin(Ended(0, 10), Ended(0, 5) + Ended(20, 23) + torn), 5 * kBytes);
  const std::string all_old = Ended(0, 5) + torn;
  EXPECT_EQ(Begin(Ended(0, 10), all_old), all_old.size());
}

// A file system may leave zeros for blocks that were not written before the power failed.
TEST(CutFileTest, ZerosMayFollow) {
  const std::string rest = Ended(0, 5) + std::string(5 * kBytes, '\0');
  EXPECT_EQ(Begin(Ended(0, 10), rest), rest.size());
  EXPECT_EQ(Begin(Ended(0, 10), rest + Ended(20, 23)), rest.size());
}

// Followed by zeros or more records, part of a record may look like another record.
TEST(CutFileTest, WhatIsTornAtTheCutIsNotNew) {
  const std::string before = Ended(0, 10);
  for (size_t torn = 1; torn < kBytes; ++torn) {
    for (const size_t zeros : {0, 1, 37, 64, 320}) {
      const std::string rest = before.substr(0, 5 * kBytes + torn) + std::string(zeros, '\0');
      EXPECT_EQ(Begin(before, rest), rest.size()) << torn << " " << zeros;
    }
    const std::string twice = before.substr(0, 5 * kBytes + torn) + before.substr(0, torn / 2);
    EXPECT_EQ(Begin(before, twice), twice.size()) << torn;
  }
}

// The clock was set back after the truncation.
TEST(CutFileTest, WhatEndedBeforeWhatHadBeenReadIsNotNew) {
  const std::string now = Ended(0, 5) + Ended(20, 23) + Ended(2, 4);
  EXPECT_EQ(Begin(Ended(0, 10), now), now.size());
  EXPECT_EQ(Begin(Ended(0, 10), now + Ended(30, 31)), now.size());
}

// Begin times are in whole seconds, so records are up to a second out of order.
TEST(CutFileTest, WhatEndedWithinTheSecondIsNotNew) {
  const std::string before = Ended(0, 10);
  const std::string sooner = RecordBuilder().BeginTime(1'700'000'004).Elapsed(599).Bytes();
  const std::string later = RecordBuilder().BeginTime(1'700'000'004).Elapsed(600).Bytes();
  EXPECT_EQ(Begin(before, before.substr(0, 5 * kBytes) + sooner), 6 * kBytes);
  EXPECT_EQ(Begin(before, before.substr(0, 5 * kBytes) + later), 5 * kBytes);
}

// The cursor knows the latest end in whole seconds. If the clock was set back, the last record does
// not have it.
TEST(CutFileTest, WhatEndedWithinTheSecondOfTheLatestIsNotNew) {
  Cursor cursor = CursorOf(Ended(0, 10));
  cursor.last_end_seconds = 1'700'000'050;
  const auto begin = [&](float elapsed) {
    const TempDir dir;
    const absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(dir.Write(
        "pacct", Ended(0, 5) + RecordBuilder().BeginTime(1'700'000'050).Elapsed(elapsed).Bytes()));
    EXPECT_TRUE(source.ok()) << source.status();
    const absl::StatusOr<CutContent> found = FindNewAfterCut(**source, {&cursor});
    EXPECT_TRUE(found.ok()) << found.status();
    return found->new_begin;
  };
  // The latest may have ended at 50.99 s, and have been written up to a second later than that.
  EXPECT_EQ(begin(0), 6 * kBytes);
  EXPECT_EQ(begin(198), 6 * kBytes);
  EXPECT_EQ(begin(199), 5 * kBytes);
}

// The file was truncated once before.
TEST(CutFileTest, WhatEndedAfterAnyThatHadBeenReadIsNew) {
  const std::string now = Ended(0, 5) + Ended(20, 40);
  for (const std::vector<std::string>& before :
       {std::vector{Ended(0, 10), Ended(0, 5) + Ended(20, 30)},
        std::vector{Ended(0, 5) + Ended(20, 30), Ended(0, 10)}}) {
    EXPECT_EQ(Begin(before, now), 15 * kBytes);
  }
  const std::string text(10 * kBytes, 'a');
  EXPECT_EQ(Begin(std::vector{text, Ended(0, 30)}, now), 15 * kBytes);
}

TEST(CutFileTest, NothingIsNewIfNoRecordTells) {
  const std::string text(10 * kBytes, 'a');
  EXPECT_EQ(Begin(text, text + Ended(0, 5)), text.size() + 5 * kBytes);
  EXPECT_EQ(Begin(Ended(0, 10), ""), 0u);
}

// A copy shows how much is left of what had been read.
TEST(CutFileTest, WhatFollowsTheLastWholeCommonRecordIsNew) {
  const std::string before = Ended(0, 10);
  for (const size_t left : {0, 1, 5}) {
    for (const size_t torn : {0, 1, 40}) {
      const std::string rest = before.substr(0, left * kBytes + torn);
      for (const int more : {0, 1, 7}) {
        // These ended before what had been read.
        const TempDir dir;
        const std::string now = rest + Ended(-20, -20 + more);
        const absl::StatusOr<std::unique_ptr<ByteSource>> source =
            OpenSource(dir.Write("pacct", now));
        ASSERT_TRUE(source.ok()) << source.status();
        const absl::StatusOr<CutContent> found = FindNewAfterCommon(**source, rest.size());
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ(found->end, now.size());
        EXPECT_EQ(found->new_begin, more == 0 ? now.size() : rest.size()) << left << " " << torn;
      }
    }
  }
}

}  // namespace
}  // namespace cpuagg::acct
