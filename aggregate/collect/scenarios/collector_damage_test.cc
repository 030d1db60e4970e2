// Damaged snapshots: the collector reads again what they held as long as it is there, and else
// there is a gap.

#include "aggregate/collect/collector.h"

#include <cstdio>
#include <filesystem>
#include <string>

#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::TempDir;

class CollectorDamageTest : public testing::CollectorFixture {};

// Flips a bit of the snapshot's body.
void Damage(const TempDir& dir, const std::string& path) {
  std::string bytes = acct::testing::ReadFile(path);
  bytes.back() ^= 1;
  dir.Write(path.substr(dir.path().size() + 1), bytes);
}

TEST_F(CollectorDamageTest, WhatADamagedNewestSnapshotHeldIsCollectedAgain) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Record(2));
  CollectNow();
  dir_.Append("pacct", Record(2));
  CollectNow();
  for (const StoredSnapshot& stored : {List().snapshots[1], List().snapshots[2]}) {
    Damage(dir_, stored.path);
  }
  EXPECT_EQ(Stored(), (Processes{{1, 1}}));
  EXPECT_EQ(AllOf().gaps.size(), 2u);
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 2u);
  EXPECT_EQ(result.set_aside.size(), 2u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 2}}));
  EXPECT_TRUE(AllOf().gaps.empty());
  EXPECT_EQ(List().last_run, 4u);
  EXPECT_TRUE(CollectNow().set_aside.empty());
}

TEST_F(CollectorDamageTest, WhatADamagedSnapshotInTheMiddleHeldIsReadAgainWhileItIsThere) {
  for (uint32_t uid = 1; uid <= 3; ++uid) {
    dir_.Append("pacct", Record(uid));
    CollectNow();
  }
  const StoredSnapshot middle = List().snapshots[1];
  Damage(dir_, middle.path);
  ASSERT_EQ(AllOf().gaps.size(), 1u);
  EXPECT_NE(AllOf().gaps[0].reason.find(middle.path), std::string::npos);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {3, 1}}));
  EXPECT_EQ(CollectNow().set_aside.size(), 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}}));
  EXPECT_TRUE(AllOf().gaps.empty());
  EXPECT_TRUE(List().missing.empty());
  EXPECT_TRUE(List().replaced.empty());
  dir_.Append("pacct", Record(1));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorDamageTest, TheFirstSnapshotIsReadAgainAsWell) {
  for (uint32_t uid = 1; uid <= 3; ++uid) {
    dir_.Append("pacct", Record(uid));
    CollectNow();
  }
  std::filesystem::remove(List().snapshots[0].path);
  EXPECT_EQ(CollectNow().records, 3u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorDamageTest, ADamagedSnapshotIsAGapIfARecordOfALaterOneIsGone) {
  dir_.Append("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Record(2));
  CollectNow();
  Rotate("pacct.1");
  dir_.Write("pacct", Record(3));
  CollectNow();
  Rotate("pacct.0");
  dir_.Write("pacct", Record(4));
  CollectNow();
  Remove("pacct.0");
  Damage(dir_, List().snapshots[1].path);
  for (int run = 0; run < 2; ++run) {
    dir_.Append("pacct", Record(5));
    EXPECT_EQ(CollectNow().records, 1u);
    EXPECT_EQ(AllOf().gaps.size(), 1u);
  }
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {3, 1}, {4, 1}, {5, 2}}));
}

// The other snapshot's larger content does not make up for what would be lost.
TEST_F(CollectorDamageTest, ADamagedSnapshotDoesNotHideWhatIsGoneOfALaterOne) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Records(5));
  CollectNow();
  Rotate("pacct.1");
  dir_.Write("pacct", Records(2));
  CollectNow();
  Rotate("pacct.0");
  dir_.Write("pacct", Record(1));
  CollectNow();
  Remove("pacct.0");
  Damage(dir_, List().snapshots[1].path);
  dir_.Append("pacct", Record(1));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(AllOf().gaps.size(), 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 5}}));
}

// A process that was seen running and left no record cannot be read again.
TEST_F(CollectorDamageTest, ADamagedSnapshotIsAGapIfALaterOneHasWhatNoRecordHas) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Record(2));
  CollectNow();
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  read_processes_ = [&] { return table; };
  CollectNow();
  table.processes.clear();
  CollectNow();
  Damage(dir_, List().snapshots[1].path);
  CollectNow();
  EXPECT_EQ(AllOf().gaps.size(), 1u);
  EXPECT_EQ(AllOf().totals.cpu_time().ticks().count(), 101u);
}

TEST_F(CollectorDamageTest, AStoreOfWhichNothingIsLeftBeginsAgainAndSaysSo) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Record(2));
  CollectNow();
  const StoreListing before = List();
  for (const StoredSnapshot& stored : before.snapshots) Damage(dir_, stored.path);
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 2u);
  EXPECT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}}));
  EXPECT_EQ(AllOf().gaps.size(), 1u);
  EXPECT_TRUE(CollectNow().gaps.empty());
}

}  // namespace
}  // namespace cpuagg::aggregate
