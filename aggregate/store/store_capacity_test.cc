#include "aggregate/store/store_capacity.h"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/report/report.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Ticks;

constexpr int64_t kHour = 3600;
constexpr int64_t kMidnight = 20'000 * 24 * kHour;

// Two processors that are half busy, for `known` seconds of `hour` after midnight.
MachineTime HourOf(int64_t hour, uint64_t known = 3600) {
  return {.begin = kMidnight + hour * kHour,
          .end = kMidnight + (hour + 1) * kHour,
          .known = known,
          .processors = 2,
          .busy = known * 100,
          .idle = known * 100};
}

absl::Time At(int64_t hour, int64_t seconds = 0) {
  return absl::FromUnixSeconds(kMidnight + hour * kHour + seconds);
}

class StoreCapacityTest : public ::testing::Test {
 protected:
  // A run at `at` that found the machine's `times`, and `cpu_seconds` of a user in the hour before.
  void Publish(absl::Time at, std::vector<MachineTime> times, uint64_t cpu_seconds = 0) {
    ++run_;
    Snapshot snapshot;
    snapshot.header = {.runs = {run_, run_},
                       .captured_at = at,
                       .accounts = {{acct::Uid(1000), "alice"}},
                       .counts_running = true,
                       .machine_times = std::move(times)};
    const int64_t begin = (absl::ToUnixSeconds(at) - 1) / kHour * kHour;
    if (cpu_seconds > 0) {
      snapshot.users = {{.begin = begin,
                         .end = begin + kHour,
                         .account = 0,
                         .usage = {.processes = 1, .ticks = {.user = cpu_seconds * 100}}}};
    }
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }

  Report ReportOf(const Period& period, const Grouping& by = {Dimension::kUser},
                  uint64_t after_run = 0) const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, period, absl::UTCTimeZone(), {.after_run = after_run}, {.by = by});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }

  acct::testing::TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
  uint64_t run_ = 0;
};

TEST_F(StoreCapacityTest, APeriodHasTheHoursInsideOfIt) {
  for (int64_t hour = 0; hour < 5; ++hour) Publish(At(hour + 1), {HourOf(hour)}, 1800);
  const Report report = ReportOf({At(1), At(4)});
  ASSERT_TRUE(report.capacity.has_value());
  EXPECT_EQ(report.capacity->processors, 2u);
  EXPECT_EQ(report.capacity->busy, Ticks(3 * 360'000));
  EXPECT_EQ(report.capacity->total(), Ticks(3 * 720'000));
  EXPECT_EQ(report.capacity->period_seconds, 3u * 3600);
  EXPECT_TRUE(report.capacity->is_complete());
  ASSERT_TRUE(report.coverage().has_value());
  EXPECT_EQ(report.coverage()->accounted, Ticks(3 * 180'000));
  EXPECT_EQ(report.coverage()->unaccounted, Ticks(3 * 180'000));
  EXPECT_DOUBLE_EQ(report.coverage()->share, 0.5);
}

TEST_F(StoreCapacityTest, AStoreWithoutThemHasNoCapacity) {
  Publish(At(1), {}, 1800);
  EXPECT_FALSE(ReportOf({At(0), At(1)}).capacity.has_value());
  EXPECT_FALSE(ReportOf({}).capacity.has_value());
  // Nothing is known of the time before the first run that kept them.
  Publish(At(2), {HourOf(1)}, 1800);
  EXPECT_FALSE(ReportOf({At(0), At(1)}).capacity.has_value());
  const Report both = ReportOf({At(0), At(2)});
  ASSERT_TRUE(both.capacity.has_value());
  EXPECT_EQ(both.capacity->known_seconds, 3600u);
  EXPECT_EQ(both.capacity->period_seconds, 7200u);
  EXPECT_FALSE(both.coverage().has_value());
  EXPECT_EQ(ReportOf({}).capacity->period_seconds, 7200u);
}

TEST_F(StoreCapacityTest, ThePeriodGoesUpToTheLastRun) {
  Publish(At(1), {HourOf(0)}, 1800);
  Publish(At(1, 900), {HourOf(1, 900)}, 450);
  for (const Period& period : {Period{At(0), At(24)}, Period{At(0)}, Period{}}) {
    const Report report = ReportOf(period);
    ASSERT_TRUE(report.capacity.has_value());
    EXPECT_EQ(report.capacity->period_seconds, 4500u);
    EXPECT_TRUE(report.capacity->is_complete());
    EXPECT_TRUE(report.coverage().has_value());
  }
  EXPECT_FALSE(ReportOf({At(2), At(24)}).capacity.has_value());
}

TEST_F(StoreCapacityTest, WhatThePeriodCutsIsNotKnown) {
  // Runs that were five hours apart.
  Publish(At(1), {HourOf(0)}, 1800);
  Publish(At(6), {{.begin = kMidnight + kHour,
                   .end = kMidnight + 6 * kHour,
                   .known = 5 * 3600,
                   .processors = 2,
                   .busy = 1000,
                   .idle = 2000}});
  const Report report = ReportOf({At(0), At(3)});
  ASSERT_TRUE(report.capacity.has_value());
  EXPECT_EQ(report.capacity->known_seconds, 3600u);
  EXPECT_EQ(report.capacity->period_seconds, 3u * 3600);
  EXPECT_EQ(report.capacity->busy, Ticks(360'000));
  EXPECT_TRUE(ReportOf({At(0), At(6)}).capacity->is_complete());
  EXPECT_FALSE(ReportOf({At(2), At(5)}).capacity.has_value());
}

// Then the hour was there twice.
TEST_F(StoreCapacityTest, AClockThatWasPutBackHidesNoUnknownTime) {
  Publish(At(1), {HourOf(0)}, 1800);
  Publish(At(1), {HourOf(0)}, 1800);
  Publish(At(2), {}, 1800);
  const Report report = ReportOf({At(0), At(2)});
  EXPECT_EQ(report.capacity->known_seconds, 3600u);
  EXPECT_FALSE(report.capacity->is_complete());
  EXPECT_EQ(report.capacity->busy, Ticks(720'000));
}

TEST_F(StoreCapacityTest, WhatIsNewSinceTheLastReportHasTheTimesOfItsRuns) {
  Publish(At(1, 1800), {HourOf(1, 1800)}, 900);
  Publish(At(2), {HourOf(1, 1800)}, 900);
  Publish(At(2, 900), {HourOf(2, 900)}, 450);
  const Report report = ReportOf({}, {Dimension::kUser}, 1);
  ASSERT_TRUE(report.capacity.has_value());
  EXPECT_EQ(report.capacity->busy, Ticks(270'000));
  EXPECT_EQ(report.capacity->period_seconds, 2700u);
  EXPECT_TRUE(report.capacity->is_complete());
  EXPECT_DOUBLE_EQ(report.coverage()->share, 0.5);
  EXPECT_FALSE(ReportOf({}, {Dimension::kUser}, 3).capacity.has_value());
}

TEST_F(StoreCapacityTest, AnHourWithMoreThanTheMachineHadIsKnown) {
  Publish(At(1), {HourOf(0)}, 7200);
  Publish(At(2), {HourOf(1)}, 100);
  Publish(At(2, 600), {HourOf(2, 600)}, 1200);
  EXPECT_FALSE(ReportOf({}, {Dimension::kHour}).capacity->rows_exceed);
  Publish(At(2, 1200), {HourOf(2, 600)}, 1201);
  EXPECT_TRUE(ReportOf({}, {Dimension::kHour}).capacity->rows_exceed);
  EXPECT_TRUE(ReportOf({}, {Dimension::kUser, Dimension::kHour}).capacity->rows_exceed);
  EXPECT_FALSE(ReportOf({At(0), At(2)}, {Dimension::kHour}).capacity->rows_exceed);
  EXPECT_FALSE(ReportOf({}, {Dimension::kDay}).capacity->rows_exceed);
  EXPECT_FALSE(ReportOf({}, {Dimension::kUser}).capacity->rows_exceed);
}

TEST_F(StoreCapacityTest, AnHourThatIsNotKnownMayHaveHadAsMuch) {
  Publish(At(1), {HourOf(0, 1800)}, 7200);
  EXPECT_FALSE(ReportOf({}, {Dimension::kHour}).capacity->rows_exceed);
  Publish(At(2), {}, 100'000);
  EXPECT_FALSE(ReportOf({}, {Dimension::kHour}).capacity->rows_exceed);
}

}  // namespace
}  // namespace cpuagg::aggregate
