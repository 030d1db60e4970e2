// When a run divides what it has found over the hours since the last run, and when not.

#include <cstdint>
#include <fstream>
#include <map>

#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/accounting_fixture.h"
#include "aggregate/testing/ledger_checks.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

constexpr uint32_t kUid = 1001;

// Ticks by hours since the first run.
using Hours = std::map<int64_t, uint64_t>;

// Runs are at full hours.
class CollectorHoursTest : public testing::AccountingFixture {
 protected:
  CollectorHoursTest() {
    dir_.Write("pacct", "");
    now_ = absl::UnixEpoch() + absl::Hours(500'000 - 1);
    ProbeAccounting();
  }

  void RunAfter(int hours) {
    now_ += absl::Hours(hours - 1);
    CollectNow();
  }

  // A process that has run for four hours when the next run comes, three hours from now, and has
  // used 400 ticks.
  void WorkForHours() {
    const int64_t end = absl::ToUnixSeconds(now_) + 3 * 3600 - 1;
    dir_.Append("pacct", RecordBuilder()
                             .Pid(50)
                             .Uid(kUid)
                             .BeginTime(static_cast<uint32_t>(end - 4 * 3600 + 1))
                             .Elapsed(4 * 3600 * 100 - 100)
                             .UserTime(400)
                             .SystemTime(0)
                             .Bytes());
  }

  Hours ByHour() const {
    Hours hours;
    const Report report = testing::ReportBy(store_, {Dimension::kUser, Dimension::kHour});
    for (const ReportRow& row : report.rows) {
      if (row.uid.value() != kUid) continue;
      hours[row.begin / 3600 - 500'000] = row.usage.cpu_time().ticks().count();
    }
    return hours;
  }
};

TEST_F(CollectorHoursTest, WhatRanSinceTheLastRunIsInItsHours) {
  RunAfter(1);
  WorkForHours();
  RunAfter(3);
  // Nothing is before the last run.
  EXPECT_EQ(ByHour(), (Hours{{0, 133}, {1, 133}, {2, 134}}));
}

TEST_F(CollectorHoursTest, TheFirstRunDividesNothing) {
  WorkForHours();
  RunAfter(4);
  EXPECT_EQ(ByHour(), (Hours{{1, 400}}));
}

// Runs without accounting publish nothing, and reports may have been sent since.
TEST_F(CollectorHoursTest, AfterATimeWithoutAccountingNothingIsDivided) {
  RunAfter(1);
  is_on_ = false;
  RunAfter(1);
  RunAfter(1);
  is_on_ = true;
  WorkForHours();
  RunAfter(3);
  EXPECT_EQ(ByHour(), (Hours{{4, 400}}));
  WorkForHours();
  RunAfter(3);
  EXPECT_EQ(ByHour(), (Hours{{4, 400}, {5, 133}, {6, 133}, {7, 134}}));
}

TEST_F(CollectorHoursTest, OfAnotherMachinesFileNothingIsDivided) {
  is_on_ = false;
  Work();
  RunAfter(1);
  WorkForHours();
  RunAfter(3);
  EXPECT_EQ(ByHour(), (Hours{{2, 400}}));
}

TEST_F(CollectorHoursTest, AfterADamagedSnapshotNothingIsDivided) {
  RunAfter(1);
  RunAfter(1);
  const StoreListing listing = List();
  ASSERT_EQ(listing.snapshots.size(), 2u);
  std::ofstream(listing.snapshots.back().path) << "damaged";
  WorkForHours();
  RunAfter(3);
  EXPECT_EQ(ByHour(), (Hours{{3, 400}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
