// Runs that fail, that meet another run, and that are killed.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file_lock.h"
#include "acct/kernel/accounting_probe.h"
#include "aggregate/collect/collector.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

class CollectorFailuresTest : public testing::CollectorFixture {};

TEST_F(CollectorFailuresTest, AMissingFileFailsAndChangesNothing) {
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SnapshotCount(), 0u);
}

TEST_F(CollectorFailuresTest, AnotherCollectorAtWorkIsAnError) {
  dir_.Write("pacct", Record(1));
  const absl::StatusOr<acct::FileLock> lock = store_.Lock(absl::ZeroDuration());
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kUnavailable);
}

// The other run reads what is there, and more comes before this one reads.
TEST_F(CollectorFailuresTest, ARunThatIsOvertakenByAnotherOneStartsAgain) {
  dir_.Write("pacct", Record(1));
  int looks = 0;
  probe_ = [&]() -> absl::StatusOr<acct::AccountingProbe> {
    if (++looks == 1) {
      const absl::StatusOr<CollectResult> other =
          Collect(store_, names_, {.files = {.path = Pacct()}, .now = now_ - absl::Minutes(1)});
      EXPECT_TRUE(other.ok()) << other.status();
      dir_.Append("pacct", Record(2));
    }
    return absl::UnavailableError("no process can be started");
  };
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}}));
  EXPECT_EQ(SnapshotCount(), 2u);
  EXPECT_EQ(List().last_run, 2u);
}

// A file system that cannot make anything durable.
class UnsureFiles : public acct::FileSystem {
 public:
  absl::Status Sync(int, const std::string&) override { return absl::OkStatus(); }
  absl::Status SyncDirectory(const std::string& directory) override {
    return absl::UnavailableError(directory + ": input/output error");
  }
};

TEST_F(CollectorFailuresTest, WhatIsPublishedCountsAlthoughACrashMayUndoIt) {
  dir_.Write("pacct", Record(1));
  UnsureFiles files;
  const SnapshotStore store(dir_.Path("store"), files);
  for (const uint64_t records : {1u, 0u}) {
    const absl::StatusOr<CollectResult> result =
        Collect(store, names_, {.files = {.path = Pacct()}, .now = now_});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->records, records);
    EXPECT_EQ(result->publishing_problem.empty(), records == 0) << result->publishing_problem;
  }
  EXPECT_EQ(Stored(), (Processes{{1, 1}}));
}

// A killed run has done everything or nothing.
TEST_F(CollectorFailuresTest, AKilledCollectorCountsNothingTwice) {
  std::mt19937 random(7);
  uint64_t written = 0;
  dir_.Write("pacct", "");
  for (int round = 0; round < 40; ++round) {
    std::string records;
    for (int i = 0; i < 5; ++i) records += Record(1);
    written += 5;
    dir_.Append("pacct", records);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      (void)TryCollect();
      _exit(0);
    }
    usleep(static_cast<useconds_t>(random() % 3000));
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
  }
  CollectNow();
  EXPECT_EQ(Stored(), (Processes{{1, written}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
