#include "aggregate/running/accounting_state.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Kind = AccountingState::Kind;

absl::Time At(int minute) { return absl::FromUnixSeconds(1'800'000'000) + absl::Minutes(minute); }

const AccountingState kOn = {.kind = Kind::kOn};

AccountingState Off(absl::Time since) { return {.kind = Kind::kOff, .since = since}; }
AccountingState Silent(absl::Time since) { return {.kind = Kind::kSilent, .since = since}; }

// A run at minute 60, after one at minute 45.
AccountingEvidence Evidence(AccountingState before, std::optional<bool> has_probe) {
  return {.now = At(60),
          .booted_at = At(-1000),
          .before = before,
          .before_at = At(45),
          .has_probe = has_probe,
          .is_for_this_machine = true,
          .last_end = At(45)};
}

TEST(AccountingStateTest, WithItsRecordAccountingIsOn) {
  for (const AccountingState& before : {AccountingState(), kOn}) {
    AccountingEvidence evidence = Evidence(before, true);
    evidence.new_ends = Period{At(46), At(60)};
    const AccountingFinding finding = JudgeAccounting(evidence);
    EXPECT_EQ(finding.state, kOn);
    EXPECT_FALSE(finding.gap.has_value());
  }
}

TEST(AccountingStateTest, OffBeginsWhenItWasLastKnownToBeOn) {
  AccountingEvidence evidence = Evidence(kOn, false);
  EXPECT_EQ(JudgeAccounting(evidence).state, Off(At(45)));
  // Or since the last process with a record ended.
  evidence.new_ends = Period{At(46), At(52)};
  EXPECT_EQ(JudgeAccounting(evidence).state, Off(At(52)));
  // The clock of that record may have been ahead.
  evidence.new_ends = Period{At(46), At(500)};
  EXPECT_EQ(JudgeAccounting(evidence).state, Off(At(60)));
}

TEST(AccountingStateTest, AsLongAsItIsOffNothingChanges) {
  const AccountingFinding finding = JudgeAccounting(Evidence(Off(At(30)), false));
  EXPECT_EQ(finding.state, Off(At(30)));
  EXPECT_FALSE(finding.gap.has_value());
}

TEST(AccountingStateTest, TheGapGoesOnUntilTheFirstRecord) {
  AccountingEvidence evidence = Evidence(Off(At(30)), true);
  evidence.new_ends = Period{At(55), At(60)};
  const AccountingFinding finding = JudgeAccounting(evidence);
  EXPECT_EQ(finding.state, kOn);
  EXPECT_EQ(finding.gap, (Period{At(30), At(55)}));
}

TEST(AccountingStateTest, OnAndOffAgainBetweenTwoRunsIsAGapAndTheNextOne) {
  AccountingEvidence evidence = Evidence(Off(At(30)), false);
  evidence.new_ends = Period{At(50), At(52)};
  const AccountingFinding finding = JudgeAccounting(evidence);
  EXPECT_EQ(finding.gap, (Period{At(30), At(50)}));
  EXPECT_EQ(finding.state, Off(At(52)));
}

TEST(AccountingStateTest, ARunThatLookedAtAnotherFileLeavesNoGap) {
  AccountingEvidence evidence = Evidence(Off(At(30)), true);
  evidence.new_ends = Period{At(31), At(60)};
  EXPECT_FALSE(JudgeAccounting(evidence).gap.has_value());
}

TEST(AccountingStateTest, ACopyIsNotAccountingThatIsOff) {
  AccountingEvidence evidence = Evidence(AccountingState(), false);
  EXPECT_EQ(JudgeAccounting(evidence).state, AccountingState());
  evidence.last_end = At(-600);
  evidence.is_for_this_machine = false;
  EXPECT_EQ(JudgeAccounting(evidence).state, AccountingState());
}

TEST(AccountingStateTest, AFileThatIsSaidToBeOursAndHasNothingOfLateIsSilent) {
  AccountingEvidence evidence = Evidence(AccountingState(), false);
  evidence.last_end = At(-1);
  EXPECT_EQ(JudgeAccounting(evidence).state, Silent(At(-1)));
  // A file that was not written to since the machine booted is too old in any case.
  evidence.last_end = At(45);
  evidence.booted_at = At(50);
  EXPECT_EQ(JudgeAccounting(evidence).state, Silent(At(45)));
  evidence.is_vouched_for = true;
  EXPECT_EQ(JudgeAccounting(evidence).state, AccountingState());
}

TEST(AccountingStateTest, OfAFileThatSomebodyVouchesForOnlyALongSilenceSaysThatItIsOff) {
  // An earlier run, which belongs to the file's namespace, found it on.
  AccountingEvidence evidence = Evidence(kOn, false);
  evidence.is_vouched_for = true;
  evidence.last_end = At(0);
  EXPECT_EQ(JudgeAccounting(evidence).state, kOn);
  evidence.last_end = At(-1);
  EXPECT_EQ(JudgeAccounting(evidence).state, Off(At(-1)));
  evidence.before = Off(At(-1));
  EXPECT_EQ(JudgeAccounting(evidence).state, Off(At(-1)));
  // Records that come show that it is on again.
  evidence.new_ends = Period{At(50), At(55)};
  evidence.last_end = At(55);
  const AccountingFinding finding = JudgeAccounting(evidence);
  EXPECT_EQ(finding.state, kOn);
  EXPECT_EQ(finding.gap, (Period{At(-1), At(50)}));
}

TEST(AccountingStateTest, AFileThatNeverHadARecordIsSilent) {
  AccountingEvidence evidence = Evidence(AccountingState(), false);
  evidence.last_end = absl::InfinitePast();
  evidence.is_for_this_machine = false;
  const AccountingFinding finding = JudgeAccounting(evidence);
  EXPECT_EQ(finding.state, Silent(absl::InfinitePast()));
  // Its content may be anything; the kernel should not write to it.
  evidence.holds_other_bytes = true;
  EXPECT_EQ(JudgeAccounting(evidence).state, AccountingState());
  // When it finally has a record, nothing is known to be missing.
  evidence = Evidence(finding.state, true);
  evidence.new_ends = Period{At(50), At(60)};
  EXPECT_FALSE(JudgeAccounting(evidence).gap.has_value());
}

TEST(AccountingStateTest, AFileThatWasSilentIsOursOnceItHasTheRecord) {
  AccountingEvidence evidence = Evidence(Silent(At(-100)), true);
  evidence.new_ends = Period{At(50), At(60)};
  EXPECT_EQ(JudgeAccounting(evidence).gap, (Period{At(-100), At(50)}));
  // A newer copy of another machine's file does not.
  evidence.has_probe = false;
  evidence.last_end = At(60);
  EXPECT_FALSE(JudgeAccounting(evidence).gap.has_value());
  EXPECT_EQ(JudgeAccounting(evidence).state, AccountingState());
}

TEST(AccountingStateTest, WithoutAProbeNothingIsFoundOut) {
  for (const AccountingState& before : {AccountingState(), kOn, Off(At(30)), Silent(At(30))}) {
    EXPECT_EQ(JudgeAccounting(Evidence(before, std::nullopt)).state, before);
  }
}

// The kernel would append records to it.
TEST(AccountingStateTest, AccountingIsNotTurnedOnForAnotherFile) {
  const acct::testing::TempDir dir;
  const std::string file = dir.Write("passwd", "root:x:0:0:root:/root:/bin/bash\n");
  EXPECT_EQ(AccountingRemedy(file, dir.Path("none")),
            absl::StrCat(file,
                         ": holds no accounting records; name the file that the kernel writes to "
                         "with --accounting-file or ACCOUNTING_FILE"));
}

TEST(AccountingStateTest, TheRemedyIsTheDiskIfThatIsFull) {
  const acct::testing::TempDir dir;
  const std::string file = dir.Write("pacct", "");
  const std::string on = AccountingRemedy(file, dir.Write("limits", "0 0 30"));
  EXPECT_EQ(on, absl::StrCat(file,
                             " has no record of a process that has just ended; turn accounting on "
                             "(accton ",
                             file,
                             ", package acct), unless this is a copy, or the kernel writes to "
                             "another file (--accounting-file)"));
  EXPECT_EQ(AccountingRemedy(file, dir.Path("none")), on);
  const std::string full = AccountingRemedy(file, dir.Write("limits", "101 100 30"));
  EXPECT_TRUE(absl::StrContains(full, "; its file system is full (")) << full;
  EXPECT_TRUE(absl::EndsWith(full,
                             " % free): the kernel pauses accounting below 100 % and resumes at "
                             "101 %, so make room there"))
      << full;
}

}  // namespace
}  // namespace cpuagg::aggregate
