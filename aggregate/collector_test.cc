#include "aggregate/collector.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "acct/units.h"
#include "aggregate/history.h"
#include "aggregate/period.h"
#include "aggregate/report.h"
#include "aggregate/snapshot.h"
#include "aggregate/snapshot_store.h"
#include "aggregate/usage.h"
#include "aggregate/user_directory.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;

class CollectorTest : public ::testing::Test {
 protected:
  std::string Pacct() const { return dir_.Path("pacct"); }

  // A record that no other one equals.
  std::string Record(uint32_t uid, uint16_t ticks = 1) {
    return RecordBuilder().Uid(uid).UserTime(ticks).BeginTime(next_begin_++).Bytes();
  }

  // What rotation does: the file gets another name; its successor is there as soon as it is
  // written.
  void Rotate() { ASSERT_EQ(std::rename(Pacct().c_str(), dir_.Path("pacct.0").c_str()), 0); }

  absl::StatusOr<CollectResult> TryCollect() {
    now_ += absl::Hours(1);
    return Collect(store_, names_,
                   {.accounting_file = Pacct(),
                    .host = "lab",
                    .now = now_,
                    .lock_patience = absl::ZeroDuration()});
  }

  CollectResult CollectNow() {
    absl::StatusOr<CollectResult> result = TryCollect();
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }

  static Report AllOf(const std::vector<Snapshot>& snapshots) {
    absl::StatusOr<Report> report =
        ReportFromSnapshots(snapshots, Period(), absl::UTCTimeZone(), nullptr, {});
    EXPECT_TRUE(report.ok()) << report.status();
    return *std::move(report);
  }

  // uid -> processes, over the whole store.
  std::map<uint32_t, uint64_t> Stored() {
    std::map<uint32_t, uint64_t> processes;
    const absl::StatusOr<std::vector<Snapshot>> snapshots = store_.LoadAll();
    EXPECT_TRUE(snapshots.ok()) << snapshots.status();
    const Report report = AllOf(*snapshots);
    for (const ReportRow& row : report.rows) {
      processes[row.uid.value()] = row.usage.processes;
    }
    return processes;
  }

  size_t SnapshotCount() { return store_.LoadAll()->size(); }

  using Processes = std::map<uint32_t, uint64_t>;

  TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
  PasswdFileDirectory names_{"alice:x:1:1::/:\n"};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  uint32_t next_begin_ = 1'700'000'000;
};

TEST_F(CollectorTest, ReadsOnFromWhereItStopped) {
  dir_.Write("pacct", Record(1) + Record(2));
  EXPECT_EQ(CollectNow().records, 2u);
  dir_.Append("pacct", Record(1));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 1}}));
}

TEST_F(CollectorTest, NothingNewPublishesNothing) {
  dir_.Write("pacct", "");
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 0u);
  dir_.Append("pacct", Record(1));
  CollectNow();
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
}

TEST_F(CollectorTest, TheFirstRunTakesTheRotatedFileToo) {
  dir_.Write("pacct.0", Record(1));
  dir_.Write("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 2u);
}

TEST_F(CollectorTest, ARotatedFileIsReadToItsEndAlthoughItStillGrows) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Record(2));
  Rotate();
  dir_.Append("pacct.0", Record(3));
  EXPECT_EQ(CollectNow().records, 2u);
  dir_.Append("pacct.0", Record(4));
  dir_.Write("pacct", Record(5));
  EXPECT_EQ(CollectNow().records, 2u);
  // accton's own record reaches the old file after its successor has begun.
  dir_.Append("pacct.0", Record(6));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}));
  EXPECT_TRUE(CollectNow().gaps.empty());
}

TEST_F(CollectorTest, ATornRecordIsReadOnceItIsWhole) {
  const std::string record = Record(2);
  dir_.Write("pacct", Record(1) + record.substr(0, 40));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(CollectNow().records, 0u);
  dir_.Append("pacct", record.substr(40));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}}));
}

TEST_F(CollectorTest, ATruncatedFileIsAGapAndItsNewContentCounts) {
  dir_.Write("pacct", Record(1) + Record(1));
  CollectNow();
  dir_.Write("pacct", Record(2));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 1u);
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].period.end, now_);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 1}}));
  EXPECT_TRUE(CollectNow().gaps.empty());
}

TEST_F(CollectorTest, TwoRotationsBetweenRunsAreAGap) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Write("pacct.0", Record(2));
  dir_.Write("pacct", Record(3));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 2u);
  EXPECT_EQ(result.gaps.size(), 1u);
}

TEST_F(CollectorTest, NamesAreKeptAsTheyWereAtCapture) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  names_ = PasswdFileDirectory("");
  dir_.Append("pacct", Record(2));
  CollectNow();
  const Report report = AllOf(*store_.LoadAll());
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].user, "alice");
  EXPECT_EQ(report.rows[1].user, std::nullopt);
}

TEST_F(CollectorTest, DamageIsKeptWithItsOffsetInTheFile) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", std::string(64, '\xff') + Record(1));
  const CollectResult result = CollectNow();
  ASSERT_EQ(result.inputs.size(), 1u);
  ASSERT_EQ(result.inputs[0].skipped.size(), 1u);
  EXPECT_EQ(result.inputs[0].skipped[0].begin, 64u);
  EXPECT_EQ(Stored(), (Processes{{1, 2}}));
}

TEST_F(CollectorTest, AMissingFileFailsAndChangesNothing) {
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SnapshotCount(), 0u);
}

TEST_F(CollectorTest, AnotherCollectorAtWorkIsAnError) {
  dir_.Write("pacct", Record(1));
  const absl::StatusOr<StoreLock> lock = store_.Lock(absl::ZeroDuration());
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kUnavailable);
}

// Random histories of growth, rotation to .0 and collecting. A file is rotated away only once it
// and its predecessor have been seen, as when collecting is more frequent than rotation. Whatever
// the order otherwise, every record is counted once.
TEST_F(CollectorTest, RandomHistoriesCountEveryRecordOnce) {
  std::mt19937 random(20261123);
  std::map<uint32_t, uint64_t> written;
  dir_.Write("pacct", "");
  bool may_rotate = false;
  bool growing_old = false;
  int rotations = 0;
  for (int step = 0; step < 2000; ++step) {
    switch (random() % 4) {
      case 0:
        CollectNow();
        may_rotate = !growing_old && std::filesystem::file_size(Pacct()) > 0;
        break;
      case 1:
        if (may_rotate) {
          Rotate();
          dir_.Write("pacct", "");
          growing_old = true;
          may_rotate = false;
          ++rotations;
        }
        break;
      default: {
        if (growing_old && random() % 3 == 0) growing_old = false;  // accounting restarted
        std::string records;
        for (uint64_t i = random() % 4; i > 0; --i) {
          const uint32_t uid = static_cast<uint32_t>(random() % 3);
          ++written[uid];
          records += Record(uid);
        }
        dir_.Append(growing_old ? "pacct.0" : "pacct", records);
      }
    }
  }
  CollectNow();
  EXPECT_GT(rotations, 50);
  const absl::StatusOr<std::vector<Snapshot>> all = store_.LoadAll();
  for (const Snapshot& snapshot : *all) EXPECT_TRUE(snapshot.gaps.empty());
  EXPECT_EQ(Stored(), written);
}

// A run that is killed has done everything or nothing.
TEST_F(CollectorTest, AKilledCollectorCountsNothingTwice) {
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
