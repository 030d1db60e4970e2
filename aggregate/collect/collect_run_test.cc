#include "aggregate/collect/collect_run.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/testing/accounting_fixture.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Kind = AccountingState::Kind;

class CollectRunTest : public testing::AccountingFixture {
 protected:
  // Flips a bit of the body of snapshot `number`.
  void Damage(size_t number) {
    const std::string path = List().snapshots[number].path;
    std::string bytes = acct::testing::ReadFile(path);
    bytes.back() ^= 1;
    dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  }

  std::vector<Period> Gaps() const {
    const Report report = AllOf();
    std::vector<Period> gaps;
    for (const Gap& gap : report.gaps) gaps.push_back(gap.period);
    return gaps;
  }
};

TEST_F(CollectRunTest, RecordsWithoutAccountingMoveItsEndWhichIsNews) {
  dir_.Write("pacct", "");
  ProbeAccounting();
  CollectNow();
  is_on_ = false;
  EXPECT_EQ(CollectNow().accounting.kind, Kind::kOff);
  EXPECT_FALSE(CollectNow().accounting_has_changed);
  now_ += absl::Minutes(10);
  Work();
  const absl::Time last = now_;
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.accounting.kind, Kind::kOff);
  EXPECT_EQ(result.accounting.since, last);
  EXPECT_TRUE(result.accounting_has_changed);
}

// The last record was read by an earlier run.
TEST_F(CollectRunTest, AFileThatNothingIsWrittenToAnyMoreIsSilentSinceItsLastRecord) {
  dir_.Write("pacct", "");
  ProbeAccounting();
  is_on_ = false;
  read_processes_ = [] { return acct::ProcessTable{.boot_id = "boot"}; };
  now_ += absl::Minutes(50);
  Work();
  const absl::Time last = now_;
  now_ -= absl::Minutes(30);
  EXPECT_FALSE(CollectNow().accounting.seems_off());
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.accounting.kind, Kind::kSilent);
  EXPECT_EQ(result.accounting.since, last);
}

// Otherwise a report of the time that the clock shows now would not have the gap.
TEST_F(CollectRunTest, AfterTheClockIsSetBackAGapBeginsAtTheEarlierTime) {
  dir_.Write("pacct", Record(1) + Record(1));
  CollectNow();
  const absl::Time before = now_;
  now_ -= absl::Hours(5);
  dir_.Write("pacct", Record(2));
  const CollectResult result = CollectNow();
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].period, (Period{now_, before}));
}

class SilentDirectory : public UserDirectory {
 public:
  using UserDirectory::NameOf;
  NameAnswer NameOf(acct::Uid) override { return absl::UnavailableError("no answer"); }
};

TEST_F(CollectRunTest, ANameThatIsLearnedLaterIsKeptEvenIfNothingElseIsNew) {
  dir_.Write("pacct", Record(1));
  SilentDirectory silent;
  ASSERT_TRUE(Collect(store_, silent, {.files = {.path = Pacct()}, .now = now_}).ok());
  ASSERT_EQ(AllOf().rows.size(), 1u);
  EXPECT_EQ(AllOf().rows[0].user, std::nullopt);
  EXPECT_EQ(CollectNow().records, 0u);
  ASSERT_EQ(AllOf().rows.size(), 1u);
  EXPECT_EQ(AllOf().rows[0].user, "alice");
}

// The second run found that nothing is written to it any more.
TEST_F(CollectRunTest, AGenerationThatIsRemovedAfterAnIdleRotationLosesNothing) {
  dir_.Write("pacct", Records(2));
  CollectNow();
  Rotate("pacct.1");
  dir_.Write("pacct", "");
  EXPECT_EQ(CollectNow().records, 0u);
  Remove("pacct.1");
  EXPECT_TRUE(CollectNow().gaps.empty());
  EXPECT_TRUE(Gaps().empty());
}

// What a damaged snapshot held is read again only after accounting is on again. Neither loses the
// time without it.
TEST_F(CollectRunTest, TheTimeWithoutAccountingIsKeptWhenADamagedSnapshotIsReadAgain) {
  dir_.Write("pacct", "");
  ProbeAccounting();
  CollectNow();
  Work();
  CollectNow();
  const absl::Time off = now_;
  is_on_ = false;
  EXPECT_EQ(CollectNow().accounting.since, off);
  Damage(1);

  is_on_ = true;
  now_ += absl::Minutes(20);
  const absl::Time on = now_;
  Work();
  CollectResult result = CollectNow();
  EXPECT_EQ(result.accounting.kind, Kind::kOn);
  EXPECT_FALSE(result.read_again.has_value());
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].period, (Period{off, on}));

  result = CollectNow();
  EXPECT_TRUE(result.read_again.has_value());
  EXPECT_TRUE(result.gaps.empty());
  EXPECT_EQ(Gaps(), (std::vector<Period>{{off, on}}));
  EXPECT_EQ(Total(), 6u);
}

TEST_F(CollectRunTest, ADamagedSnapshotIsNotReadAgainIfThatMakesTheGapLonger) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  const absl::Time first = now_;
  // What was added to the first file before it disappeared is unknown.
  Remove("pacct");
  dir_.Write("pacct", Record(2));
  EXPECT_EQ(CollectNow().gaps.size(), 1u);
  dir_.Append("pacct", Record(3));
  EXPECT_TRUE(CollectNow().gaps.empty());
  const absl::Time third = now_;
  Damage(1);
  dir_.Append("pacct", Record(4));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 1u);
  EXPECT_TRUE(result.gaps.empty());
  EXPECT_FALSE(result.read_again.has_value());
  EXPECT_EQ(Gaps(), (std::vector<Period>{{first, third}}));
}

TEST_F(CollectRunTest, ADamagedSnapshotIsReadAgainAlthoughWhatCameBeforeItIsGone) {
  dir_.Write("pacct.1.gz", testing::Gzipped(Record(1)));
  dir_.Write("pacct", Record(2));
  CollectNow();
  Remove("pacct.1.gz");
  dir_.Append("pacct", Record(3));
  CollectNow();
  dir_.Append("pacct", Record(4));
  CollectNow();
  Damage(1);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {4, 1}}));
  const CollectResult result = CollectNow();
  EXPECT_TRUE(result.read_again.has_value());
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}, {4, 1}}));
  EXPECT_TRUE(Gaps().empty());
}

}  // namespace
}  // namespace cpuagg::aggregate
