#include "tools/check/schedule/schedule_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/check/schedule/schedule_facts.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {
namespace {

std::string Timer(const std::string& name, const std::string& active, const std::string& enabled) {
  return absl::StrCat("Id=", name, ".timer\nLoadState=loaded\nActiveState=", active,
                      "\nUnitFileState=", enabled, "\nLastTriggerUSec=n/a\n\n");
}

constexpr char kUnit[] =
    "Id=cpuagg-collect.service\nLoadState=loaded\nActiveState=inactive\nResult=success\n"
    "User=root\nAmbientCapabilities=cap_dac_read_search\n\n";
constexpr char kFailed[] =
    "Id=cpuagg-report.service\nLoadState=loaded\nActiveState=failed\nResult=exit-code\n"
    "ExecMainStatus=2\n\n";

std::vector<Finding> Check(const ScheduleFacts& facts) {
  Findings findings;
  CheckSchedule(facts, findings);
  return findings.Get();
}

const Finding* Find(const std::vector<Finding>& findings, const std::string& id) {
  for (const Finding& finding : findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

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

TEST(ScheduleChecksTest, TheLineForCronHasAPathThatCronFinds) {
  ScheduleFacts facts = {.sends = true, .program = "/usr/local/bin/cpuagg"};
  EXPECT_EQ(OfCollecting(facts).mends[1],
            "echo '*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet' "
            ">>/etc/cron.d/cpuagg");
  const std::vector<Finding> findings = Check(facts);
  EXPECT_EQ(Find(findings, "schedule_deliver")->mends[1],
            "echo '37 * * * *  root  /usr/local/bin/cpuagg send --pending --quiet' "
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
  EXPECT_EQ(Find(with_flags, "schedule_deliver")->mends,
            std::vector<std::string>{
                "echo '37 * * * *  root  /usr/local/bin/cpuagg send --pending --quiet --config "
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
      .cron_runs = false};
  const Finding collect = OfCollecting(facts);
  EXPECT_EQ(collect.level, Level::kWarning);
  EXPECT_EQ(collect.text, "by cron: /etc/cron.d/cpuagg, but no cron runs here");
  EXPECT_EQ(collect.mends.size(), 1u);
  // An image built in a chroot or a container may have a cron when it is started or booted.
  facts.is_confined = true;
  EXPECT_EQ(OfCollecting(facts).level, Level::kNote);
  facts.cron_runs = true;
  EXPECT_EQ(OfCollecting(facts).level, Level::kOk);
}

TEST(ScheduleChecksTest, TimersOfTheNextBootAreEnoughForAnImageAlone) {
  ScheduleFacts facts = {.enabled_for_boot = {"cpuagg-collect.timer"}};
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  facts.is_confined = true;
  EXPECT_EQ(OfCollecting(facts).level, Level::kNote);
}

TEST(ScheduleChecksTest, WhereSystemdDoesNotRunItsFilesTellWhatItWillDo) {
  const acct::testing::TempDir dir;
  std::filesystem::create_directories(dir.Path("etc/systemd/system/timers.target.wants"));
  for (const char* timer : {"cpuagg-collect.timer", "cpuagg-report.timer"}) {
    std::filesystem::create_symlink(
        absl::StrCat("/lib/systemd/system/", timer),
        dir.Path(absl::StrCat("etc/systemd/system/timers.target.wants/", timer)));
  }
  ScheduleFacts facts = GatherSchedule(dir.path(), true);
  EXPECT_EQ(facts.enabled_for_boot,
            (std::vector<std::string>{"cpuagg-collect.timer", "cpuagg-report.timer"}));
  EXPECT_TRUE(facts.masked_for_boot.empty());
  std::filesystem::create_symlink("/dev/null", dir.Path("etc/systemd/system/cpuagg-collect.timer"));
  dir.Write("etc/systemd/system/cpuagg-report.service", "");
  // A unit that an admin wrote in place of the package's is not masked.
  dir.Write("etc/systemd/system/cpuagg-collect.service", "[Service]\n");
  facts = GatherSchedule(dir.path(), true);
  EXPECT_EQ(facts.masked_for_boot,
            (std::vector<std::string>{"cpuagg-collect.timer", "cpuagg-report.service"}));
  facts.is_confined = true;
  const std::vector<Finding> findings = Check(facts);
  EXPECT_EQ(Find(findings, "schedule_collect")->level, Level::kWarning);
  EXPECT_EQ(Find(findings, "schedule_collect")->text,
            "cpuagg-collect.timer is masked: systemd will not run it");
  EXPECT_EQ(Find(findings, "schedule_collect")->mends,
            std::vector<std::string>{"systemctl unmask cpuagg-collect.timer"});
  EXPECT_EQ(Find(findings, "schedule_report")->text,
            "cpuagg-report.timer is enabled, but cpuagg-report.service is masked: systemd will not "
            "run it");
  EXPECT_EQ(Find(findings, "schedule_report")->mends,
            std::vector<std::string>{"systemctl unmask cpuagg-report.service"});
}

TEST(ScheduleChecksTest, AMaskedTimerThatIsNotEnabledIsBoth) {
  const ScheduleFacts facts = {.masked_for_boot = {"cpuagg-collect.timer"}, .is_confined = true};
  EXPECT_EQ(OfCollecting(facts).level, Level::kWarning);
  EXPECT_EQ(OfCollecting(facts).text, "cpuagg-collect.timer is masked: systemd will not run it");
  EXPECT_EQ(OfCollecting(facts).mends,
            std::vector<std::string>{"systemctl unmask cpuagg-collect.timer && systemctl enable "
                                     "cpuagg-collect.timer"});
}

TEST(ScheduleChecksTest, AChrootIsKnownByTheMountsThatAreSeen) {
  const acct::testing::TempDir dir;
  std::filesystem::create_directories(dir.Path("proc/self"));
  EXPECT_FALSE(GatherSchedule(dir.path(), false).is_confined);
  dir.Write("proc/self/mountinfo",
            "26 1 8:1 / / rw - ext4 /dev/sda1 rw\n27 26 0:24 / /proc rw - proc proc rw\n");
  EXPECT_FALSE(GatherSchedule(dir.path(), false).is_confined);
  dir.Write("proc/self/mountinfo", "87 67 0:40 / /proc rw,relatime - proc proc rw\n");
  EXPECT_TRUE(GatherSchedule(dir.path(), false).is_confined);
}

TEST(ScheduleChecksTest, AnotherPidNamespaceThanTheFirstIsAContainer) {
  const acct::testing::TempDir dir;
  std::filesystem::create_directories(dir.Path("proc/self/ns"));
  std::filesystem::create_symlink("pid:[4026531836]", dir.Path("proc/self/ns/pid"));
  EXPECT_FALSE(GatherSchedule(dir.path(), false).is_confined);
  std::filesystem::remove(dir.Path("proc/self/ns/pid"));
  std::filesystem::create_symlink("pid:[4026532201]", dir.Path("proc/self/ns/pid"));
  EXPECT_TRUE(GatherSchedule(dir.path(), false).is_confined);
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

TEST(ScheduleChecksTest, WhenACollectIsDueIsSaidByWhatRunsIt) {
  ScheduleFacts facts;
  EXPECT_EQ(CollectPeriod(facts), std::nullopt);
  facts.cron.lines = CronLinesIn("exec cpuagg run", "/etc/cron.daily/cpuagg");
  EXPECT_EQ(CollectPeriod(facts), absl::Hours(24));
  const std::vector<CronLine> more =
      CronLinesIn("*/20 * * * * root cpuagg collect", "/etc/cron.d/cpuagg");
  facts.cron.lines.insert(facts.cron.lines.end(), more.begin(), more.end());
  EXPECT_EQ(CollectPeriod(facts), absl::Minutes(20));
  facts.units = ParseUnits(Timer("cpuagg-collect", "active", "enabled"));
  EXPECT_EQ(CollectPeriod(facts), absl::Minutes(15));
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

TEST(ScheduleChecksTest, CrontabsAreFoundWhereCronLooks) {
  const acct::testing::TempDir dir;
  for (const char* directory : {"etc/cron.d", "etc/cron.hourly"}) {
    std::filesystem::create_directories(dir.Path(directory));
  }
  dir.Write("etc/cron.d/cpuagg", "0 * * * * root cpuagg collect\n");
  dir.Write("etc/cron.d/cpuagg.dpkg-old", "0 * * * * root cpuagg run\n");
  dir.Write("etc/cron.hourly/cpuagg", "#!/bin/sh\nexec cpuagg send --pending\n");
  ASSERT_EQ(chmod(dir.Path("etc/cron.hourly/cpuagg").c_str(), 0755), 0);
  const ScheduleFacts facts = GatherSchedule(dir.path(), false);
  ASSERT_EQ(facts.cron.lines.size(), 2u);
  EXPECT_EQ(facts.cron.lines[0].path, dir.path() + "/etc/cron.d/cpuagg");
  EXPECT_EQ(facts.cron.lines[1].path, dir.path() + "/etc/cron.hourly/cpuagg");
  EXPECT_FALSE(facts.has_systemd);
}

TEST(ScheduleChecksTest, TheUnitsUserCollects) {
  const Collector collector = FindCollector({.units = ParseUnits(kUnit)}, "/nowhere");
  EXPECT_EQ(collector.who.name, "root");
  EXPECT_TRUE(collector.may_read_everything);
  EXPECT_EQ(collector.source, "cpuagg-collect.service");
}

TEST(ScheduleChecksTest, WhomCronRunsItAsCollectsWhereTheTimerIsOff) {
  const acct::testing::TempDir store;
  const std::string line = "*/15 * * * *  root  /usr/bin/cpuagg collect --quiet";
  ScheduleFacts facts = {.cron = {.lines = CronLinesIn(line, "/etc/cron.d/cpuagg")}};
  EXPECT_EQ(FindCollector(facts, store.path()).source, "/etc/cron.d/cpuagg");
  EXPECT_EQ(FindCollector(facts, store.path()).who.user, 0u);
  // The timer is loaded and off.
  facts.units = ParseUnits(kUnit + Timer("cpuagg-collect", "inactive", "disabled"));
  EXPECT_EQ(FindCollector(facts, store.path()).source, "/etc/cron.d/cpuagg");
  facts.units = ParseUnits(kUnit + Timer("cpuagg-collect", "active", "enabled"));
  EXPECT_EQ(FindCollector(facts, store.path()).source, "cpuagg-collect.service");
  // Another store, and another user than cron's.
  for (const char* other :
       {"* * * * * root cpuagg collect --store /srv/x", "* * * * * root cpuagg send --pending",
        "* * * * * root su -s /bin/sh -c 'cpuagg collect' daemon"}) {
    const ScheduleFacts of_other = {.cron = {.lines = CronLinesIn(other, "/etc/cron.d/cpuagg")}};
    EXPECT_EQ(FindCollector(of_other, store.path()).source, "the owner of the store") << other;
  }
}

TEST(ScheduleChecksTest, WithoutUnitsTheStoresOwnerCollects) {
  const acct::testing::TempDir dir;
  const Collector collector = FindCollector({}, dir.path());
  EXPECT_EQ(collector.source, "the owner of the store");
  EXPECT_EQ(collector.who.user, geteuid());
  EXPECT_EQ(FindCollector({}, dir.Path("gone")).source, "who asks");
}

}  // namespace
}  // namespace cpuagg::tools::check
