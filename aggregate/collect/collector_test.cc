#include "aggregate/collect/collector.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/consistent_listing.h"
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
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;

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
  // And the head of another one.
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

TEST_F(CollectorTest, WhoIsGoneWithoutARecordKeepsWhatWasSeenAndDoesNotRun) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  read_processes_ = [&] { return table; };
  CollectNow();
  ASSERT_EQ(AllOf().rows.size(), 2u);
  EXPECT_EQ(AllOf().rows[0].usage.running_time().ticks().count(), 100u);
  // Accounting is off when it ends, and on again in a file that goes on.
  table.processes.clear();
  CollectNow();
  const Report report = AllOf();
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].uid, acct::Uid(1));
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 100u);
  EXPECT_EQ(report.rows[0].usage.running_time().ticks().count(), 0u);
}

// The record that the kernel writes of a probe.
std::string RecordOfProbe(const acct::AccountingProbe& probe) {
  return RecordBuilder()
      .Flags(1)
      .Pid(probe.pid)
      .Uid(probe.uid.value())
      .Command(probe.command)
      .BeginTime(static_cast<uint32_t>(probe.begin_time))
      .Bytes();
}

TEST_F(CollectorTest, RunningProcessesAreCountedOnlyBesideTheFileThatTheKernelWrites) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {
      .boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000, .reader = 8};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  const auto running = [&] {
    uint64_t ticks = 0;
    for (const ReportRow& row : AllOf().rows) ticks += row.usage.running_time().ticks().count();
    return ticks;
  };
  read_processes_ = [&] { return table; };
  enum { kWrites, kIsOff, kIsAnothers, kFails } kernel = kIsOff;
  probe_ = [&]() -> absl::StatusOr<acct::AccountingProbe> {
    if (kernel == kFails) return absl::UnavailableError("cannot make a process");
    const acct::AccountingProbe probe = {.pid = 9,
                                         .command = "cpuagg",
                                         .begin_time = 1'800'000'000,
                                         .end_time = 1'800'000'001,
                                         .reader = 8};
    acct::AccountingProbe written = probe;
    if (kernel == kIsAnothers) written.pid = 4711;
    if (kernel != kIsOff) dir_.Append("pacct", RecordOfProbe(written));
    return probe;
  };
  EXPECT_TRUE(absl::StartsWith(CollectNow().running_problem, Pacct() + ": no record of a process"));
  EXPECT_EQ(running(), 0u);
  EXPECT_TRUE(AllOf().excludes_running);
  // A change of that alone is news.
  kernel = kWrites;
  EXPECT_EQ(CollectNow().running_problem, "");
  EXPECT_EQ(running(), 100u);
  EXPECT_FALSE(AllOf().excludes_running);
  const struct {
    decltype(kernel) state;
    std::string problem;
  } cases[] = {{kIsOff, Pacct() + ": no record of a process"},
               {kIsAnothers, Pacct() + " is written for another pid namespace"},
               {kFails, "cannot make a process"}};
  for (const auto& c : cases) {
    // What is counted stays, and what /proc shows now tells nothing.
    kernel = c.state;
    table.processes[0].user_ticks = 200;
    const std::string problem = CollectNow().running_problem;
    EXPECT_TRUE(absl::StartsWith(problem, c.problem)) << problem;
    EXPECT_EQ(running(), 100u);
    EXPECT_TRUE(AllOf().excludes_running);
    const size_t snapshots = SnapshotCount();
    if (c.state == kIsOff) {
      CollectNow();
      EXPECT_EQ(SnapshotCount(), snapshots) << "nothing is new";
    }
    kernel = kWrites;
    table.processes[0].user_ticks = 100;
    CollectNow();
    EXPECT_FALSE(AllOf().excludes_running);
  }
  // A record settles what was counted, whoever looks.
  kernel = kIsOff;
  dir_.Append("pacct", RecordBuilder()
                           .Pid(7)
                           .Uid(1)
                           .UserTime(150)
                           .BeginTime(1'799'000'000)
                           .Elapsed(100'100'000.0F)
                           .Bytes());
  CollectNow();
  EXPECT_EQ(running(), 0u);
  const Report report = AllOf();
  ASSERT_EQ(report.rows[0].uid, acct::Uid(1));
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 150u);
}

TEST_F(CollectorTest, WhoIsHiddenIsKeptAndTheReportSaysSo) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  read_processes_ = [&] { return table; };
  EXPECT_EQ(CollectNow().hidden_processes, "");
  EXPECT_FALSE(AllOf().excludes_running);
  const std::vector<acct::RunningProcess> all = std::exchange(table.processes, {});
  table.is_complete = false;
  table.hidden = "/proc: hides";
  const size_t snapshots = SnapshotCount();
  EXPECT_EQ(CollectNow().hidden_processes, "/proc: hides");
  EXPECT_EQ(SnapshotCount(), snapshots + 1);
  Report report = AllOf();
  EXPECT_TRUE(report.excludes_running);
  EXPECT_EQ(report.rows[0].usage.running_time().ticks().count(), 100u);
  // Nothing is new.
  CollectNow();
  EXPECT_EQ(SnapshotCount(), snapshots + 1);
  table.is_complete = true;
  table.hidden = "";
  table.processes = all;
  CollectNow();
  EXPECT_EQ(SnapshotCount(), snapshots + 2);
  report = AllOf();
  EXPECT_FALSE(report.excludes_running);
  EXPECT_EQ(report.rows[0].usage.running_time().ticks().count(), 100u);
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 100u);
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
  // And then there is nothing new, and nothing to publish.
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
}

// Where the clock is changed by half an hour, at a quarter to and at a minute past midnight: what
// the store has of an hour or a day is what the file has of it.
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
    // Every minute of four days, each with another time.
    const absl::Time begin = change - absl::Hours(48);
    const absl::Time end = change + absl::Hours(48);
    std::string records;
    uint16_t ticks = 1;
    for (absl::Time time = begin; time < end; time += absl::Minutes(1)) {
      const auto seconds = static_cast<uint32_t>(absl::ToUnixSeconds(time));
      records += RecordBuilder().Uid(1).UserTime(ticks++).BeginTime(seconds).Bytes();
    }
    dir_.Write("pacct", records);
    // By the hour, and when users are kept by the day.
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
  // Deleted; what still comes is hers.
  names_ = PasswdFileDirectory("");
  dir_.Append("pacct", Record(1) + Record(2));
  CollectNow();
  // Her id is used again.
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

// Flips a bit of the snapshot's body.
void Damage(const TempDir& dir, const std::string& path) {
  std::string bytes = acct::testing::ReadFile(path);
  bytes.back() ^= 1;
  dir.Write(path.substr(dir.path().size() + 1), bytes);
}

TEST_F(CollectorTest, WhatADamagedNewestSnapshotHeldIsCollectedAgain) {
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

TEST_F(CollectorTest, WhatADamagedSnapshotInTheMiddleHeldIsReadAgainWhileItIsThere) {
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

TEST_F(CollectorTest, TheFirstSnapshotIsReadAgainAsWell) {
  for (uint32_t uid = 1; uid <= 3; ++uid) {
    dir_.Append("pacct", Record(uid));
    CollectNow();
  }
  std::filesystem::remove(List().snapshots[0].path);
  EXPECT_EQ(CollectNow().records, 3u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorTest, ADamagedSnapshotIsAGapIfARecordOfALaterOneIsGone) {
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

// What it held is more than what would be lost, and does not make up for it.
TEST_F(CollectorTest, ADamagedSnapshotDoesNotHideWhatIsGoneOfALaterOne) {
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

// Of a process that was seen running and left no record there is nothing to read again.
TEST_F(CollectorTest, ADamagedSnapshotIsAGapIfALaterOneHasWhatNoRecordHas) {
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

TEST_F(CollectorTest, AStoreOfWhichNothingIsLeftBeginsAgainAndSaysSo) {
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

TEST_F(CollectorTest, AMissingFileFailsAndChangesNothing) {
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SnapshotCount(), 0u);
}

TEST_F(CollectorTest, AnotherCollectorAtWorkIsAnError) {
  dir_.Write("pacct", Record(1));
  const absl::StatusOr<acct::FileLock> lock = store_.Lock(absl::ZeroDuration());
  EXPECT_EQ(TryCollect().status().code(), absl::StatusCode::kUnavailable);
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
