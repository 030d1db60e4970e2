#include "tools/check/schedule/schedule_checks.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/checked_schedule.h"
#include "tools/check/schedule/schedule_facts.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {
namespace {

using testing::Check;
using testing::Find;
using testing::kUnit;
using testing::Timer;

constexpr char kFailed[] =
    "Id=cpuagg-report.service\nLoadState=loaded\nActiveState=failed\nResult=exit-code\n"
    "ExecMainStatus=2\n\n";

Finding OfCollecting(const ScheduleFacts& facts) {
  const std::vector<Finding> findings = Check(facts);
  return *Find(findings, "schedule_collect");
}

TEST(ScheduleChecksTest, TimersThatAreOnAreInOrder) {
  const ScheduleFacts facts = {
      .has_systemd = true,
      .units = ParseUnits(Timer("cpuagg-collect", "active", "enabled") +
                          Timer("cpuagg-report", "active", "enabled") +
                          Timer("cpuagg-deliver", "active", "enabled") + kUnit),
      .sends = true};
  for (const Finding& finding : Check(facts)) EXPECT_EQ(finding.level, Level::kOk) << finding.text;
  EXPECT_TRUE(CollectsByTimer(facts));
}

TEST(ScheduleChecksTest, ATimerThatIsOffIsTurnedOn) {
  const ScheduleFacts facts = {.units =
                                   ParseUnits(Timer("cpuagg-collect", "inactive", "disabled"))};
  const std::vector<Finding> findings = Check(facts);
  const Finding* const collect = Find(findings, "schedule_collect");
  ASSERT_NE(collect, nullptr);
  EXPECT_EQ(collect->level, Level::kWarning);
  EXPECT_EQ(collect->mends,
            std::vector<std::string>{"systemctl enable --now cpuagg-collect.timer"});
  EXPECT_FALSE(CollectsByTimer(facts));
}

TEST(ScheduleChecksTest, ATimerThatEndsWithTheNextBootIsEnabled) {
  const std::vector<Finding> findings =
      Check({.units = ParseUnits(Timer("cpuagg-collect", "active", "disabled"))});
  const Finding* const collect = Find(findings, "schedule_collect");
  ASSERT_NE(collect, nullptr);
  EXPECT_EQ(collect->level, Level::kWarning);
  EXPECT_EQ(collect->mends, std::vector<std::string>{"systemctl enable cpuagg-collect.timer"});
}

TEST(ScheduleChecksTest, ATimerThatIsEnabledUntilTheNextBootIsEnabledForGood) {
  const Finding collect =
      OfCollecting({.units = ParseUnits(Timer("cpuagg-collect", "active", "enabled-runtime"))});
  EXPECT_EQ(collect.level, Level::kWarning);
  EXPECT_EQ(collect.mends, std::vector<std::string>{"systemctl enable cpuagg-collect.timer"});
}

std::string Masked(const std::string& unit, const std::string& state = "masked") {
  return absl::StrCat("Id=", unit,
                      "\nLoadState=masked\nActiveState=inactive\nUnitFileState=", state,
                      "\nResult=success\n\n");
}

TEST(ScheduleChecksTest, AMaskedServiceIsUnmasked) {
  const Finding collect =
      OfCollecting({.units = ParseUnits(Timer("cpuagg-collect", "active", "enabled") +
                                        Masked("cpuagg-collect.service"))});
  EXPECT_EQ(collect.level, Level::kCritical);
  EXPECT_EQ(
      collect.text,
      "cpuagg-collect.timer is on, but cpuagg-collect.service is masked: systemd does not run "
      "it");
  EXPECT_EQ(collect.mends, std::vector<std::string>{"systemctl unmask cpuagg-collect.service"});
}

TEST(ScheduleChecksTest, AMaskedTimerIsUnmaskedBeforeItIsTurnedOn) {
  ScheduleFacts facts = {.units = ParseUnits(Masked("cpuagg-collect.timer"))};
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  EXPECT_EQ(OfCollecting(facts).text, "cpuagg-collect.timer is masked: systemd does not run it");
  EXPECT_EQ(OfCollecting(facts).mends,
            std::vector<std::string>{"systemctl unmask cpuagg-collect.timer && systemctl enable "
                                     "--now cpuagg-collect.timer"});
  facts.units = ParseUnits(Masked("cpuagg-collect.timer", "masked-runtime") +
                           Masked("cpuagg-collect.service"));
  EXPECT_EQ(OfCollecting(facts).mends,
            std::vector<std::string>{
                "systemctl unmask --runtime cpuagg-collect.timer && systemctl unmask "
                "cpuagg-collect.service && systemctl enable --now cpuagg-collect.timer"});
  // If cron does it instead, the timer is off on purpose.
  facts.cron.lines = CronLinesIn("0 * * * * root cpuagg collect", "/etc/cron.d/cpuagg");
  EXPECT_EQ(OfCollecting(facts).level, Level::kOk);
}

TEST(ScheduleChecksTest, AMaskedTimerThatIsNotEnabledIsBoth) {
  const ScheduleFacts facts = {.masked_for_boot = {"cpuagg-collect.timer"}, .is_confined = true};
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  EXPECT_EQ(OfCollecting(facts).text, "cpuagg-collect.timer is masked: systemd will not run it");
  EXPECT_EQ(OfCollecting(facts).mends,
            std::vector<std::string>{"systemctl unmask cpuagg-collect.timer && systemctl enable "
                                     "cpuagg-collect.timer"});
}

TEST(ScheduleChecksTest, TheLineForCronHasAPathThatCronFinds) {
  ScheduleFacts facts = {.sends = true, .program = "/usr/local/bin/cpuagg"};
  EXPECT_EQ(OfCollecting(facts).mends[1],
            "echo '*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet' "
            ">>/etc/cron.d/cpuagg");
  const std::vector<Finding> findings = Check(facts);
  EXPECT_EQ(Find(findings, "schedule_deliver")->mends[1],
            "echo '37 * * * *  root  /usr/local/bin/cpuagg send --pending --alerts --quiet' "
            ">>/etc/cron.d/cpuagg");
  // Cron does not know the paths that this check was asked about, and setup makes others.
  facts.collect_flags = " --config '/srv/my lab.env' --rotated-dir /srv/old";
  facts.send_flags = " --config '/srv/my lab.env'";
  EXPECT_EQ(OfCollecting(facts).mends,
            std::vector<std::string>{
                "echo '*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet --config "
                "'\\''/srv/my lab.env'\\'' --rotated-dir /srv/old' >>/etc/cron.d/cpuagg"});
  // The others do not read accounting files, and refuse that flag.
  const std::vector<Finding> with_flags = Check(facts);
  EXPECT_EQ(
      Find(with_flags, "schedule_deliver")->mends,
      std::vector<std::string>{
          "echo '37 * * * *  root  /usr/local/bin/cpuagg send --pending --alerts --quiet --config "
          "'\\''/srv/my lab.env'\\''' >>/etc/cron.d/cpuagg"});
  facts.collect_flags = "";
  // Setup then finds the right lines.
  facts.program = "";
  EXPECT_EQ(OfCollecting(facts).mends, std::vector<std::string>{"cpuagg setup"});
}

TEST(ScheduleChecksTest, AFailedUnitHasItsJournal) {
  const std::vector<Finding> findings = Check({.units = ParseUnits(kFailed)});
  const Finding* const result = Find(findings, "schedule_result");
  ASSERT_NE(result, nullptr);
  EXPECT_EQ(result->level, Level::kCritical);
  EXPECT_EQ(result->subject, "cpuagg-report.service");
  EXPECT_EQ(result->text, "its last run failed (exit-code, status 2)");
  EXPECT_EQ(result->mends[0], "journalctl -u cpuagg-report.service -n 20  # says why");
}

TEST(ScheduleChecksTest, CronIsAsGoodAsATimer) {
  const std::vector<Finding> findings =
      Check({.cron = {.lines = CronLinesIn("0 * * * * root cpuagg run", "/etc/cron.d/cpuagg")},
             .sends = true});
  for (const Finding& finding : findings) EXPECT_EQ(finding.level, Level::kOk) << finding.text;
  EXPECT_EQ(Find(findings, "schedule_twice"), nullptr);
}

TEST(ScheduleChecksTest, ALineThatNoCronObeysIsNotInOrder) {
  ScheduleFacts facts = {
      .cron = {.lines = CronLinesIn("0 * * * * root cpuagg run", "/etc/cron.d/cpuagg")},
      .cron_runs = false,
      .has_cron = true,
      .installs_cron = "apt-get install cron"};
  const Finding collect = OfCollecting(facts);
  EXPECT_EQ(collect.level, Level::kWarning);
  EXPECT_EQ(collect.text, "by cron: /etc/cron.d/cpuagg, but no cron runs here");
  EXPECT_EQ(collect.mends.size(), 1u);
  // In a container as well: -q has to show it.
  facts.is_confined = true;
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  facts.cron_runs = true;
  EXPECT_EQ(OfCollecting(facts).level, Level::kOk);
}

TEST(ScheduleChecksTest, ACronThatIsMissingIsInstalledBeforeItIsStarted) {
  ScheduleFacts facts = {
      .cron = {.lines = CronLinesIn("0 * * * * root cpuagg run", "/etc/cron.d/cpuagg")},
      .cron_runs = false,
      .installs_cron = "apt-get install cron",
      .is_confined = true};
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  EXPECT_EQ(OfCollecting(facts).text, "by cron: /etc/cron.d/cpuagg, but no cron is installed here");
  EXPECT_EQ(OfCollecting(facts).mends,
            (std::vector<std::string>{"apt-get install cron",
                                      "service cron start || service crond start"}));
  facts.installs_cron.clear();
  EXPECT_EQ(OfCollecting(facts).mends.size(), 1u);
  EXPECT_EQ(OfCollecting(facts).advice.size(), 1u);
}

TEST(ScheduleChecksTest, ALineForCronNeedsACron) {
  ScheduleFacts facts = {.installs_cron = "dnf install cronie", .program = "/usr/bin/cpuagg"};
  ASSERT_EQ(OfCollecting(facts).mends.size(), 3u);
  EXPECT_EQ(OfCollecting(facts).mends[1], "dnf install cronie");
  facts.has_cron = true;
  EXPECT_EQ(OfCollecting(facts).mends.size(), 2u);
  facts.has_cron = false;
  facts.cron_runs = true;
  EXPECT_EQ(OfCollecting(facts).mends.size(), 2u);
}

TEST(ScheduleChecksTest, TimersOfTheNextBootAreEnoughForAnImageAlone) {
  ScheduleFacts facts = {.enabled_for_boot = {"cpuagg-collect.timer"}};
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  facts.is_confined = true;
  EXPECT_EQ(OfCollecting(facts).level, Level::kNote);
}

TEST(ScheduleChecksTest, BothAreOneTooMany) {
  const std::vector<Finding> findings =
      Check({.units = ParseUnits(Timer("cpuagg-collect", "active", "enabled") +
                                 Timer("cpuagg-report", "active", "enabled")),
             .cron = {.lines = CronLinesIn("0 * * * * root cpuagg run", "/etc/cron.d/cpuagg")},
             .sends = true});
  const Finding* const twice = Find(findings, "schedule_twice");
  ASSERT_NE(twice, nullptr);
  EXPECT_EQ(twice->level, Level::kWarning);
  EXPECT_EQ(twice->advice,
            std::vector<std::string>{
                "edit /etc/cron.d/cpuagg: remove the line: 0 * * * * root cpuagg run"});
}

std::vector<std::string> LinesThatAreOneTooMany(const std::string& first, const std::string& second,
                                                const std::string& units = "") {
  ScheduleFacts facts = {.units = ParseUnits(units),
                         .cron = {.lines = CronLinesIn(first, "/etc/cron.d/a")},
                         .sends = true};
  const std::vector<CronLine> more = CronLinesIn(second, "/etc/cron.d/b");
  facts.cron.lines.insert(facts.cron.lines.end(), more.begin(), more.end());
  std::vector<std::string> texts;
  for (const Finding& finding : Check(facts)) {
    if (finding.id == "schedule_twice" && finding.level > Level::kNote) {
      texts.push_back(finding.text);
    }
  }
  return texts;
}

TEST(ScheduleChecksTest, TwoLinesThatSendTheSameAreOneTooMany) {
  const std::string day = "0 7 * * * root /usr/bin/cpuagg send --period last-day";
  EXPECT_EQ(LinesThatAreOneTooMany(day, "5 8 * * * root cpuagg run --quiet --period=last-day"),
            std::vector<std::string>{"two lines of cron, in /etc/cron.d/a and /etc/cron.d/b, send "
                                     "the same: each report is sent twice"});
  EXPECT_EQ(LinesThatAreOneTooMany("0 7 * * * root cpuagg run >/dev/null",
                                   "0 8 * * * root cpuagg send 2>&1")
                .size(),
            1u);
  // Another report, another store, nothing new, or not a report.
  for (const char* other :
       {"0 7 * * 1 root cpuagg send --period last-week",
        "0 7 * * * root cpuagg send --period last-day --store /srv/other",
        "37 * * * * root cpuagg send --pending", "*/15 * * * * root cpuagg collect"}) {
    EXPECT_TRUE(LinesThatAreOneTooMany(day, other).empty()) << other;
  }
}

TEST(ScheduleChecksTest, AnotherReportBesideTheTimersIsNotOneTooMany) {
  const std::string timers = Timer("cpuagg-collect", "active", "enabled") +
                             Timer("cpuagg-report", "active", "enabled") +
                             Timer("cpuagg-deliver", "active", "enabled");
  EXPECT_TRUE(
      LinesThatAreOneTooMany("0 7 * * 1 root cpuagg send --period last-week", "", timers).empty());
  EXPECT_TRUE(LinesThatAreOneTooMany("0 * * * * root cpuagg collect", "", timers).empty());
  EXPECT_EQ(
      LinesThatAreOneTooMany("0 7 * * * root cpuagg send --period last-day", "", timers).size(),
      1u);
}

TEST(ScheduleChecksTest, WhereSystemdDoesNotAnswerNothingIsInOrder) {
  const std::vector<Finding> findings =
      Check({.has_systemd = true, .units = absl::DeadlineExceededError("systemctl: hangs")});
  const Finding* const collect = Find(findings, "schedule_collect");
  ASSERT_NE(collect, nullptr);
  EXPECT_EQ(collect->level, Level::kUnknown);
}

TEST(ScheduleChecksTest, WhatMayNotBeReadMayHaveALine) {
  const std::vector<Finding> findings = Check({.cron = {.unread = {"/var/spool/cron/crontabs"}}});
  const Finding* const collect = Find(findings, "schedule_collect");
  ASSERT_NE(collect, nullptr);
  EXPECT_EQ(collect->level, Level::kNote);
}

TEST(ScheduleChecksTest, DeliveringWhatIsQueuedIsNoReport) {
  const std::vector<Finding> findings = Check(
      {.cron = {.lines = CronLinesIn("37 * * * * root cpuagg send --pending", "/etc/crontab")},
       .sends = true});
  EXPECT_EQ(Find(findings, "schedule_report")->level, Level::kWarning);
  EXPECT_EQ(Find(findings, "schedule_deliver")->level, Level::kOk);
}

}  // namespace
}  // namespace cpuagg::tools::check
