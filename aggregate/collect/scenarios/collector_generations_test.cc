// Collect runs over generations as on real machines: thousands of them, with copies and leftovers,
// links, pipes, files that are being compressed, and any names and folders.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/sanitized.h"
#include "aggregate/collect/collector.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::LessIfSanitized;
using testing::Gzipped;

class CollectorGenerationsTest : public testing::CollectorFixture {};

// logrotate with `rotate 365`, dateext, compress and delaycompress; two runs a day.
TEST_F(CollectorGenerationsTest, FourHundredDaysOfRotationAreCountedOnce) {
  constexpr int kDays = LessIfSanitized(400, 40);
  constexpr int kKept = LessIfSanitized(365, 30);
  std::vector<std::string> rotated;
  uint64_t truth = 0;
  for (int day = 0; day < kDays; ++day) {
    for (int half = 0; half < 2; ++half) {
      dir_.Append("pacct", Records(10));
      truth += 10;
      ASSERT_EQ(CollectNow().records, 10u) << day;
    }
    if (!rotated.empty()) {
      std::string& last = rotated.back();
      dir_.Write(last + ".gz", Gzipped(acct::testing::ReadFile(dir_.Path(last))));
      Remove(last);
      last += ".gz";
    }
    rotated.push_back(absl::StrCat("pacct-", 20260101 + day));
    Rotate(rotated.back());
    dir_.Write("pacct", "");
    if (rotated.size() > kKept) {
      Remove(rotated.front());
      rotated.erase(rotated.begin());
    }
  }
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Total(), truth);
  EXPECT_TRUE(AllOf().gaps.empty());
}

TEST_F(CollectorGenerationsTest, OfThousandsEachIsReadOnce) {
  constexpr int kGenerations = 5000;
  for (int i = kGenerations; i > 0; --i) {
    const std::string name = absl::StrCat("pacct.", i);
    if (i % 10 == 0) {
      dir_.Write(name + ".gz", Gzipped(Records(2)));
    } else {
      dir_.Write(name, Records(2));
    }
  }
  dir_.Write("pacct", Records(3));
  EXPECT_EQ(CollectNow().records, 2u * kGenerations + 3);
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
  dir_.Append("pacct", Records(1));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Total(), 2u * kGenerations + 4);
}

// A copy that was made while the file grew, or the rest of an interrupted gunzip.
TEST_F(CollectorGenerationsTest, ACopyBesideACompressedGenerationHidesNothing) {
  const std::string a = Records(20);
  const std::string b = Records(20);
  for (const bool is_known : {true, false}) {
    SCOPED_TRACE(is_known);
    if (is_known) {
      dir_.Write("pacct", a);
      CollectNow();
      Remove("pacct");
    } else {
      std::filesystem::remove_all(store_.directory());
    }
    dir_.Write("pacct.20261101", a);
    dir_.Write("pacct.1.gz", Gzipped(a + b));
    dir_.Write("pacct", Records(5));
    EXPECT_TRUE(CollectNow().gaps.empty());
    EXPECT_EQ(Total(), 45u);
    EXPECT_EQ(CollectNow().records, 0u);
    // When either of them is removed, nothing is new.
    Remove("pacct.1.gz");
    EXPECT_EQ(CollectNow().records, 0u);
    dir_.Write("pacct.2.gz", Gzipped(a + b));
    Remove("pacct.20261101");
    EXPECT_EQ(CollectNow().records, 0u);
    EXPECT_EQ(Total(), 45u);
    Remove("pacct.2.gz");
  }
}

TEST_F(CollectorGenerationsTest, AGenerationThatIsStillBeingCopiedIsReadOnWhenItIsWhole) {
  const std::string records = Records(300);
  const std::string compressed = Gzipped(records);
  dir_.Write("pacct", Records(1));
  for (const size_t part : {3u, 4u, 5u, 6u}) {
    dir_.Write("pacct.1.gz", compressed.substr(0, compressed.size() * part / 6));
    CollectNow();
  }
  EXPECT_EQ(Total(), 301u);
  EXPECT_EQ(CollectNow().records, 0u);
  // The same for a generation that had been read, whose inode another file has now.
  std::filesystem::remove_all(store_.directory());
  Remove("pacct.1.gz");
  dir_.Write("pacct", records.substr(0, size_t{200} * 64));
  CollectNow();
  dir_.Write("pacct", Records(2));
  for (const size_t part : {1u, 3u, 4u, 5u, 6u}) {
    dir_.Write("pacct.1.gz", compressed.substr(0, compressed.size() * part / 6));
    CollectNow();
  }
  EXPECT_EQ(Total(), 302u);
  // The same for an uncompressed generation that comes back from a backup.
  dir_.Write("pacct.2", records.substr(0, 6400));
  EXPECT_EQ(CollectNow().records, 0u);
  dir_.Write("pacct.2", records);
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Total(), 302u);
}

TEST_F(CollectorGenerationsTest, ACompressorAtWorkLeavesNothingToSay) {
  const std::string records = Records(300);
  const std::string compressed = Gzipped(records);
  for (const size_t bytes : {size_t{0}, size_t{2}, size_t{10}, compressed.size() / 2}) {
    std::filesystem::remove_all(store_.directory());
    dir_.Write("pacct.1", records);
    dir_.Write("pacct.1.gz", compressed.substr(0, bytes));
    dir_.Write("pacct", Records(1));
    for (const acct::ByteAccount& input : CollectNow().inputs) {
      EXPECT_FALSE(input.damaged()) << input.name << " at " << bytes;
    }
    EXPECT_EQ(Total(), 301u) << bytes;
    Remove("pacct.1");
    dir_.Write("pacct.1.gz", compressed);
    EXPECT_EQ(CollectNow().records, 0u) << bytes;
    EXPECT_TRUE(CollectNow().gaps.empty()) << bytes;
    Remove("pacct.1.gz");
  }
}

TEST_F(CollectorGenerationsTest, TheGenerationsOfALinkLieBesideItsTarget) {
  ASSERT_EQ(mkdir(dir_.Path("real").c_str(), 0700), 0);
  ASSERT_EQ(symlink("real/pacct", Pacct().c_str()), 0);
  dir_.Write("real/pacct", Records(10));
  CollectNow();
  dir_.Append("real/pacct", Records(5));
  Rename("real/pacct", "real/pacct.1");
  EXPECT_EQ(CollectNow().records, 5u);
  dir_.Write("real/pacct", Records(3));
  EXPECT_TRUE(CollectNow().gaps.empty());
  EXPECT_EQ(Total(), 18u);
}

TEST_F(CollectorGenerationsTest, WhatIsTornAtTheEndOfAnOldGenerationIsSaidOnce) {
  const std::string torn = Record(2).substr(0, 40);
  dir_.Write("pacct.1", Records(10) + torn);
  dir_.Write("pacct", Records(1) + torn);
  const CollectResult result = CollectNow();
  ASSERT_EQ(result.inputs.size(), 2u);
  EXPECT_EQ(result.inputs[0].bytes, 680u);
  EXPECT_EQ(result.inputs[0].trailing_bytes, 40u);
  // The kernel may still be writing to this one.
  EXPECT_EQ(result.inputs[1].bytes, 64u);
  EXPECT_EQ(result.inputs[1].trailing_bytes, 0u);
  EXPECT_TRUE(CollectNow().inputs.empty());
  Rename("pacct.1", "pacct.2");
  Rotate("pacct.1");
  dir_.Write("pacct", Records(1));
  const CollectResult rotated = CollectNow();
  ASSERT_EQ(rotated.inputs.size(), 2u);
  EXPECT_EQ(rotated.inputs[0].offset, 64u);
  EXPECT_EQ(rotated.inputs[0].trailing_bytes, 40u);
  EXPECT_TRUE(CollectNow().inputs.empty());
  EXPECT_EQ(Total(), 12u);
}

TEST_F(CollectorGenerationsTest, IdleRotationsLeaveNoGap) {
  dir_.Write("pacct", Records(10));
  CollectNow();
  // Three are kept, so the one with records is removed.
  for (int rotation = 0; rotation < 6; ++rotation) {
    std::filesystem::remove(dir_.Path("pacct.2"));
    if (rotation > 1) Rename("pacct.1", "pacct.2");
    if (rotation > 0) Rename("pacct.0", "pacct.1");
    Rotate();
    dir_.Write("pacct", "");
    EXPECT_TRUE(CollectNow().gaps.empty()) << rotation;
  }
  EXPECT_EQ(Total(), 10u);
}

TEST_F(CollectorGenerationsTest, AnEmptyGenerationThatIsCompressedLeavesNoGap) {
  const std::string empty = Gzipped("");
  dir_.Write("pacct.2", Records(10));
  dir_.Write("pacct.1", "");
  dir_.Write("pacct", "");
  CollectNow();
  for (const size_t bytes : {size_t{3}, size_t{10}, empty.size()}) {
    dir_.Write("pacct.1.gz", empty.substr(0, bytes));
    EXPECT_TRUE(CollectNow().gaps.empty()) << bytes;
  }
  Remove("pacct.1");
  EXPECT_TRUE(CollectNow().gaps.empty());
  Remove("pacct.1.gz");
  Remove("pacct.2");
  EXPECT_TRUE(CollectNow().gaps.empty());
}

TEST_F(CollectorGenerationsTest, AGapHasItsEndsInOrderAlthoughTheClockWasSetBack) {
  dir_.Write("pacct", Records(1));
  CollectNow();
  dir_.Write("pacct", Records(1));
  now_ -= absl::Hours(2);
  const CollectResult result = CollectNow();
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].period, (Period{.begin = now_, .end = now_ + absl::Hours(1)}));
  const absl::StatusOr<StoreReport> report = ReportFromStore(
      store_, {.begin = now_, .end = now_ + absl::Minutes(1)}, absl::UTCTimeZone(), {}, {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->report.gaps.size(), 1u);
}

TEST_F(CollectorGenerationsTest, WhatIsNoFileIsPassedOver) {
  dir_.Write("pacct", Records(2));
  ASSERT_EQ(mkfifo(dir_.Path("pacct.6").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(dir_.Path("pacct.5").c_str(), 0700), 0);
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 2u);
  EXPECT_EQ(result.passed_over.size(), 2u);
}

// Otherwise nobody may notice for months.
TEST_F(CollectorGenerationsTest, AnotherFolderThatIsNotThereIsSaid) {
  dir_.Write("pacct", Records(1));
  other_folders_ = {dir_.Path("old"), dir_.Path("pacct")};
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 1u);
  EXPECT_EQ(result.passed_over,
            (std::vector<acct::PassedOver>{{dir_.Path("old/"), "no such folder", true},
                                           {dir_.Path("pacct/"), "no such folder", true}}));
}

// logrotate's copytruncate, with a run between copying and truncating, which reads records that the
// copy does not have.
TEST_F(CollectorGenerationsTest, ARunBetweenCopyingAndTruncatingLeavesNoGap) {
  const std::string records = Records(9);
  dir_.Write("pacct", records.substr(0, size_t{6} * 64));
  CollectNow();
  dir_.Write("pacct.1", records.substr(0, size_t{7} * 64));
  dir_.Append("pacct", records.substr(size_t{6} * 64));
  EXPECT_EQ(CollectNow().records, 3u);
  for (const int more : {0, 2}) {
    dir_.Write("pacct", Records(more));  // truncated in place
    const CollectResult result = CollectNow();
    EXPECT_TRUE(result.gaps.empty());
    EXPECT_EQ(result.records, static_cast<uint64_t>(more));
  }
  dir_.Write("pacct.1.gz", Gzipped(records.substr(0, size_t{7} * 64)));
  Remove("pacct.1");
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Total(), 11u);
}

TEST_F(CollectorGenerationsTest, AGenerationIsFoundUnderAnyNameAndInOtherFolders) {
  ASSERT_EQ(mkdir(dir_.Path("old").c_str(), 0700), 0);
  other_folders_ = {dir_.Path("old")};
  for (const char* name : {"pacct-2026-11-25", "pacct-20261125T1842", "pacct.20261125.backup",
                           "old/pacct-20261125", "pacct.9", "old/pacct"}) {
    std::filesystem::remove_all(store_.directory());
    dir_.Write("pacct", Records(10));
    CollectNow();
    dir_.Append("pacct", Records(7));
    Rotate(name);
    dir_.Write("pacct", Records(5));
    EXPECT_TRUE(CollectNow().gaps.empty()) << name;
    EXPECT_EQ(Total(), 22u) << name;
    Remove(name);
  }
}

TEST_F(CollectorGenerationsTest, AGenerationThatCannotBeFoundIsAGap) {
  dir_.Write("pacct", Records(10));
  CollectNow();
  dir_.Append("pacct", Records(7));
  Rotate("elsewhere");
  dir_.Write("pacct", Records(5));
  EXPECT_EQ(CollectNow().gaps.size(), 1u);
  // It comes back later.
  Rename("elsewhere", "pacct.1");
  EXPECT_EQ(CollectNow().records, 7u);
  EXPECT_EQ(Total(), 22u);
}

TEST_F(CollectorGenerationsTest, AClockThatIsYearsAheadForgetsNothing) {
  retention_.days = 400;
  now_ = absl::FromUnixSeconds(next_begin_);
  dir_.Write("pacct", Records(1));
  CollectNow();
  dir_.Append("pacct", Records(1));
  CollectNow();
  const absl::Time right = now_;
  now_ += absl::Hours(24 * 365 * 3);
  for (int run = 0; run < 2; ++run) {
    const CollectResult result = CollectNow();
    EXPECT_NE(result.keeps_all_because, "");
    EXPECT_TRUE(result.forgotten.empty());
    EXPECT_EQ(Total(), 2u);
  }
  // A machine that was off for years has records with the right time, or has just booted.
  booted_at_ = now_ - absl::Hours(1);
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.keeps_all_because, "");
  ASSERT_FALSE(result.forgotten.empty());
  EXPECT_EQ(result.forgotten[0], (Runs{1, 1}));
  EXPECT_GT(now_ - right, absl::Hours(24 * 400));
}

// All of it has been read, so only its length and its time are checked. Then it begins anew in
// place while the processes are read.
TEST_F(CollectorGenerationsTest, AFileThatBeginsAnewDuringTheRunIsLookedAtAgain) {
  const auto record = [](uint32_t pid, uint16_t ticks) {
    return acct::testing::RecordBuilder()
        .Uid(1)
        .Pid(pid)
        .BeginTime(1'799'999'000)
        .Elapsed(90'000)
        .UserTime(ticks)
        .Bytes();
  };
  dir_.Write("pacct", record(5, 1));
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  int looks = 0;
  read_processes_ = [&] {
    ++looks;
    return table;
  };
  CollectNow();
  looks = 0;
  table.processes.push_back({.pid = 7,
                             .start_ticks = 99'900'000,
                             .begin_time = 1'799'999'000,
                             .uid = acct::Uid(1),
                             .command = "job",
                             .user_ticks = 50});
  read_processes_ = [&]() -> absl::StatusOr<acct::ProcessTable> {
    const acct::ProcessTable now = table;
    if (++looks == 1) {
      dir_.Write("pacct", record(7, 60) + record(8, 3));
      table.processes.clear();
    }
    return now;
  };
  CollectNow();
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(AllOf().totals.cpu_time().ticks().count(), 64u);
}

}  // namespace
}  // namespace cpuagg::aggregate
