#include "aggregate/store/snapshot_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/atomic_file.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot/snapshot.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::ReadFile;
using acct::testing::TempDir;

Snapshot OfRuns(uint64_t first, uint64_t last) {
  Snapshot snapshot;
  // Capture times descend, because the clock may be set back; only the numbers decide.
  snapshot.header = {
      .runs = {first, last},
      .captured_at = absl::FromUnixSeconds(2'000'000'000 - static_cast<int64_t>(last))};
  return snapshot;
}

class SnapshotStoreTest : public ::testing::Test {
 protected:
  SnapshotStoreTest() { EXPECT_TRUE(store_.MakeDirectories().ok()); }

  // Returns the path of the snapshot.
  std::string Publish(uint64_t first, uint64_t last) {
    EXPECT_TRUE(store_.Publish(OfRuns(first, last)).ok());
    for (const StoredSnapshot& stored : List().snapshots) {
      if (stored.header.runs.last == last) return stored.path;
    }
    return "";
  }
  StoreListing List() const {
    absl::StatusOr<StoreListing> listing = store_.List();
    EXPECT_TRUE(listing.ok()) << listing.status();
    return *std::move(listing);
  }
  // The runs of all snapshots.
  std::vector<Runs> Stored() const {
    std::vector<Runs> runs;
    for (const StoredSnapshot& stored : List().snapshots) runs.push_back(stored.header.runs);
    return runs;
  }

  TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
};

TEST_F(SnapshotStoreTest, AFolderOfStoresDoesNotBecomeAStore) {
  const absl::Status refused = SnapshotStore(dir_.Path(".")).MakeDirectories();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(refused.message(),
                                "is a folder of stores, and does not become one itself; name the "
                                "store of one machine, such as "))
      << refused;
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("snapshots")));
  // Once it is one, it stays usable.
  std::filesystem::create_directory(dir_.Path("snapshots"));
  EXPECT_TRUE(SnapshotStore(dir_.Path(".")).MakeDirectories().ok());
}

TEST_F(SnapshotStoreTest, AStoreThatIsNotThereIsEmpty) {
  const SnapshotStore store(dir_.Path("none"));
  EXPECT_TRUE(store.List()->snapshots.empty());
  EXPECT_TRUE(*store.IsEmpty());
}

TEST_F(SnapshotStoreTest, SnapshotsComeInTheOrderOfTheirRuns) {
  std::vector<Runs> expected;
  for (uint64_t run = 1; run <= 12; ++run) {
    Publish(run, run);
    expected.push_back({run, run});
  }
  EXPECT_EQ(Stored(), expected);
  EXPECT_EQ(List().last_run, 12u);
  EXPECT_TRUE(List().missing.empty());
  EXPECT_FALSE(*store_.IsEmpty());
}

TEST_F(SnapshotStoreTest, DirectoriesAreNotForEverybody) {
  const SnapshotStore store(dir_.Path("some/new/store"));
  ASSERT_TRUE(store.Lock(absl::ZeroDuration()).ok());
  struct stat info;
  ASSERT_EQ(stat(store.directory().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007, 0u);
}

TEST_F(SnapshotStoreTest, TheSecondLockWaitsThenNamesTheHolder) {
  {
    const absl::StatusOr<acct::FileLock> first = store_.Lock(absl::ZeroDuration());
    ASSERT_TRUE(first.ok());
    const absl::Status second = store_.Lock(absl::Milliseconds(50)).status();
    EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
    EXPECT_NE(second.message().find(std::to_string(getpid())), std::string::npos) << second;
  }
  EXPECT_TRUE(store_.Lock(absl::ZeroDuration()).ok());
}

TEST_F(SnapshotStoreTest, WhatACrashLeftBehindIsCleanedUpAndNeverRead) {
  dir_.Write("store/snapshots/.unfinished-abc", "half a snap");
  EXPECT_TRUE(List().snapshots.empty());
  ASSERT_TRUE(store_.Lock(absl::ZeroDuration()).ok());
  EXPECT_TRUE(std::filesystem::is_empty(dir_.Path("store/snapshots")));
}

TEST_F(SnapshotStoreTest, MergedSnapshotsReplaceTheirPartsAtOnce) {
  for (uint64_t run = 1; run <= 4; ++run) Publish(run, run);
  const StoreListing before = List();
  const std::string part = ReadFile(before.snapshots[1].path);
  ASSERT_TRUE(
      store_.Replace(absl::MakeConstSpan(before.snapshots).subspan(0, 3), OfRuns(1, 3)).ok());
  EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 3}, {4, 4}}));
  // A part that a crash left next to the merged snapshots does not count.
  dir_.Write(before.snapshots[1].path.substr(dir_.path().size() + 1), part);
  EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 3}, {4, 4}}));
  ASSERT_EQ(List().replaced, std::vector<std::string>{before.snapshots[1].path});
  EXPECT_TRUE(store_.Remove(List().replaced).ok());
  EXPECT_TRUE(List().replaced.empty());
  // A single snapshot can replace itself.
  const StoreListing merged = List();
  ASSERT_TRUE(
      store_.Replace(absl::MakeConstSpan(merged.snapshots).subspan(0, 1), OfRuns(1, 3)).ok());
  EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 3}, {4, 4}}));
}

TEST_F(SnapshotStoreTest, ADamagedOneIsAGapThatNamesItUntilAnotherHasItsRuns) {
  Publish(1, 1);
  const std::string path = Publish(2, 2);
  Publish(3, 3);
  std::string bytes = ReadFile(path);
  bytes[20] ^= 1;
  dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  for (const bool is_set_aside : {false, true}) {
    const StoreListing listing = List();
    EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 1}, {3, 3}}));
    ASSERT_EQ(listing.damaged.size(), 1u);
    EXPECT_EQ(listing.damaged[0].is_set_aside, is_set_aside);
    ASSERT_EQ(listing.missing.size(), 1u);
    EXPECT_EQ(listing.missing[0].runs, (Runs{2, 2}));
    EXPECT_NE(listing.missing[0].gap.reason.find(path), std::string::npos)
        << listing.missing[0].gap.reason;
    EXPECT_LT(listing.missing[0].gap.period.begin, listing.missing[0].gap.period.end);
    if (is_set_aside) break;
    ASSERT_TRUE(store_.SetAside(path).ok());
  }
  EXPECT_EQ(ReadFile(path + ".damaged"), bytes);
  Publish(4, 4);
  EXPECT_EQ(List().last_run, 4u);
}

// A disk that makes no change of a directory durable.
class UnsureFiles : public acct::FileSystem {
 public:
  absl::Status SyncDirectory(const std::string& directory) override {
    return absl::UnavailableError(directory + ": input/output error");
  }
};

TEST_F(SnapshotStoreTest, ADamagedOneIsSetAsideOnlyIfACrashCannotUndoThat) {
  const std::string path = Publish(1, 1);
  UnsureFiles files;
  EXPECT_EQ(SnapshotStore(store_.directory(), files).SetAside(path).message(),
            dir_.Path("store/snapshots") + ": input/output error");
}

TEST_F(SnapshotStoreTest, ADeletedOneIsAGapToo) {
  const std::string first = Publish(1, 1);
  const std::string second = Publish(2, 2);
  Publish(3, 3);
  std::filesystem::remove(second);
  ASSERT_EQ(List().missing.size(), 1u);
  EXPECT_NE(List().missing[0].gap.reason.find("run 2"), std::string::npos);
  std::filesystem::remove(first);
  ASSERT_EQ(List().missing.size(), 1u);
  EXPECT_EQ(List().missing[0].gap.period.begin, absl::InfinitePast());
  EXPECT_NE(List().missing[0].gap.reason.find("runs 1 to 2"), std::string::npos);
}

TEST_F(SnapshotStoreTest, ADamagedNewestOneIsAGapAtTheEnd) {
  Publish(1, 1);
  dir_.Write("store/snapshots/20300101T000000Z-000002.pb", "garbage");
  const StoreListing listing = List();
  EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 1}}));
  EXPECT_EQ(listing.last_run, 2u);
  ASSERT_EQ(listing.missing.size(), 1u);
  EXPECT_EQ(listing.missing[0].runs, (Runs{2, 2}));
}

TEST_F(SnapshotStoreTest, ACopyUnderAnotherNumberIsNoOtherRun) {
  const std::string path = Publish(1, 1);
  std::filesystem::copy(path, dir_.Path("store/snapshots/20330518T033319Z-000002.pb"));
  EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 1}}));
  ASSERT_EQ(List().damaged.size(), 1u);
  EXPECT_NE(List().damaged[0].problem.find("run 1"), std::string::npos);
}

TEST_F(SnapshotStoreTest, OtherFilesAreNoSnapshots) {
  Publish(1, 1);
  for (const char* name :
       {"notes.txt", "a.pb", "copy-000002.pb", "20300101T000000Z-x.pb", "20300101T000000Z--2.pb",
        "20300101T000000Z-000003-000002.pb", "20300101T000000Z-000000.pb",
        "20300101T000000Z-000002.pb~", "20300101T000000Z-000002-000003-000004.pb"}) {
    dir_.Write(std::string("store/snapshots/") + name, "garbage");
  }
  const std::string snapshots = dir_.Path("store/snapshots");
  std::filesystem::create_directory(snapshots + "/20300101T000000Z-000009.pb");
  ASSERT_EQ(mkfifo((snapshots + "/20300101T000000Z-000010.pb").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", snapshots + "/20300101T000000Z-000011.pb");
  std::filesystem::create_symlink("20300101T000000Z-000012.pb",
                                  snapshots + "/20300101T000000Z-000012.pb");
  EXPECT_EQ(Stored(), (std::vector<Runs>{{1, 1}}));
  EXPECT_TRUE(List().damaged.empty());
  EXPECT_EQ(List().last_run, 1u);
}

TEST_F(SnapshotStoreTest, WhatALinkLeadsToIsNoSnapshot) {
  Publish(1, 2);
  const std::string snapshot = List().snapshots[0].path;
  std::filesystem::rename(snapshot, dir_.Path("elsewhere"));
  std::filesystem::create_symlink(dir_.Path("elsewhere"), snapshot);
  EXPECT_TRUE(Stored().empty());
}

TEST_F(SnapshotStoreTest, ADirectoryThatEverybodyMayWriteToIsRefused) {
  Publish(1, 1);
  for (const char* directory : {"store", "store/snapshots"}) {
    const std::string path = dir_.Path(directory);
    ASSERT_EQ(chmod(path.c_str(), 0757), 0);
    for (const absl::Status& status :
         {store_.List().status(), store_.IsEmpty().status(), store_.Exists().status(),
          store_.Lock(absl::ZeroDuration()).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_NE(status.message().find("chmod go-w " + path), std::string::npos) << status;
    }
    ASSERT_EQ(chmod(path.c_str(), 0750), 0);
    EXPECT_TRUE(store_.List().ok());
  }
}

TEST_F(SnapshotStoreTest, ADirectoryThatCannotBeListedIsNotTakenForEmpty) {
  std::filesystem::remove(dir_.Path("store/snapshots"));
  const std::string message = dir_.Write("store/snapshots", "no directory") +
                              ": cannot list the directory: Not a directory";
  EXPECT_EQ(store_.List().status().message(), message);
  EXPECT_EQ(store_.IsEmpty().status().message(), message);
  EXPECT_EQ(store_.Lock(absl::ZeroDuration()).status().message(), message);
}

TEST_F(SnapshotStoreTest, ANewerFormatIsRefusedAsAWhole) {
  Publish(1, 1);
  dir_.Write("store/snapshots/20300101T000000Z-000002.pb", "\x08\x09 of a later cpuagg");
  EXPECT_EQ(store_.List().status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace cpuagg::aggregate
