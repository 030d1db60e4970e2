// Collect runs find out when accounting is off, since when, and that it is on again.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/collector.h"
#include "aggregate/report/report.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/accounting_fixture.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Kind = AccountingState::Kind;

class CollectorAccountingTest : public testing::AccountingFixture {
 protected:
  CollectorAccountingTest() {
    ProbeAccounting();
    dir_.Write("pacct", "");
  }

  Report ReportNow() const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, Period(), absl::UTCTimeZone(), {.now = now_}, {});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }
  std::vector<Period> Gaps() const {
    const Report report = ReportNow();
    std::vector<Period> gaps;
    for (const Gap& gap : report.gaps) gaps.push_back(gap.period);
    return gaps;
  }
};

// The other record resembles the probe's, except for the process id.
TEST_F(CollectorAccountingTest, WhatAnotherCpuaggLeftJustBeforeDoesNotMakeItOn) {
  CollectNow();
  is_on_ = false;
  const auto write_another = [&] {
    const absl::Time of_next_run = now_ + absl::Hours(1);
    dir_.Append("pacct", acct::testing::RecordBuilder()
                             .Pid(99)
                             .Command("cpuagg")
                             .Flags(1)
                             .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(of_next_run)))
                             .Bytes());
  };
  is_written_to_ = [] { return false; };
  write_another();
  EXPECT_TRUE(CollectNow().accounting.seems_off());
  // The record comes from the host of a container.
  is_written_to_ = [] { return true; };
  write_another();
  EXPECT_EQ(CollectNow().accounting.kind, Kind::kOn);
}

TEST_F(CollectorAccountingTest, AnIdleMachineIsNoneWithoutAccounting) {
  for (int run = 0; run < 30; ++run) {
    if (run % 10 == 9) Rotate("pacct." + std::to_string(run));
    const CollectResult result = CollectNow();
    EXPECT_EQ(result.accounting.kind, Kind::kOn);
    EXPECT_TRUE(result.gaps.empty());
  }
  const Report report = ReportNow();
  EXPECT_TRUE(report.gaps.empty());
  EXPECT_FALSE(report.accounting_off.has_value());
}

TEST_F(CollectorAccountingTest, TheTimeWithoutItIsOneGapThatGrowsUntilItIsOver) {
  CollectNow();
  CollectNow();
  const absl::Time off = now_;
  is_on_ = false;
  CollectResult result = CollectNow();
  EXPECT_EQ(result.accounting.kind, Kind::kOff);
  EXPECT_EQ(result.accounting.since, off);
  EXPECT_TRUE(result.accounting_has_changed);
  EXPECT_TRUE(result.gaps.empty());
  const size_t snapshots = SnapshotCount();
  for (int run = 0; run < 5; ++run) {
    result = CollectNow();
    EXPECT_EQ(result.accounting.since, off);
    EXPECT_FALSE(result.accounting_has_changed);
    EXPECT_EQ(Gaps(), (std::vector<Period>{{off, now_}}));
    ASSERT_TRUE(ReportNow().accounting_off.has_value());
    EXPECT_EQ(ReportNow().accounting_off->since, off);
  }
  EXPECT_EQ(SnapshotCount(), snapshots);

  is_on_ = true;
  now_ += absl::Minutes(20);
  const absl::Time on = now_;
  Work();
  result = CollectNow();
  EXPECT_EQ(result.accounting.kind, Kind::kOn);
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].period, (Period{off, on}));
  CollectNow();
  EXPECT_EQ(Gaps(), (std::vector<Period>{{off, on}}));
  EXPECT_FALSE(ReportNow().accounting_off.has_value());
}

// As when an admin or setup turns it on again.
TEST_F(CollectorAccountingTest, AFileThatIsReplacedWhileItIsOffMakesNoSecondGap) {
  for (const bool is_seen_missing : {false, true}) {
    CollectNow();
    const absl::Time off = now_;
    is_on_ = false;
    if (is_seen_missing) dir_.Write("pacct", "");
    CollectNow();
    const size_t said_already = Gaps().size();
    is_on_ = true;
    dir_.Write("pacct", "");
    now_ += absl::Minutes(20);
    Work();
    const CollectResult result = CollectNow();
    ASSERT_EQ(result.gaps.size(), 1u);
    EXPECT_GE(result.gaps[0].period.begin, off);
    CollectNow();
    const std::vector<Period> gaps = Gaps();
    EXPECT_LE(gaps.size(), said_already + 1);
    for (size_t i = 0; i < gaps.size(); ++i) {
      for (size_t j = 0; j < i; ++j) EXPECT_FALSE(gaps[i].Overlaps(gaps[j])) << i << " " << j;
    }
  }
}

TEST_F(CollectorAccountingTest, OffForTheMomentOfARotationIsNoTimeWithoutIt) {
  int looks = 0;
  is_written_to_ = [&] {
    ++looks;
    return true;
  };
  CollectNow();
  EXPECT_EQ(looks, 0);
  is_on_ = false;
  const CollectResult result = CollectNow();
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(result.accounting.kind, Kind::kOn);
  EXPECT_TRUE(result.gaps.empty());
  is_on_ = true;
  CollectNow();
  EXPECT_TRUE(Gaps().empty());
  EXPECT_FALSE(ReportNow().accounting_off.has_value());
}

TEST_F(CollectorAccountingTest, WhatEndedBeforeItWentOffCounts) {
  CollectNow();
  now_ += absl::Minutes(10);
  Work();
  const absl::Time last = now_;
  is_on_ = false;
  EXPECT_EQ(CollectNow().accounting.since, last);
  EXPECT_EQ(Total(), 2u);
}

TEST_F(CollectorAccountingTest, ACopyIsReadWithoutAWord) {
  is_on_ = false;
  Work();
  for (int run = 0; run < 3; ++run) {
    EXPECT_EQ(CollectNow().accounting, AccountingState());
    Work();
  }
  EXPECT_TRUE(Gaps().empty());
}

TEST_F(CollectorAccountingTest, AFileThatIsEmptyFromTheBeginningIsSaidToBe) {
  is_on_ = false;
  EXPECT_EQ(CollectNow().accounting.kind, Kind::kSilent);
  ASSERT_TRUE(ReportNow().accounting_off.has_value());
  EXPECT_EQ(ReportNow().accounting_off->since, absl::InfinitePast());
  is_on_ = true;
  EXPECT_TRUE(CollectNow().gaps.empty());
  EXPECT_FALSE(ReportNow().accounting_off.has_value());
}

TEST_F(CollectorAccountingTest, WhatIsKnownOfItOutlivesAMerge) {
  CollectNow();
  is_on_ = false;
  CollectNow();
  const absl::Time since = ReportNow().accounting_off->since;
  for (int day = 0; day < 90; ++day) {
    now_ += absl::Hours(23);
    CollectNow();
  }
  EXPECT_EQ(Gaps(), (std::vector<Period>{{since, now_}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
