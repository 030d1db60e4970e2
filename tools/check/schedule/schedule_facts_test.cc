#include "tools/check/schedule/schedule_facts.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/checked_schedule.h"

namespace cpuagg::tools::check {
namespace {

using testing::Check;
using testing::Find;

TEST(ScheduleFactsTest, CrontabsAreFoundWhereCronLooks) {
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

TEST(ScheduleFactsTest, WhereSystemdDoesNotRunItsFilesTellWhatItWillDo) {
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

TEST(ScheduleFactsTest, ACronIsInstalledIfItsProgramIsThere) {
  const acct::testing::TempDir dir;
  std::filesystem::create_directories(dir.Path("usr/bin"));
  EXPECT_FALSE(GatherSchedule(dir.path(), false).has_cron);
  EXPECT_EQ(GatherSchedule(dir.path(), false).installs_cron, "");
  dir.Write("usr/bin/dnf", "");
  EXPECT_EQ(GatherSchedule(dir.path(), false).installs_cron, "dnf install cronie");
  dir.Write("usr/bin/apt-get", "");
  EXPECT_EQ(GatherSchedule(dir.path(), false).installs_cron,
            "apt-get install --no-install-recommends cron");
  dir.Write("usr/bin/crond", "");
  EXPECT_TRUE(GatherSchedule(dir.path(), false).has_cron);
}

TEST(ScheduleFactsTest, AChrootIsKnownByTheMountsThatAreSeen) {
  const acct::testing::TempDir dir;
  std::filesystem::create_directories(dir.Path("proc/self"));
  EXPECT_FALSE(GatherSchedule(dir.path(), false).is_confined);
  dir.Write("proc/self/mountinfo",
            "26 1 8:1 / / rw - ext4 /dev/sda1 rw\n27 26 0:24 / /proc rw - proc proc rw\n");
  EXPECT_FALSE(GatherSchedule(dir.path(), false).is_confined);
  dir.Write("proc/self/mountinfo", "87 67 0:40 / /proc rw,relatime - proc proc rw\n");
  EXPECT_TRUE(GatherSchedule(dir.path(), false).is_confined);
}

TEST(ScheduleFactsTest, AnotherPidNamespaceThanTheFirstIsAContainer) {
  const acct::testing::TempDir dir;
  std::filesystem::create_directories(dir.Path("proc/self/ns"));
  std::filesystem::create_symlink("pid:[4026531836]", dir.Path("proc/self/ns/pid"));
  EXPECT_FALSE(GatherSchedule(dir.path(), false).is_confined);
  std::filesystem::remove(dir.Path("proc/self/ns/pid"));
  std::filesystem::create_symlink("pid:[4026532201]", dir.Path("proc/self/ns/pid"));
  EXPECT_TRUE(GatherSchedule(dir.path(), false).is_confined);
}

}  // namespace
}  // namespace cpuagg::tools::check
