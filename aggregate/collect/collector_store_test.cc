// What the store has of the records after a run: hours and days, names and commands, and for how
// long.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/collector.h"
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

class CollectorStoreTest : public testing::CollectorFixture {};

// In zones whose clock changes by half an hour, at a quarter to and a minute past midnight: the
// store has the same usage of each hour and day as the file.
TEST_F(CollectorStoreTest, TheHoursAndDaysOfTheStoreAreThoseOfTheFile) {
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

TEST_F(CollectorStoreTest, NamesAreKeptAsTheyWereAtCapture) {
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

class CountingDirectory : public UserDirectory {
 public:
  using UserDirectory::NameOf;
  NameAnswer NameOf(acct::Uid) override {
    ++questions;
    return std::optional<std::string>("alice");
  }
  int questions = 0;
};

TEST_F(CollectorStoreTest, ANameIsAskedForOnceAnHour) {
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

TEST_F(CollectorStoreTest, ANameIsAskedForAgainAfterAnAccountHasChanged) {
  CountingDirectory directory;
  dir_.Write("pacct", "");
  int questions = 0;
  for (const std::string accounts : {"a", "b", "a"}) {
    ++questions;
    for (int run = 0; run < 2; ++run) {
      dir_.Append("pacct", Record(1));
      const absl::StatusOr<CollectResult> result = Collect(store_, directory,
                                                           {.files = {.path = Pacct()},
                                                            .now = now_,
                                                            .remember_names = true,
                                                            .accounts_version = accounts});
      ASSERT_TRUE(result.ok()) << result.status();
      EXPECT_EQ(directory.questions, questions);
    }
  }
}

TEST_F(CollectorStoreTest, CommandsOfAUserAreKeptAndTheSmallestOnesTogether) {
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

// What the store deletes by a clock that is a year ahead is lost.
TEST_F(CollectorStoreTest, AClockThatNothingConfirmsDeletesNothing) {
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

TEST_F(CollectorStoreTest, RecordsThatComeNowConfirmTheClockAndTheOldOnesAreDeleted) {
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

}  // namespace
}  // namespace cpuagg::aggregate
