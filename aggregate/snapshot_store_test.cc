#include "aggregate/snapshot_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::TempDir;

Snapshot Numbered(uint64_t sequence) {
  Snapshot snapshot;
  snapshot.sequence = sequence;
  // Earlier and earlier: the clock may be set back, the sequence decides.
  snapshot.captured_at = absl::FromUnixSeconds(2'000'000'000 - static_cast<int64_t>(sequence));
  return snapshot;
}

TEST(SnapshotStoreTest, AStoreThatIsNotThereIsEmpty) {
  const TempDir dir;
  const SnapshotStore store(dir.Path("none"));
  EXPECT_TRUE(store.LoadAll()->empty());
  EXPECT_EQ(store.LoadNewest()->has_value(), false);
}

TEST(SnapshotStoreTest, SnapshotsComeBackInSequence) {
  const TempDir dir;
  const SnapshotStore store(dir.Path("store"));
  const absl::StatusOr<StoreLock> lock = store.Lock(absl::ZeroDuration());
  ASSERT_TRUE(lock.ok()) << lock.status();
  for (uint64_t sequence = 1; sequence <= 12; ++sequence) {
    ASSERT_TRUE(store.Publish(Numbered(sequence)).ok());
  }
  const absl::StatusOr<std::vector<Snapshot>> all = store.LoadAll();
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 12u);
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ((*all)[i].sequence, i + 1);
  EXPECT_EQ((*store.LoadNewest())->sequence, 12u);
}

TEST(SnapshotStoreTest, DirectoriesAreNotForEverybody) {
  const TempDir dir;
  const SnapshotStore store(dir.Path("some/new/store"));
  ASSERT_TRUE(store.Lock(absl::ZeroDuration()).ok());
  struct stat info;
  ASSERT_EQ(stat(store.directory().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007, 0u);
}

TEST(SnapshotStoreTest, TheSecondLockWaitsThenNamesTheHolder) {
  const TempDir dir;
  const SnapshotStore store(dir.Path("store"));
  {
    const absl::StatusOr<StoreLock> first = store.Lock(absl::ZeroDuration());
    ASSERT_TRUE(first.ok());
    const absl::Status second = store.Lock(absl::Milliseconds(50)).status();
    EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
    EXPECT_NE(second.message().find(std::to_string(getpid())), std::string::npos) << second;
  }
  EXPECT_TRUE(store.Lock(absl::ZeroDuration()).ok());
}

TEST(SnapshotStoreTest, WhatACrashLeftBehindIsCleanedUpAndNeverRead) {
  const TempDir dir;
  const SnapshotStore store(dir.Path("store"));
  ASSERT_TRUE(store.Lock(absl::ZeroDuration()).ok());
  dir.Write("store/snapshots/.unfinished-abc", "half a snap");
  EXPECT_TRUE(store.LoadAll()->empty());
  ASSERT_TRUE(store.Lock(absl::ZeroDuration()).ok());
  EXPECT_TRUE(std::filesystem::is_empty(dir.Path("store/snapshots")));
}

TEST(SnapshotStoreTest, ADamagedSnapshotIsAnErrorThatNamesIt) {
  const TempDir dir;
  const SnapshotStore store(dir.Path("store"));
  ASSERT_TRUE(store.Lock(absl::ZeroDuration()).ok());
  ASSERT_TRUE(store.Publish(Numbered(1)).ok());
  const std::string damaged = dir.Write("store/snapshots/20300101T000000Z-000002.pb", "garbage");
  for (const absl::Status& status : {store.LoadAll().status(), store.LoadNewest().status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_NE(status.message().find(damaged), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
