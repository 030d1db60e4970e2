#include "tools/check/accounting/process_checks.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

Collector Me() { return {.who = Myself(), .source = "who asks"}; }
Collector SomebodyElse() {
  return {.who = {.name = "service", .user = geteuid() + 1, .groups = {1}}};
}

acct::ProcessTable Table(bool is_complete) {
  acct::ProcessTable table;
  table.processes.push_back({.pid = 1, .uid = acct::Uid(geteuid())});
  table.processes.push_back({.pid = 2, .uid = acct::Uid(geteuid() + 5)});
  table.is_complete = is_complete;
  if (!is_complete) table.hidden = "/proc: hides processes (hidepid=2)";
  return table;
}

TEST(ProcessChecksTest, WhatIsSeenIsSaid) {
  const Finding finding = CheckProcesses("/proc", Table(true), Me());
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_EQ(finding.text, "2 processes seen in /proc, 1 of other users");
}

TEST(ProcessChecksTest, WhatIsHiddenFromTheCollectorIsAWarning) {
  const Finding finding = CheckProcesses("/proc", Table(false), Me());
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_EQ(finding.mends[0], "mount -o remount,hidepid=0 /proc");
  // Processes hidden from the current user may be visible to the collector.
  EXPECT_EQ(CheckProcesses("/proc", Table(false), SomebodyElse()).level, Level::kNote);
}

TEST(ProcessChecksTest, WithoutProcJobsAreSeenWhenTheyHaveEnded) {
  const Finding finding =
      CheckProcesses("/proc", absl::NotFoundError("/proc/stat: cannot open"), Me());
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_FALSE(finding.mends.empty());
}

std::vector<Finding> Clock(const ClockFacts& facts) {
  Findings findings;
  CheckClock(facts, findings);
  return findings.Get();
}

TEST(ProcessChecksTest, AClockBehindTheLastRecordIsCritical) {
  const absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  EXPECT_EQ(Clock({.now = now, .last_record = now + absl::Seconds(30)})[0].level, Level::kOk);
  EXPECT_EQ(Clock({.now = now, .last_record = now + absl::Minutes(3)})[0].level, Level::kCritical);
  EXPECT_EQ(Clock({.now = absl::FromUnixSeconds(0)})[0].level, Level::kCritical);
}

TEST(ProcessChecksTest, AClockThatWasAheadAndIsSetRightIsNotBehind) {
  const absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  ClockFacts facts = {.now = now,
                      .last_record = now + absl::Hours(18),
                      .newest_record = now - absl::Minutes(1),
                      .has_systemd = true};
  EXPECT_EQ(Clock(facts)[0].level, Level::kWarning);
  EXPECT_EQ(Clock(facts)[0].mends[0], "timedatectl set-ntp true");
  facts.is_synchronized = true;
  EXPECT_EQ(Clock(facts)[0].level, Level::kNote);
  EXPECT_TRUE(Clock(facts)[0].mends.empty());
}

TEST(ProcessChecksTest, TimedatectlIsForMachinesThatSystemdRuns) {
  const absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  const Finding behind = Clock({.now = now, .last_record = now + absl::Hours(18)})[0];
  EXPECT_TRUE(behind.mends.empty());
  EXPECT_EQ(behind.advice,
            std::vector<std::string>{"set the clock, and keep it right with an NTP service"});
  ClockFacts facts = {.now = now, .is_synchronized = false};
  EXPECT_FALSE(absl::StrContains(Clock(facts)[0].text, "timedatectl")) << Clock(facts)[0].text;
  facts.has_systemd = true;
  EXPECT_TRUE(absl::StrContains(Clock(facts)[0].text, "timedatectl")) << Clock(facts)[0].text;
}

TEST(ProcessChecksTest, WhatNobodySynchronizesIsNotSaidToBeInOrder) {
  const absl::Time now = absl::FromUnixSeconds(1'795'000'000);
  EXPECT_EQ(Clock({.now = now, .is_synchronized = true})[0].level, Level::kOk);
  EXPECT_EQ(Clock({.now = now, .is_synchronized = false})[0].level, Level::kNote);
}

TEST(ProcessChecksTest, AZoneThatIsNoneIsAWarning) {
  const std::vector<Finding> findings =
      Clock({.now = absl::FromUnixSeconds(1'795'000'000), .zone_problem = "TZ: 'x' is not a zone"});
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[1].id, "time_zone");
  EXPECT_EQ(findings[1].level, Level::kWarning);
}

// Has a name for 1, has no account for 2, and fails for 3.
class SomeNames : public aggregate::UserDirectory {
 public:
  aggregate::NameAnswer NameOf(acct::Uid uid) override {
    if (uid.value() == 1) return std::optional<std::string>("alice");
    if (uid.value() == 2) return std::optional<std::string>();
    return absl::DeadlineExceededError("no time left");
  }
};

TEST(ProcessChecksTest, NamelessUsersAreNoFault) {
  SomeNames names;
  const Finding finding = CheckUserDirectory(names, {acct::Uid(1), acct::Uid(2)});
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_TRUE(absl::StrContains(finding.text, "1 user named")) << finding.text;
  EXPECT_TRUE(absl::StrContains(finding.text, "1 id without an account, for example 2"))
      << finding.text;
}

TEST(ProcessChecksTest, ADirectoryThatDoesNotAnswerIsAWarning) {
  SomeNames names;
  const Finding finding = CheckUserDirectory(names, {acct::Uid(1), acct::Uid(3)});
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_TRUE(absl::StartsWith(finding.mends[0], "getent passwd 1 ")) << finding.mends[0];
}

}  // namespace
}  // namespace cpuagg::tools::check
