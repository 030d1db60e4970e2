// Timers and cron lines, as `cpuagg setup` creates and removes them. Needs root and mounts;
// otherwise prints that and skips.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"
#include "tools/testing/setting_up.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Finished;

class SetupScheduleCliTest : public testing::SetupTest {};

TEST_F(SetupScheduleCliTest, WithoutSystemdThereAreCronLinesInstead) {
  machine_->PretendProgram("/usr/sbin/cron", "");
  RunSetupWell(WithBot());
  const std::string lines = ReadFile("/etc/cron.d/cpuagg");
  EXPECT_TRUE(Has(lines, "\n*/15 * * * *  root  /usr/bin/cpuagg collect --quiet\n")) << lines;
  EXPECT_TRUE(Has(lines, "\n0 7 * * *  root  /usr/bin/cpuagg send --period last-day\n")) << lines;
  EXPECT_EQ(Owner("/etc/cron.d/cpuagg"), "root:root 644");
  EXPECT_FALSE(std::filesystem::is_empty("/var/lib/cpuagg/snapshots"));
  EXPECT_TRUE(Has(RunSetup(WithBot()).out, "/etc/cron.d/cpuagg is there"));
  // If there are timers later, the lines are removed.
  InstallUnits();
  RunSetupWell(WithBot());
  EXPECT_FALSE(std::filesystem::exists("/etc/cron.d/cpuagg"));
  EXPECT_TRUE(Has(machine_->Calls(), kEnable));
}

TEST_F(SetupScheduleCliTest, WhatACrontabOfTheAdminDoesIsNotDoneTwice) {
  InstallUnits();
  std::ofstream("/etc/crontab", std::ios::app)
      << "0 7 * * *  root  /usr/bin/cpuagg run --period last-day\n";
  const Finished run = RunSetupWell(WithBot());
  EXPECT_TRUE(Has(run.out, "/etc/crontab has a line that collects, which stays")) << run.out;
  EXPECT_TRUE(Has(run.out, "/etc/crontab has a line that reports, which stays")) << run.out;
  EXPECT_FALSE(Has(machine_->Calls(), "enable --now"));
}

TEST_F(SetupScheduleCliTest, AProgramThatOthersMayChangeIsNotRunByRootsCron) {
  machine_->PretendProgram("/usr/sbin/cron", "");
  EXPECT_EQ(chmod("/usr/bin/cpuagg", 0777), 0);
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "/usr/bin/cpuagg can be changed by users other than root")) << run.err;
  EXPECT_FALSE(std::filesystem::exists("/etc/cron.d/cpuagg"));
}

TEST_F(SetupScheduleCliTest, WhatTheAdminHasMadeOfTheCronLinesStays) {
  machine_->PretendProgram("/usr/sbin/cron", "");
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  const std::string edited =
      absl::StrReplaceAll(ReadFile(kCronFile), {{"0 7 * * *", "30 8 * * 1-5"}}) +
      "5 5 * * *  root  /usr/local/bin/backup\n";
  std::ofstream(kCronFile) << edited;
  const Finished again = RunSetupWell(WithBot());
  EXPECT_EQ(ReadFile(kCronFile), edited);

  const Finished undone = UndoWell();
  EXPECT_EQ(ReadFile(kCronFile),
            edited.substr(edited.find("SHELL="), edited.find("*/15") - edited.find("SHELL=")) +
                "5 5 * * *  root  /usr/local/bin/backup\n");
  EXPECT_TRUE(
      Has(undone.out, "it was changed, and is removed: 30 8 * * 1-5  root  /usr/bin/cpuagg send"))
      << undone.out;
  EXPECT_TRUE(Has(undone.out, "what setup did not write:\n      5 5 * * *  root")) << undone.out;
  // An admin's file without such lines gets them again.
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  EXPECT_TRUE(Has(ReadFile(kCronFile), "\n5 5 * * *  root  /usr/local/bin/backup\n"));
  EXPECT_TRUE(Has(ReadFile(kCronFile), "\n*/15 * * * *  root  /usr/bin/cpuagg collect --quiet\n"));
  // Undo does not touch a file that is completely the admin's.
  const std::string own = "0 7 * * *  root  cpuagg run --period last-day\n";
  std::ofstream(kCronFile) << own;
  const Finished left = UndoWell();
  EXPECT_EQ(ReadFile(kCronFile), own);
  EXPECT_TRUE(Has(left.out, "/etc/cron.d/cpuagg stays: setup did not write it")) << left.out;
  EXPECT_TRUE(Has(left.out, "which stays: 0 7 * * *  root  cpuagg run")) << left.out;
}

TEST_F(SetupScheduleCliTest, WhatIsNoCrontabIsNotReplacedByOne) {
  machine_->PretendProgram("/usr/sbin/cron", "");
  const std::string large = "#" + std::string(2 << 20, 'x') + "\n";
  std::filesystem::create_directories("/etc/cron.d");
  std::ofstream(kCronFile) << large;
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "/etc/cron.d/cpuagg is not a file that can be read whole")) << run.err;
  EXPECT_EQ(ReadFile(kCronFile), large);
}

TEST_F(SetupScheduleCliTest, WhereSystemdIsYetToBootTheTimersAreEnabledUnlessCronRuns) {
  InstallUnits();
  std::filesystem::remove("/run/systemd/system");
  std::filesystem::remove("/usr/sbin/init");
  std::filesystem::create_directories("/usr/lib/systemd");
  std::ofstream("/usr/lib/systemd/systemd", std::ios::app) << "";
  std::filesystem::create_symlink("/usr/lib/systemd/systemd", "/usr/sbin/init");
  std::filesystem::copy_file("/bin/sleep", "/usr/sbin/cron",
                             std::filesystem::copy_options::overwrite_existing);
  const Finished run = RunSetup(WithBot());
  EXPECT_TRUE(
      Has(machine_->Calls(),
          "systemctl enable cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer\n"))
      << run.out;
  EXPECT_TRUE(Has(run.out, "the timers start when it boots. If cron should run cpuagg")) << run.out;
  EXPECT_FALSE(std::filesystem::exists(kCronFile));
  {
    testing::StartedProgram cron({.argv = {"/usr/sbin/cron", "1000"}});
    const Finished with_cron = RunSetupWell(WithBot());
    EXPECT_TRUE(std::filesystem::exists(kCronFile)) << with_cron.out;
    EXPECT_TRUE(Has(machine_->Calls(), "systemctl disable cpuagg-collect.timer"));
    cron.Kill();
    cron.Wait();
  }
  // Cron will run as soon as there is another init.
  std::filesystem::remove("/usr/sbin/init");
  std::ofstream("/usr/sbin/init") << "";
  std::filesystem::remove(kCronFile);
  const Finished other = RunSetup(WithBot());
  EXPECT_TRUE(std::filesystem::exists(kCronFile)) << other.out;
  EXPECT_FALSE(Has(machine_->Calls(), "systemctl enable cpuagg"));
}

TEST_F(SetupScheduleCliTest, WhatIsMaskedStaysSoAndIsSaidWithWhatUnmasksIt) {
  InstallUnits();
  for (const bool is_booted : {true, false}) {
    for (const char* unit : {"cpuagg-report.service", "cpuagg-report.timer"}) {
      InstallUnits();
      if (!is_booted) std::filesystem::remove("/run/systemd/system");
      const std::string path = absl::StrCat("/etc/systemd/system/", unit);
      std::filesystem::remove(path);
      std::filesystem::create_symlink("/dev/null", path);
      const Finished run = RunSetup(WithBot());
      EXPECT_EQ(run.exit_code, 1) << run.out;
      EXPECT_TRUE(Has(run.err, absl::StrCat("not done: ", unit, " is masked"))) << run.err;
      EXPECT_TRUE(Has(run.err, absl::StrCat("run systemctl unmask ", unit, ","))) << run.err;
      EXPECT_FALSE(Has(run.out, "enabled already: cpuagg-collect.timer, cpuagg-report.timer"));
      EXPECT_FALSE(Has(machine_->Calls(), "unmask"));
      std::filesystem::remove(path);
    }
  }
}

TEST_F(SetupScheduleCliTest, WhenTheNextReportComesIsAsTheTimerHasIt) {
  InstallUnits();
  const Finished run = RunSetup(WithBot());
  EXPECT_TRUE(Has(run.out, "The next report comes Fri 2026-11-27 08:30:00 UTC; systemctl edit"))
      << run.out;
}

TEST_F(SetupScheduleCliTest, WhenTheNextReportComesIsAsTheCrontabHasItAndNotWithoutCron) {
  std::filesystem::remove("/usr/sbin/cron");
  std::filesystem::copy_file("/bin/sleep", "/usr/sbin/cron");
  const Finished without = RunSetup(WithBot());
  EXPECT_TRUE(Has(without.out, "No report comes until cron runs: service cron start"))
      << without.out;
  testing::StartedProgram cron({.argv = {"/usr/sbin/cron", "1000"}});
  EXPECT_TRUE(Has(RunSetup(WithBot()).out, "Reports come daily at 07:00, as /etc/cron.d/cpuagg"));
  const std::string lines = ReadFile(kCronFile);
  std::ofstream(kCronFile) << absl::StrReplaceAll(lines, {{"0 7 * * *", "5 18 * * *"}});
  EXPECT_TRUE(Has(RunSetup(WithBot()).out, "Reports come daily at 18:05, as /etc/cron.d/cpuagg"));
  std::ofstream(kCronFile) << absl::StrReplaceAll(lines, {{"0 7 * * *", "30 8 * * 1-5"}});
  EXPECT_TRUE(
      Has(RunSetup(WithBot()).out,
          "/etc/cron.d/cpuagg says when reports come: 30 8 * * 1-5  root  /usr/bin/cpuagg"));
  cron.Kill();
  cron.Wait();
}

TEST_F(SetupScheduleCliTest, APackageThatSetupInstalledIsNamedByADryRunAndByUndo) {
  for (const char* program : {"/usr/sbin/cron", "/usr/sbin/crond", "/usr/bin/crond"}) {
    std::filesystem::remove(program);
  }
  EXPECT_TRUE(Has(RunSetup({}, {"--dry-run"}).out, "By hand: install the missing package cron"));
  machine_->PretendProgram("/usr/bin/apt-get", "cp /bin/true /usr/sbin/cron\n");
  const Finished run = RunSetup({});
  EXPECT_TRUE(Has(machine_->Calls(), "install -y --no-install-recommends cron\n")) << run.out;
  const Finished undone = Undo();
  EXPECT_TRUE(Has(undone.out, "installed by setup, and kept: ")) << undone.out;
  EXPECT_TRUE(Has(undone.out, "cron\n")) << undone.out;
}

}  // namespace
}  // namespace cpuagg::tools
