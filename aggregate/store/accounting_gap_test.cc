#include "aggregate/store/accounting_gap.h"

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

absl::Time At(int minutes) { return absl::FromUnixSeconds(1'795'000'000) + absl::Minutes(minutes); }

StoredSnapshot WithGap(const Period& period) {
  StoredSnapshot stored;
  stored.header.gaps = {{.period = period, .reason = "the file is gone"}};
  return stored;
}

TEST(AccountingGapTest, AloneItIsAGapOfItsOwn) {
  std::vector<Gap> gaps;
  AddTimeOff({At(0), At(30)}, {}, gaps);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].period, (Period{At(0), At(30)}));
  EXPECT_EQ(gaps[0].reason,
            "accounting was off or paused: processes that ended then left no record");
}

TEST(AccountingGapTest, AFileThatIsReplacedMeanwhileIsTheSameIncident) {
  std::vector<Gap> gaps = {{.period = {At(10), At(40)}, .reason = "the file is gone"}};
  AddTimeOff({At(0), At(30)}, {}, gaps);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].period, (Period{At(0), At(40)}));
  EXPECT_EQ(gaps[0].reason, "accounting was off or paused, and the file is gone");
}

TEST(AccountingGapTest, WhatIsElsewhereStaysApart) {
  std::vector<Gap> gaps = {{.period = {At(40), At(50)}, .reason = "the file is gone"}};
  AddTimeOff({At(0), At(30)}, {}, gaps);
  EXPECT_EQ(gaps.size(), 2u);
}

TEST(AccountingGapTest, WhatAnEarlierRunHasSaidIsNotSaidTwice) {
  std::vector<Gap> gaps;
  AddTimeOff({At(0), At(30)}, {WithGap({At(-5), At(10)}), WithGap({At(40), At(50)})}, gaps);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].period, (Period{At(10), At(30)}));
  gaps.clear();
  AddTimeOff({At(0), At(30)}, {WithGap({At(0), At(30)})}, gaps);
  EXPECT_TRUE(gaps.empty());
}

}  // namespace
}  // namespace cpuagg::aggregate
