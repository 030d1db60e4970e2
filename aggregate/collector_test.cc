#include "aggregate/collector.h"

#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <set>
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

std::string Gzipped(const std::string& content) {
  z_stream stream = {};
  constexpr int kGzip = 15 + 16;
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string compressed(deflateBound(&stream, content.size()) + 32, '\0');
  std::string input = content;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

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

TEST_F(CollectorTest, AGenerationThatIsGoneIsAGapThatIsReportedOnce) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Write("pacct.0", Record(2));
  dir_.Write("pacct", Record(3));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 2u);
  EXPECT_EQ(result.gaps.size(), 1u);
  EXPECT_TRUE(CollectNow().gaps.empty());
}

TEST_F(CollectorTest, AGenerationThatComesBackIsNotCountedAgain) {
  const std::string old = Record(1) + Record(1);
  dir_.Write("pacct.1", old);
  dir_.Write("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 3u);
  std::filesystem::remove(dir_.Path("pacct.1"));
  dir_.Append("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 1u);
  dir_.Write("pacct.2.gz", Gzipped(old));
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 2}}));
}

TEST_F(CollectorTest, TheFirstRunReadsAMonthOfGenerationsIntoTheirOwnHours) {
  uint64_t records = 0;
  for (int day = 30; day >= 0; --day) {
    const auto end = static_cast<uint32_t>(1'799'900'000 - day * 86'400);
    const std::string content = RecordBuilder().Uid(1).Pid(end).BeginTime(end).Bytes() +
                                RecordBuilder().Uid(1).Pid(end + 1).BeginTime(end + 1).Bytes();
    const std::string name = absl::StrCat("pacct.", day);
    if (day == 0) {
      dir_.Write(name, content);
    } else {
      dir_.Write(name + ".gz", Gzipped(content));
    }
    records += 2;
  }
  EXPECT_EQ(CollectNow().records, records);
  const absl::StatusOr<std::vector<Snapshot>> snapshots = store_.LoadAll();
  ASSERT_EQ(snapshots->size(), 1u);
  std::set<int64_t> days;
  for (const auto& [key, usage] : (*snapshots)[0].usage) days.insert(key.begin / 86'400);
  EXPECT_EQ(days.size(), 31u);
  // And then there is nothing new, and nothing to publish.
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
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

// How a system rotates its accounting file.
struct Scheme {
  const char* name;
  bool is_dated;
  int first_number;  // of the newest rotated file
  bool copies_and_truncates;
  int compressed_from;  // the age, in rotations, from which files are compressed; -1: never
  int kept;             // rotations
};

class RotationSchemeTest : public CollectorTest, public ::testing::WithParamInterface<Scheme> {
 protected:
  void RotateBy(const Scheme& scheme) {
    const std::string content = acct::testing::ReadFile(Pacct());
    if (scheme.copies_and_truncates) {
      rotated_.insert(rotated_.begin(), {.path = dir_.Write("copy", content)});
      dir_.Write("pacct", "");
    } else {
      rotated_.insert(rotated_.begin(), {.path = Pacct()});
    }
    // The oldest first, so that no name is taken.
    for (size_t age = rotated_.size(); age-- > 0;) {
      Rotated& file = rotated_[age];
      const bool compresses = scheme.compressed_from >= 0 &&
                              age >= static_cast<size_t>(scheme.compressed_from) &&
                              !file.is_compressed;
      const std::string stem =
          scheme.is_dated ? absl::StrCat("pacct-", file.date == 0 ? ++date_ : file.date)
                          : absl::StrCat("pacct.", static_cast<int>(age) + scheme.first_number);
      if (file.date == 0) file.date = date_;
      const bool is_compressed = file.is_compressed || compresses;
      const std::string target = dir_.Path(is_compressed ? stem + ".gz" : stem);
      if (compresses) {
        const std::string plain = acct::testing::ReadFile(file.path);
        std::filesystem::remove(file.path);
        dir_.Write(std::filesystem::path(target).filename().string(), Gzipped(plain));
      } else if (target != file.path) {
        std::filesystem::rename(file.path, target);
      }
      file.path = target;
      file.is_compressed = is_compressed;
    }
    while (rotated_.size() > static_cast<size_t>(scheme.kept)) {
      std::filesystem::remove(rotated_.back().path);
      rotated_.pop_back();
    }
    if (!scheme.copies_and_truncates) dir_.Write("pacct", "");
  }

  struct Rotated {
    std::string path;
    bool is_compressed = false;
    int date = 0;
  };
  std::vector<Rotated> rotated_;  // newest first
  int date_ = 20260101;
};

// Random histories of growth, rotation and collecting: whatever the order, every record counts once
// as long as no generation is deleted unread, and else there is a gap.
TEST_P(RotationSchemeTest, RandomHistoriesCountEveryRecordOnce) {
  const Scheme& scheme = GetParam();
  std::mt19937 random(20261123);
  std::map<uint32_t, uint64_t> written;
  dir_.Write("pacct", "");
  int rotations = 0;
  int unread_rotations = 0;
  for (int step = 0; step < 400; ++step) {
    switch (random() % 5) {
      case 0:
        CollectNow();
        unread_rotations = 0;
        break;
      case 1:
        if (std::filesystem::file_size(Pacct()) == 0 || unread_rotations + 1 >= scheme.kept) break;
        RotateBy(scheme);
        ++unread_rotations;
        ++rotations;
        break;
      default: {
        // The writer may still be at the file that was rotated away.
        const bool is_late = !scheme.copies_and_truncates && !rotated_.empty() &&
                             !rotated_[0].is_compressed && random() % 4 == 0;
        std::string records;
        for (uint64_t i = random() % 4; i > 0; --i) {
          const uint32_t uid = static_cast<uint32_t>(random() % 3);
          ++written[uid];
          records += Record(uid);
        }
        dir_.Append(is_late ? std::filesystem::path(rotated_[0].path).filename().string() : "pacct",
                    records);
      }
    }
  }
  CollectNow();
  EXPECT_GT(rotations, 25);
  const absl::StatusOr<std::vector<Snapshot>> all = store_.LoadAll();
  for (const Snapshot& snapshot : *all) EXPECT_TRUE(snapshot.gaps.empty());
  EXPECT_EQ(Stored(), written);
  // Whatever is deleted unread is a gap, and the rest still counts once.
  dir_.Append("pacct", Record(1) + Record(2));
  CollectNow();
  for (int i = 0; i <= scheme.kept; ++i) {
    dir_.Append("pacct", Record(1));
    RotateBy(scheme);
  }
  EXPECT_EQ(CollectNow().gaps.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Schemes, RotationSchemeTest,
                         ::testing::Values(Scheme{"Savelog", false, 0, false, 1, 7},
                                           Scheme{"LogrotateNumbered", false, 1, false, -1, 5},
                                           Scheme{"LogrotateCompressed", false, 1, false, 0, 5},
                                           Scheme{"LogrotateDelayed", false, 1, false, 1, 5},
                                           Scheme{"LogrotateDated", true, 0, false, -1, 5},
                                           Scheme{"LogrotateDatedDelayed", true, 0, false, 1, 5},
                                           Scheme{"CopyTruncate", false, 1, true, -1, 5},
                                           Scheme{"CopyTruncateCompressed", false, 1, true, 0, 5}),
                         [](const auto& test) { return test.param.name; });

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
