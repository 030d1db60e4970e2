#include "aggregate/collect/collector.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/file_report.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/collector_fixture.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

using testing::Gzipped;

class CollectorTest : public testing::CollectorFixture {};

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
  // accton's own record is written to the old file after its successor has begun.
  dir_.Append("pacct.0", Record(6));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}));
  EXPECT_TRUE(CollectNow().gaps.empty());
}

// Otherwise each run would unpack it again.
TEST_F(CollectorTest, WhatWasReadToItsEndIsSealed) {
  dir_.Write("pacct.1.gz", Gzipped(Records(5)));
  dir_.Write("pacct.0", Records(4));
  dir_.Write("pacct", Records(3));
  CollectNow();
  const StoreListing listing = List();
  ASSERT_EQ(listing.snapshots.size(), 1u);
  const absl::StatusOr<Snapshot> snapshot = store_.Load(listing.snapshots[0]);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ(snapshot->cursors.size(), 3u);
  for (const char* name : {"pacct", "pacct.0", "pacct.1.gz"}) {
    const acct::Cursor& cursor = snapshot->cursors[name[5] == 0 ? 0 : name[6] - '0' + 1];
    EXPECT_EQ(cursor.sealed_bytes, std::filesystem::file_size(dir_.Path(name))) << name;
  }
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

TEST_F(CollectorTest, WhatHasBeenReadVouchesForWhatFollows) {
  // A command without a name, from before the clock was set.
  const auto odd = [&](uint32_t uid) {
    return RecordBuilder().Uid(uid).BeginTime(uid).Command("").Bytes();
  };
  dir_.Write("pacct", Record(1) + Record(1));
  CollectNow();
  for (const uint32_t uid : {2, 3}) {
    dir_.Append("pacct", odd(uid));
    const CollectResult result = CollectNow();
    EXPECT_EQ(result.records, 1u);
    EXPECT_FALSE(result.inputs.empty());
    for (const acct::ByteAccount& input : result.inputs) EXPECT_FALSE(input.damaged());
  }
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorTest, OddRecordsWaitForARegularOneAtTheBeginningOfAGrowingFile) {
  const auto odd = [&](uint32_t uid) {
    return RecordBuilder().Uid(uid).BeginTime(uid).Command("").Bytes();
  };
  dir_.Write("pacct", odd(2));
  EXPECT_EQ(CollectNow().records, 0u);
  // Followed by the beginning of another record.
  dir_.Append("pacct", odd(3) + Record(1).substr(0, 20));
  EXPECT_EQ(CollectNow().records, 0u);
  dir_.Write("pacct", odd(2) + odd(3) + Record(1));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 3u);
  EXPECT_TRUE(result.gaps.empty());
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorTest, ARecordThatIsTornBehindOddOnesIsReadOnceItIsWhole) {
  const std::string odd = RecordBuilder().Uid(2).BeginTime(0).Command("").Bytes();
  for (size_t kept = 1; kept < 64; ++kept) {
    SCOPED_TRACE(kept);
    std::filesystem::remove_all(store_.directory());
    const std::string record = Record(3);
    dir_.Write("pacct", Record(1) + odd + record.substr(0, kept));
    EXPECT_EQ(CollectNow().records, 2u);
    EXPECT_EQ(CollectNow().records, 0u);
    dir_.Append("pacct", record.substr(kept));
    EXPECT_EQ(CollectNow().records, 1u);
    EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}}));
  }
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

TEST_F(CollectorTest, AFileThatStaysEmptyIsAGapThatIsReportedOnce) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Write("pacct", "");
  EXPECT_EQ(CollectNow().gaps.size(), 1u);
  EXPECT_TRUE(CollectNow().gaps.empty());
  dir_.Append("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(AllOf().gaps.size(), 1u);
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
  ASSERT_EQ(SnapshotCount(), 1u);
  const absl::StatusOr<Snapshot> snapshot = store_.Load(List().snapshots[0]);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  std::set<int64_t> days;
  for (const UserRow& row : snapshot->users) days.insert(row.begin / 86'400);
  EXPECT_EQ(days.size(), 31u);
  // Afterwards nothing is new, and nothing is published.
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
}

// In zones whose clock changes by half an hour, at a quarter to and a minute past midnight: the
// store has the same usage of each hour and day as the file.
TEST_F(CollectorTest, TheHoursAndDaysOfTheStoreAreThoseOfTheFile) {
  struct Case {
    const char* zone;
    const char* change;
  };
  const Case cases[] = {{"Australia/Lord_Howe", "2026-04-04T15:00:00+00:00"},
                        {"Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"},
                        {"Pacific/Chatham", "2026-04-04T14:00:00+00:00"},
                        {"America/St_Johns", "2010-11-07T02:31:00+00:00"},
                        {"America/St_Johns", "2010-03-14T03:31:00+00:00"},
                        {"Pacific/Apia", "2011-12-30T10:00:00+00:00"},
                        {"Europe/Berlin", "2026-10-25T01:00:00+00:00"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.zone, " ", c.change));
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(c.zone, &zone));
    absl::Time change;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, c.change, &change, nullptr));
    // One record for every minute of four days, each with a different time.
    const absl::Time begin = change - absl::Hours(48);
    const absl::Time end = change + absl::Hours(48);
    std::string records;
    uint16_t ticks = 1;
    for (absl::Time time = begin; time < end; time += absl::Minutes(1)) {
      const auto seconds = static_cast<uint32_t>(absl::ToUnixSeconds(time));
      records += RecordBuilder().Uid(1).UserTime(ticks++).BeginTime(seconds).Bytes();
    }
    dir_.Write("pacct", records);
    // With users kept by the hour, and later by the day.
    for (const int days_later : {3, 400}) {
      SCOPED_TRACE(days_later);
      SnapshotStore store(dir_.Path(absl::StrCat("store", days_later, c.change)), files_);
      const absl::StatusOr<CollectResult> collected =
          Collect(store, names_,
                  {.files = {.path = Pacct()},
                   .now = change + absl::Hours(24 * days_later),
                   .time_zone = zone});
      ASSERT_TRUE(collected.ok()) << collected.status();
      const CalendarUnit unit = days_later == 3 ? CalendarUnit::kHour : CalendarUnit::kDay;
      for (absl::Time time = begin; time < end;) {
        const Period period = PeriodOf(unit, time, zone);
        const absl::StatusOr<StoreReport> stored = ReportFromStore(store, period, zone, {}, {});
        ASSERT_TRUE(stored.ok()) << stored.status();
        const absl::StatusOr<Report> read =
            ReportFromFiles({Pacct()}, period, zone, names_, {}, {});
        ASSERT_TRUE(read.ok()) << read.status();
        ASSERT_EQ(stored->report.totals.cpu_time(), read->totals.cpu_time()) << time;
        ASSERT_GT(read->totals.processes, 0u) << time;
        time = period.end;
      }
    }
  }
}

TEST_F(CollectorTest, NamesAreKeptAsTheyWereAtCapture) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  // The account is deleted; records that still come are hers.
  names_ = PasswdFileDirectory("");
  dir_.Append("pacct", Record(1) + Record(2));
  CollectNow();
  // Her id is reused.
  names_ = PasswdFileDirectory("bob:x:1:1::/:\n");
  dir_.Append("pacct", Record(1) + Record(1) + Record(1));
  CollectNow();
  const Report report = AllOf();
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].user, "bob");
  EXPECT_EQ(report.rows[0].usage.processes, 3u);
  EXPECT_EQ(report.rows[1].user, "alice");
  EXPECT_EQ(report.rows[1].usage.processes, 2u);
  EXPECT_EQ(report.rows[2].user, std::nullopt);
}

TEST_F(CollectorTest, CommandsOfAUserAreKeptAndTheSmallestOnesTogether) {
  std::string records;
  for (uint16_t i = 1; i <= 14; ++i) {
    records += RecordBuilder()
                   .Uid(1)
                   .UserTime(i)
                   .BeginTime(next_begin_++)
                   .Command(absl::StrCat("command", i))
                   .Bytes();
  }
  dir_.Write("pacct", records);
  CollectNow();
  absl::StatusOr<StoreReport> stored =
      ReportFromStore(store_, Period(), absl::UTCTimeZone(), {}, {.by = {Dimension::kCommand}});
  ASSERT_TRUE(stored.ok()) << stored.status();
  const std::vector<ReportRow>& rows = stored->report.rows;
  ASSERT_EQ(rows.size(), 11u);
  EXPECT_EQ(rows[0].command, "command14");
  uint64_t ticks = 0;
  for (const ReportRow& row : rows) {
    ticks += row.usage.cpu_time().ticks().count();
    if (row.command.has_value()) continue;
    EXPECT_EQ(row.usage.ticks.user, 1u + 2 + 3 + 4);
  }
  EXPECT_EQ(ticks, 14u * 15 / 2);
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
  const absl::StatusOr<acct::FileLock> lock = store_.Lock(absl::ZeroDuration());
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kUnavailable);
}

// The other run reads what is there, and more comes before this one reads.
TEST_F(CollectorTest, ARunThatIsOvertakenByAnotherOneStartsAgain) {
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

TEST_F(CollectorTest, WhatIsPublishedCountsAlthoughACrashMayUndoIt) {
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

class CountingDirectory : public UserDirectory {
 public:
  using UserDirectory::NameOf;
  NameAnswer NameOf(acct::Uid) override {
    ++questions;
    return std::optional<std::string>("alice");
  }
  int questions = 0;
};

TEST_F(CollectorTest, ANameIsAskedForOnceAnHour) {
  CountingDirectory directory;
  dir_.Write("pacct", "");
  for (const int questions : {1, 1, 2}) {
    dir_.Append("pacct", Record(1));
    const absl::StatusOr<CollectResult> result = Collect(
        store_, directory, {.files = {.path = Pacct()}, .now = now_, .remember_names = true});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(directory.questions, questions);
    now_ += absl::Minutes(40);
  }
  EXPECT_EQ(AllOf().rows[0].user, "alice");
}

// What the store deletes by a clock that is a year ahead is lost.
TEST_F(CollectorTest, AClockThatNothingConfirmsDeletesNothing) {
  next_begin_ = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
  retention_.days = 30;
  booted_at_ = now_;
  for (const uint32_t uid : {1, 2}) {
    dir_.Append("pacct", Record(uid));
    CollectNow();
  }
  now_ += absl::Hours(365 * 24);
  const CollectResult result = CollectNow();
  EXPECT_TRUE(result.forgotten.empty());
  EXPECT_NE(result.keeps_all_because.find("2028-01-15"), std::string::npos)
      << result.keeps_all_because;
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}}));
}

TEST_F(CollectorTest, RecordsThatComeNowConfirmTheClockAndTheOldOnesAreDeleted) {
  next_begin_ = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
  retention_.days = 30;
  booted_at_ = now_;
  for (const uint32_t uid : {1, 2}) {
    dir_.Append("pacct", Record(uid));
    CollectNow();
  }
  now_ += absl::Hours(365 * 24);
  next_begin_ = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
  dir_.Append("pacct", Record(3));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.forgotten, (std::vector<Runs>{{1, 1}, {2, 2}}));
  EXPECT_EQ(result.keeps_all_because, "");
  EXPECT_EQ(Stored(), (Processes{{3, 1}}));
}

// A killed run has done everything or nothing.
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
