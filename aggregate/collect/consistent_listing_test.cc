#include "aggregate/collect/consistent_listing.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/kernel/process_table.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Offsets = std::vector<uint64_t>;

class ConsistentListingTest : public ::testing::Test {
 protected:
  std::string Records(int count) {
    std::string records;
    for (int i = 0; i < count; ++i) {
      records += acct::testing::RecordBuilder().Uid(1).BeginTime(next_begin_++).Bytes();
    }
    return records;
  }

  // Does `meanwhile` while processes are read, and counts how often they are.
  absl::StatusOr<ConsistentListing> ListWhile(const std::function<void()>& meanwhile) {
    looks_ = 0;
    return ListConsistently({.path = dir_.Path("pacct")}, {}, [&] {
      ++looks_;
      meanwhile();
      return acct::ProcessTable{.boot_id = "boot", .uptime = 1000};
    });
  }
  absl::StatusOr<ConsistentListing> ListWhileOnce(const std::function<void()>& meanwhile) {
    return ListWhile([&] {
      if (looks_ == 1) meanwhile();
    });
  }

  acct::testing::TempDir dir_;
  int looks_ = 0;
  uint32_t next_begin_ = 1'700'000'000;
};

TEST_F(ConsistentListingTest, WhatTheKernelAppendsCameAfterTheProcesses) {
  dir_.Write("pacct.0", Records(2));
  dir_.Write("pacct", Records(4));
  const auto listing = ListWhile([&] { dir_.Append("pacct", Records(3)); });
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_EQ(looks_, 1);
  ASSERT_EQ(listing->generations.size(), 2u);
  EXPECT_EQ(listing->generations[0].size, 7u * 64);
  EXPECT_EQ(listing->scan_offsets, (Offsets{4 * 64, 2 * 64}));
  EXPECT_EQ(listing->processes->boot_id, "boot");
}

// Its new records may be older than the processes, whatever its length.
TEST_F(ConsistentListingTest, AFileThatBeganAnewIsLookedAtAgain) {
  for (const int count : {1, 4, 6}) {
    SCOPED_TRACE(count);
    dir_.Write("pacct", Records(4));
    const auto listing = ListWhileOnce([&] { dir_.Write("pacct", Records(count)); });
    ASSERT_TRUE(listing.ok()) << listing.status();
    EXPECT_EQ(looks_, 2);
    EXPECT_EQ(listing->scan_offsets, (Offsets{static_cast<uint64_t>(count) * 64}));
  }
}

TEST_F(ConsistentListingTest, ARotationMeanwhileIsLookedAtAgain) {
  dir_.Write("pacct", Records(4));
  const auto listing = ListWhileOnce([&] {
    std::filesystem::rename(dir_.Path("pacct"), dir_.Path("pacct.0"));
    dir_.Write("pacct", Records(1));
  });
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_EQ(looks_, 2);
  EXPECT_EQ(listing->scan_offsets, (Offsets{64, 4 * 64}));
}

// Somebody may have appended older records.
TEST_F(ConsistentListingTest, AnOldGenerationThatGrowsIsLookedAtAgain) {
  dir_.Write("pacct.0", Records(2));
  dir_.Write("pacct", Records(4));
  const auto listing = ListWhileOnce([&] { dir_.Append("pacct.0", Records(1)); });
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_EQ(looks_, 2);
  EXPECT_EQ(listing->scan_offsets, (Offsets{4 * 64, 3 * 64}));
}

TEST_F(ConsistentListingTest, WhatNeverRestsIsAnError) {
  dir_.Write("pacct", Records(4));
  const auto listing = ListWhile([&] { dir_.Write("pacct", Records(4)); });
  EXPECT_EQ(listing.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_GT(looks_, 2);
}

TEST_F(ConsistentListingTest, WithoutProcessesEverythingIsAfterThem) {
  dir_.Write("pacct", Records(4));
  const auto without = ListConsistently({.path = dir_.Path("pacct")}, {}, nullptr);
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_FALSE(without->processes.has_value());
  EXPECT_EQ(without->running_problem, "");
  EXPECT_EQ(without->scan_offsets, (Offsets{0}));

  const auto failed = ListConsistently({.path = dir_.Path("pacct")}, {}, [] {
    return absl::PermissionDeniedError("/proc: is not for everyone");
  });
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_FALSE(failed->processes.has_value());
  EXPECT_EQ(failed->running_problem, "/proc: is not for everyone");
}

}  // namespace
}  // namespace cpuagg::aggregate
