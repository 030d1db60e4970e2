#include "aggregate/collect/position.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/crashing_files.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::ReadFile;

class PositionTest : public ::testing::Test {
 protected:
  // A snapshot of some more than `bytes` bytes.
  void Publish(size_t bytes = 0) {
    ++run_;
    Snapshot snapshot;
    snapshot.header = {.runs = {run_, run_},
                       .captured_at = now_ + absl::Hours(static_cast<int64_t>(run_))};
    acct::ByteAccount input;
    input.name = std::string(bytes, 'x');
    snapshot.inputs.push_back(std::move(input));
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }

  StoreListing List() const {
    absl::StatusOr<StoreListing> listing = store_.List();
    EXPECT_TRUE(listing.ok()) << listing.status();
    return *std::move(listing);
  }

  // In the body, which a listing does not read.
  void FlipABitOf(size_t snapshot) {
    const StoreListing listing = List();
    const std::string& path = listing.snapshots.at(snapshot).path;
    std::string bytes = ReadFile(path);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    dir_.Write(path.substr(dir_.path().size() + 1), bytes);
    ASSERT_EQ(List().snapshots.size(), listing.snapshots.size());
  }

  // The number of snapshots that are set aside by a run `minutes` later.
  size_t SetAsideAfter(int minutes) {
    std::vector<std::string> set_aside;
    const absl::StatusOr<Position> position =
        FindPosition(store_, now_ + absl::Minutes(minutes), set_aside);
    EXPECT_TRUE(position.ok()) << position.status();
    return set_aside.size();
  }

  acct::testing::TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};  // does not wait for the disk
  SnapshotStore store_{dir_.Path("store"), files_};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  uint64_t run_ = 0;
};

// More than a run checks at once.
constexpr size_t kMany = size_t{9} << 20;

TEST_F(PositionTest, DamageOfSmallSnapshotsIsFoundAtOnce) {
  for (int i = 0; i < 4; ++i) Publish();
  FlipABitOf(0);
  EXPECT_EQ(SetAsideAfter(0), 1u);
  EXPECT_EQ(SetAsideAfter(0), 0u);
  EXPECT_EQ(List().snapshots.size(), 3u);
}

TEST_F(PositionTest, DamageOfOldSnapshotsIsFoundAfterAsManyMinutesAsThereAreSnapshots) {
  for (int i = 0; i < 4; ++i) Publish();
  Publish(kMany);
  FlipABitOf(0);
  size_t found = 0;
  for (int minute = 0; minute < 5; ++minute) found += SetAsideAfter(minute);
  EXPECT_EQ(found, 1u);
  EXPECT_EQ(List().snapshots.size(), 4u);
}

TEST_F(PositionTest, BehindMuchOldUsageTheNewestSnapshotsAreChecked) {
  Publish(kMany);
  for (int i = 0; i < 4; ++i) Publish();
  FlipABitOf(1);
  EXPECT_EQ(SetAsideAfter(0), 1u);
}

TEST_F(PositionTest, TheNewestSnapshotThatCanBeReadIsThePosition) {
  std::vector<std::string> set_aside;
  absl::StatusOr<Position> position = FindPosition(store_, now_, set_aside);
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_FALSE(position->newest.has_value());
  EXPECT_EQ(position->last_run(), 0u);
  for (int i = 0; i < 3; ++i) Publish();
  FlipABitOf(2);
  position = FindPosition(store_, now_, set_aside);
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_EQ(position->last_run(), 2u);
  ASSERT_EQ(set_aside.size(), 1u);
  EXPECT_NE(set_aside[0].find(dir_.path()), std::string::npos) << set_aside[0];
}

TEST_F(PositionTest, ARunThatPublishedMeanwhileHasMovedTheStore) {
  std::vector<std::string> set_aside;
  const absl::StatusOr<Position> empty = FindPosition(store_, now_, set_aside);
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_FALSE(*HasMoved(store_, *empty));
  Publish();
  EXPECT_TRUE(*HasMoved(store_, *empty));
  const absl::StatusOr<Position> position = FindPosition(store_, now_, set_aside);
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_FALSE(*HasMoved(store_, *position));
  Publish();
  EXPECT_TRUE(*HasMoved(store_, *position));
}

// It was damaged after this run had read it. The numbers of the runs remain the same.
TEST_F(PositionTest, ARunThatSetTheNewestSnapshotAsideHasMovedTheStore) {
  std::vector<std::string> set_aside;
  for (int i = 0; i < 2; ++i) Publish();
  const absl::StatusOr<Position> position = FindPosition(store_, now_, set_aside);
  ASSERT_TRUE(position.ok()) << position.status();
  FlipABitOf(1);
  EXPECT_EQ(SetAsideAfter(0), 1u);
  EXPECT_EQ(List().last_run, 2u);
  EXPECT_TRUE(*HasMoved(store_, *position));
}

SnapshotHeader Header(uint64_t first, uint64_t last, MergeLevel level = MergeLevel::kRun) {
  return {.runs = {first, last}, .level = level};
}

TEST_F(PositionTest, OnlyAHoleAmongRecentRunsIsReadAgain) {
  const auto before_hole = [](const std::vector<SnapshotHeader>& headers) {
    StoreListing listing;
    for (const SnapshotHeader& header : headers) listing.snapshots.push_back({.header = header});
    return SnapshotsBeforeHole(listing);
  };
  constexpr auto kDay = MergeLevel::kDay;
  EXPECT_EQ(before_hole({}), std::nullopt);
  EXPECT_EQ(before_hole({Header(1, 1), Header(2, 2)}), std::nullopt);
  EXPECT_EQ(before_hole({Header(2, 2)}), 0u);
  EXPECT_EQ(before_hole({Header(1, 1), Header(3, 3), Header(5, 5)}), 1u);
  EXPECT_EQ(before_hole({Header(1, 9, kDay), Header(11, 11)}), std::nullopt);
  EXPECT_EQ(before_hole({Header(5, 9, kDay), Header(10, 10)}), std::nullopt);
  EXPECT_EQ(before_hole({Header(1, 9, kDay), Header(10, 10), Header(12, 12)}), 2u);
}

}  // namespace
}  // namespace cpuagg::aggregate
