#include "aggregate/store/store_report.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/report/report.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/running/running.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

constexpr int64_t kFirstHour = 500'000 * 3600;

struct Counted {
  uint32_t user;  // 0 or 1: alice or bob
  int64_t hour;
  const char* command;
  uint64_t ended;
  int64_t running;
};

class StoreReportTest : public ::testing::Test {
 protected:
  // That of the next run.
  Snapshot SnapshotOf(const std::vector<Counted>& rows) {
    ++run_;
    Snapshot snapshot;
    snapshot.header = {
        .runs = {run_, run_},
        .captured_at = absl::FromUnixSeconds(kFirstHour) + absl::Hours(static_cast<int64_t>(run_)),
        .accounts = {{Uid(1000), "alice"}, {Uid(1001), "bob"}},
        .counts_running = true};
    for (const Counted& row : rows) {
      Usage usage;
      usage.processes = row.ended > 0 ? 1 : 0;
      usage.ticks.user = row.ended;
      usage.running_user = row.running;
      const int64_t begin = kFirstHour + row.hour * 3600;
      snapshot.users.push_back({begin, begin + 3600, row.user, usage});
      snapshot.commands.push_back(
          {begin, begin + 3600, row.user, CommandBitsOf(row.command), usage});
    }
    snapshot.users = Joined(std::move(snapshot.users));
    snapshot.commands = Joined(std::move(snapshot.commands));
    return snapshot;
  }

  void Put(const Snapshot& snapshot) {
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }
  void Publish(const std::vector<Counted>& rows, const RunningBaseline& running = {},
               const std::vector<Gap>& gaps = {}) {
    Snapshot snapshot = SnapshotOf(rows);
    snapshot.running = running;
    snapshot.header.gaps = gaps;
    Put(snapshot);
  }

  Report ReportOf(const Grouping& by, const Period& period = {}, uint64_t after_run = 0) const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, period, absl::UTCTimeZone(), {.after_run = after_run}, {.by = by});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }

  acct::testing::TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
  uint64_t run_ = 0;
};

// What runs at the first run may have run for days.
TEST_F(StoreReportTest, TimeFromBeforeTheFirstRunIsTold) {
  Publish({{0, 0, "job", 10, 1000}});
  Publish({{0, 1, "job", 0, 100}});
  EXPECT_TRUE(ReportOf({Dimension::kUser}).has_time_before_collecting);
  const absl::Time second = absl::FromUnixSeconds(kFirstHour + 3600);
  EXPECT_FALSE(ReportOf({Dimension::kUser}, {.begin = second}).has_time_before_collecting);
  EXPECT_FALSE(ReportOf({Dimension::kUser}, {}, 1).has_time_before_collecting);
}

TEST_F(StoreReportTest, RecordsAreOfTheTimeThatTheyAreOf) {
  Publish({{0, 0, "job", 10, 0}});
  EXPECT_FALSE(ReportOf({Dimension::kUser}).has_time_before_collecting);
}

// Stored by an earlier version, or left over if a snapshot is missing.
TEST_F(StoreReportTest, RowsBelowZeroAreShownAndCountedAsNothing) {
  Publish({{0, 0, "job", 0, 1000}});
  Publish({{0, 1, "job", 100, -1000}, {1, 1, "job", 0, 1200}, {1, 1, "other", 40, -50}});
  Publish({});
  for (const Grouping& by : {Grouping{Dimension::kUser}, Grouping{Dimension::kHour},
                             Grouping{Dimension::kUser, Dimension::kHour},
                             Grouping{Dimension::kUser, Dimension::kCommand, Dimension::kHour}}) {
    for (const int64_t hour : {0, 1}) {
      const absl::Time begin = absl::FromUnixSeconds(kFirstHour + hour * 3600);
      for (const Period& period : {Period(), Period{begin, begin + absl::Hours(1)}}) {
        for (const uint64_t after_run : {0u, 1u}) {
          const Report report = ReportOf(by, period, after_run);
          acct::ExactTime sum;
          for (const ReportRow& row : report.rows) {
            EXPECT_LE(report.ShareOf(row.usage), 1);
            EXPECT_GE(row.usage.running_user, 0);
            sum += row.usage.cpu_time();
          }
          EXPECT_EQ(sum.ticks().count(), report.totals.cpu_time().ticks().count());
        }
      }
    }
  }
  const Report report = ReportOf({Dimension::kUser, Dimension::kHour});
  EXPECT_EQ(report.totals.cpu_time().ticks().count(), 1000u + 0 + 1190);
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[2].usage.processes, 1u);
}

TEST_F(StoreReportTest, WhatIsBelowZeroInThePeriodBeforeIsNothingThere) {
  Publish({{0, 0, "job", 5, -1000}, {1, 0, "job", 0, 300}, {1, 1, "job", 10, 0}});
  const absl::Time begin = absl::FromUnixSeconds(kFirstHour);
  const absl::StatusOr<StoreReport> report =
      ReportFromStore(store_, {begin + absl::Hours(1), begin + absl::Hours(2)}, absl::UTCTimeZone(),
                      {}, {.compare_with = Period{begin, begin + absl::Hours(1)}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->report.previous_cpu()->ticks().count(), 300u);
}

TEST_F(StoreReportTest, WhoHasNothingLeftIsNoRow) {
  Publish({{0, 0, "job", 0, 1000}, {1, 0, "job", 5, 0}});
  Publish({{0, 0, "job", 0, -1000}, {1, 0, "job", 0, 1000}});
  const Report report = ReportOf({Dimension::kUser});
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].user, "bob");
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 1005u);
}

// The block begins before the requested period, and everything in it may have ended before that.
TEST_F(StoreReportTest, AHeadingHasWhatWasAskedFor) {
  Publish({{0, 0, "job", 100, 0}});
  const absl::Time since = absl::FromUnixSeconds(kFirstHour) + absl::Minutes(31);
  const Report report = ReportOf({Dimension::kUser}, {.begin = since});
  EXPECT_EQ(report.period.begin, absl::FromUnixSeconds(kFirstHour));
  EXPECT_GE(report.period.end, since);
}

TEST_F(StoreReportTest, AHeadingDoesNotEndBeforeTheTimeThatWasAskedFor) {
  Snapshot snapshot = SnapshotOf({{0, 0, "job", 100, 0}});
  snapshot.header.span.Cover(kFirstHour, kFirstHour + 600);
  Put(snapshot);
  const absl::Time since = absl::FromUnixSeconds(kFirstHour) + absl::Minutes(31);
  EXPECT_EQ(ReportOf({Dimension::kUser}, {.begin = since}).period.end, since);
}

TEST_F(StoreReportTest, AHeadingEndsWhenRunningProcessesWereLookedAt) {
  Snapshot snapshot = SnapshotOf({{0, 0, "job", 100, 600}});
  snapshot.header.span.Cover(kFirstHour, kFirstHour + 600);
  snapshot.running = {.boot_id = "boot", .scanned_at = kFirstHour + 1800};
  Put(snapshot);
  EXPECT_EQ(ReportOf({Dimension::kUser}).period,
            (Period{absl::FromUnixSeconds(kFirstHour), absl::FromUnixSeconds(kFirstHour + 1801)}));
}

// Nothing was found since then, and so nothing says when that time ends.
TEST_F(StoreReportTest, AHeadingDoesNotEndWithThePeriodBefore) {
  Snapshot snapshot = SnapshotOf({{0, 0, "job", 100, 0}});
  snapshot.header.span.Cover(kFirstHour, kFirstHour + 600);
  Put(snapshot);
  const absl::Time begin = absl::FromUnixSeconds(kFirstHour);
  const absl::StatusOr<StoreReport> report =
      ReportFromStore(store_, {.begin = begin + absl::Hours(1)}, absl::UTCTimeZone(), {},
                      {.compare_with = Period{begin, begin + absl::Hours(1)}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->report.previous_cpu()->ticks().count(), 100u);
  EXPECT_EQ(report->report.period.end, absl::InfiniteFuture());
}

// The periods meet within that hour.
TEST_F(StoreReportTest, AnHourOfBothPeriodsCountsOnlyInTheLaterOne) {
  Publish({{1, -1, "job", 10, 0}, {0, 0, "job", 100, 0}});
  const absl::Time begin = absl::FromUnixSeconds(kFirstHour) + absl::Minutes(30);
  const absl::StatusOr<StoreReport> report =
      ReportFromStore(store_, {begin, begin + absl::Hours(50)}, absl::UTCTimeZone(), {},
                      {.compare_with = Period{begin - absl::Hours(50), begin}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->report.totals.cpu_time().ticks().count(), 100u);
  EXPECT_EQ(report->report.previous_cpu()->ticks().count(), 10u);
}

TEST_F(StoreReportTest, APeriodIsNotComparedWithAShorterOne) {
  Publish({{1, -1, "job", 10, 0}, {0, 0, "job", 100, 0}, {1, 1, "job", 50, 0}});
  const absl::Time begin = absl::FromUnixSeconds(kFirstHour) + absl::Minutes(30);
  const auto compared = [&](absl::Duration length) {
    const absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, {begin, begin + length}, absl::UTCTimeZone(), {},
                        {.compare_with = Period{begin - length, begin}});
    EXPECT_TRUE(report.ok()) << report.status();
    EXPECT_NE(report->report.previous.has_value(), report->report.has_unequal_before);
    return report->report.previous.has_value();
  };
  // It has the hour at its beginning, and half of it is not its own.
  EXPECT_FALSE(compared(absl::Hours(1)));
  EXPECT_FALSE(compared(absl::Hours(24)));
  EXPECT_TRUE(compared(absl::Hours(50)));
}

// As `last-hour` in a zone whose hours begin when half of those of the store are over.
TEST_F(StoreReportTest, TwoHoursAreNotComparedWithOne) {
  Publish({{1, -1, "job", 10, 0}, {0, 0, "job", 100, 0}, {1, 1, "job", 50, 0}});
  const absl::TimeZone kolkata = absl::FixedTimeZone(5 * 3600 + 1800);
  const absl::Time begin = absl::FromUnixSeconds(kFirstHour) + absl::Minutes(30);
  const absl::StatusOr<StoreReport> report =
      ReportFromStore(store_, {begin, begin + absl::Hours(1)}, kolkata, {},
                      {.compare_with = Period{begin - absl::Hours(1), begin}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->report.period.end - report->report.period.begin, absl::Hours(2));
  EXPECT_FALSE(report->report.previous.has_value());
  EXPECT_TRUE(report->report.has_unequal_before);
}

// As `--since 20m`, which is compared in whole hours.
TEST_F(StoreReportTest, AnHourThatWasAskedForInPartIsComparedWithAnHour) {
  Publish({{1, -1, "job", 10, 0}, {0, 0, "job", 100, 0}});
  const absl::Time hour = absl::FromUnixSeconds(kFirstHour);
  for (const absl::Time end : {hour + absl::Minutes(50), absl::InfiniteFuture()}) {
    const absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, {hour + absl::Minutes(30), end}, absl::UTCTimeZone(), {},
                        {.compare_with = Period{hour - absl::Hours(1), hour}});
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_TRUE(report->report.previous.has_value());
    EXPECT_EQ(report->report.previous_cpu()->ticks().count(), 10u);
    EXPECT_FALSE(report->report.has_unequal_before);
  }
}

// As `--since 2h` of a machine that did nothing when they began, or when they ended.
TEST_F(StoreReportTest, AnIdleHourAtAnEndDoesNotMakeAPeriodShorter) {
  Publish({{1, -1, "job", 10, 0}, {0, 1, "job", 100, 0}});
  const absl::Time hour = absl::FromUnixSeconds(kFirstHour);
  for (const absl::Time end : {hour + absl::Minutes(170), absl::InfiniteFuture()}) {
    for (const int begin : {0, 1, 13, 59}) {
      const absl::StatusOr<StoreReport> report =
          ReportFromStore(store_, {hour + absl::Minutes(begin), end}, absl::UTCTimeZone(), {},
                          {.compare_with = Period{hour - absl::Hours(3), hour}});
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_FALSE(report->report.has_unequal_before);
      ASSERT_TRUE(report->report.previous.has_value());
      EXPECT_EQ(report->report.previous_cpu()->ticks().count(), 10u);
    }
  }
}

TEST_F(StoreReportTest, DamageIsInTheReportsOfTheTimeInWhichItCame) {
  Publish({{0, 0, "job", 100, 0}});
  Snapshot damage = SnapshotOf({});
  acct::ByteAccount input;
  input.name = "pacct";
  input.bytes = 64;
  input.AddSkipped(0, 64, acct::SkipReason::kImplausible);
  damage.inputs = {input};
  Put(damage);
  const absl::Time first = absl::FromUnixSeconds(kFirstHour);
  const absl::Time second = first + absl::Hours(1);
  EXPECT_EQ(ReportOf({Dimension::kUser}, {first, second}).inputs.size(), 0u);
  EXPECT_EQ(ReportOf({Dimension::kUser}, {second, second + absl::Hours(1)}).inputs.size(), 1u);
}

// It was captured by a clock that was ahead.
TEST_F(StoreReportTest, WhatHasExpiredIsNotKnown) {
  Snapshot expired = SnapshotOf({});
  expired.header.level = MergeLevel::kExpired;
  expired.header.captured_at = absl::FromUnixSeconds(kFirstHour) + absl::Hours(100);
  Put(expired);
  EXPECT_EQ(ReportOf({Dimension::kUser}).known, std::nullopt);
  Publish({{0, 1, "job", 100, 0}});
  EXPECT_EQ(ReportOf({Dimension::kUser}).known,
            (Period{absl::FromUnixSeconds(kFirstHour + 3600),
                    absl::FromUnixSeconds(kFirstHour) + absl::Hours(2)}));
}

TEST_F(StoreReportTest, AccountingIsOffIfTheLastRunFoundItSo) {
  const absl::Time since = absl::FromUnixSeconds(kFirstHour) + absl::Minutes(30);
  const absl::Time now = since + absl::Hours(5);
  for (const bool is_off : {true, false}) {
    Snapshot snapshot = SnapshotOf({{0, 0, "job", 100, 0}});
    snapshot.header.accounting.kind =
        is_off ? AccountingState::Kind::kOff : AccountingState::Kind::kOn;
    snapshot.header.accounting.since = is_off ? since : absl::InfinitePast();
    Put(snapshot);
    const absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, {}, absl::UTCTimeZone(), {.now = now}, {});
    ASSERT_TRUE(report.ok()) << report.status();
    ASSERT_EQ(report->report.accounting_off.has_value(), is_off);
    ASSERT_EQ(report->report.gaps.size(), is_off ? 1u : 0u);
    if (!is_off) continue;
    EXPECT_EQ(report->report.accounting_off->since, since);
    EXPECT_EQ(report->report.gaps[0].period, (Period{since, now}));
  }
}

TEST_F(StoreReportTest, AGapThatHasBeenReportedIsNotNew) {
  const absl::Time first = absl::FromUnixSeconds(kFirstHour);
  Publish({{0, 0, "job", 100, 0}}, {},
          {{.period = {first, first + absl::Hours(1)}, .reason = "a generation is missing"}});
  Publish({{0, 1, "job", 100, 0}});
  EXPECT_EQ(ReportOf({Dimension::kUser}).gaps.size(), 1u);
  EXPECT_EQ(ReportOf({Dimension::kUser}, {}, /*after_run=*/1).gaps.size(), 0u);
}

// For example from a generation that was missing before.
TEST_F(StoreReportTest, WhatIsNewAndEndedLongAgoIsInTheHeading) {
  Publish({{0, 0, "job", 100, 0}});
  Publish({{0, -20, "job", 100, 0}});
  const Report report = ReportOf({Dimension::kUser}, {}, /*after_run=*/1);
  EXPECT_EQ(report.totals.processes, 1u);
  EXPECT_EQ(report.period.begin, absl::FromUnixSeconds(kFirstHour - 20 * 3600));
  EXPECT_GE(report.period.end, report.period.begin);
}

TEST_F(StoreReportTest, WhatStillRunsIsNoMoreThanTheRowHas) {
  const RunningBaseline running = {
      .boot_id = "boot",
      .processes = {
          {.pid = 7, .uid = Uid(1000), .command = CommandBitsOf("job"), .user_ticks = 600}}};
  Publish({{0, 0, "job", 0, 1500}});
  // One of two processes has ended; its first part was counted in the hour before.
  Publish({{0, 1, "job", 1200, -900}}, running);
  const Report hours = ReportOf({Dimension::kUser, Dimension::kHour});
  ASSERT_EQ(hours.rows.size(), 2u);
  EXPECT_EQ(hours.rows[0].usage.cpu_time().ticks().count(), 1500u);
  EXPECT_EQ(hours.rows[0].usage.running_time().ticks().count(), 600u);
  EXPECT_EQ(hours.rows[1].usage.cpu_time().ticks().count(), 300u);
  EXPECT_EQ(hours.rows[1].usage.running_time().ticks().count(), 0u);
  EXPECT_EQ(ReportOf({Dimension::kUser}).totals.running_time().ticks().count(), 600u);
}

TEST_F(StoreReportTest, OnlyRunsOfTheReportAreMissingFromIt) {
  for (int64_t hour = 0; hour < 3; ++hour) Publish({{0, hour, "job", 100, 0}});
  const absl::StatusOr<StoreListing> listing = store_.List();
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_TRUE(std::filesystem::remove(listing->snapshots.front().path));
  EXPECT_EQ(ReportOf({Dimension::kUser}).gaps.size(), 1u);
  EXPECT_EQ(ReportOf({Dimension::kUser}, {}, /*after_run=*/2).gaps.size(), 0u);
}

TEST_F(StoreReportTest, AGapIsInTheReportsOfItsTime) {
  const absl::Time first = absl::FromUnixSeconds(kFirstHour);
  const auto hour = [&](int n) {
    return Period{first + absl::Hours(n), first + absl::Hours(n + 1)};
  };
  Publish({{0, 0, "job", 100, 0}, {0, 48, "job", 100, 0}}, {},
          {{.period = hour(48), .reason = "a generation is missing"}});
  EXPECT_EQ(ReportOf({Dimension::kUser}).gaps.size(), 1u);
  EXPECT_EQ(ReportOf({Dimension::kUser}, hour(48)).gaps.size(), 1u);
  EXPECT_EQ(ReportOf({Dimension::kUser}, hour(0)).gaps.size(), 0u);
  EXPECT_EQ(ReportOf({Dimension::kUser}, hour(49)).gaps.size(), 0u);
}

}  // namespace
}  // namespace cpuagg::aggregate
