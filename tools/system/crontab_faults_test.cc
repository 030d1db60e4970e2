// Tests that a line which cron never runs does not count as a schedule, and that check says why.

#include "tools/system/crontab_faults.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/check/schedule/schedule_facts.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {
namespace {

class CrontabFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"etc/cron.d", "etc/cron.daily", "usr/bin", "var/spool/cron"}) {
      std::filesystem::create_directories(dir_.Path(folder));
    }
    dir_.Write("etc/passwd", "root:x:0:0::/root:/bin/sh\ncpuagg:x:999:999::/:/bin/false\n");
    dir_.Write("usr/bin/cpuagg", "");
    ASSERT_EQ(chmod(dir_.Path("usr/bin/cpuagg").c_str(), 0755), 0);
  }

  Crontabs Read(const std::string& text, const std::string& path = "etc/cron.d/cpuagg",
                mode_t mode = 0644) {
    EXPECT_EQ(chmod(dir_.Write(path, text).c_str(), mode), 0);
    return ReadCrontabs(dir_.path());
  }

  // The finding of check about collecting.
  static Finding Collecting(const Crontabs& cron) {
    Findings findings;
    CheckSchedule({.cron = cron, .program = "/usr/bin/cpuagg"}, findings);
    return findings.Get().front();
  }

  void ExpectIdle(const Crontabs& cron, const std::string& why) {
    EXPECT_TRUE(cron.lines.empty());
    ASSERT_EQ(cron.idle.size(), 1u) << why;
    EXPECT_EQ(cron.idle[0].why, why);
    const Finding finding = Collecting(cron);
    EXPECT_EQ(finding.level, Level::kWarning);
    EXPECT_EQ(finding.text, absl::StrCat("nothing does it: there is no timer, and ",
                                         dir_.Path("etc/cron.d/cpuagg"),
                                         " has a line that does not do it: ", why));
    for (const std::string& mend : finding.mends) {
      EXPECT_FALSE(absl::StrContains(mend, "/etc/cron.d/cpuagg")) << mend;
    }
    EXPECT_EQ(finding.advice.size(), 1u);
  }

  const acct::testing::TempDir dir_;
};

TEST_F(CrontabFaultsTest, ALineThatCronNeverRunsIsNoScheduleAndSaysWhy) {
  struct Case {
    const char* line;
    const char* why;
  };
  for (const Case& c : {
           Case{"*/15 * * * * nosuch cpuagg collect", "there is no user nosuch"},
           Case{"*/15 * * * * root /nope/cpuagg collect", "there is no program /nope/cpuagg"},
           Case{"* * * * * root sh -c '/nope/cpuagg collect'", "there is no program /nope/cpuagg"},
           Case{"*/15 * * * * cpuagg collect", "the user is missing before cpuagg"},
           Case{"*/15 * * * * /usr/bin/cpuagg collect",
                "the user is missing before /usr/bin/cpuagg"},
           Case{"61 * * * * root cpuagg collect", "61 is not a valid minute"},
           Case{"0 24 * * * root cpuagg collect", "24 is not a valid hour"},
           Case{"0 0 0 * * root cpuagg collect", "0 is not a valid day of the month"},
           Case{"0 0 1 13 * root cpuagg collect", "13 is not a valid month"},
           Case{"0 0 * * 8 root cpuagg collect", "8 is not a valid day of the week"},
           Case{"*/0 * * * * root cpuagg collect", "*/0 is not a valid minute"},
           Case{"0 0 31 2 * root cpuagg collect", "this date never comes"},
           Case{"0 0 31 feb,apr * root cpuagg collect", "this date never comes"},
           Case{"@sometimes root cpuagg collect", "cron does not know @sometimes"},
       }) {
    SCOPED_TRACE(c.line);
    ExpectIdle(Read(absl::StrCat(c.line, "\n")), c.why);
  }
}

TEST_F(CrontabFaultsTest, ALineThatRunsIsASchedule) {
  for (const char* line :
       {"*/15 * * * * root cpuagg collect", "0 0 29 2 * root /usr/bin/cpuagg collect",
        "0 0 31 2 mon root cpuagg collect", "0 0 31 jan,feb * cpuagg cpuagg collect",
        "0-59/20\t1,2 * * 1-5,7 root cpuagg collect", "0~59 * * * Sun root cpuagg collect",
        "-*/5 * * * * root cpuagg collect", "@hourly root cpuagg collect"}) {
    const Crontabs cron = Read(absl::StrCat(line, "\n"));
    EXPECT_EQ(cron.lines.size(), 1u) << line;
    EXPECT_TRUE(cron.idle.empty()) << line << ": " << cron.idle[0].why;
    EXPECT_EQ(Collecting(cron).level, Level::kOk) << line;
  }
}

TEST_F(CrontabFaultsTest, AFileThatCronPassesOverIsNoSchedule) {
  const std::string line = "*/15 * * * * root cpuagg collect";
  ExpectIdle(Read(line + "\n", "etc/cron.d/cpuagg", 0666),
             "users other than root may write to the file");
  ExpectIdle(Read(line), "the last line of the file has no newline");
  if (geteuid() == 0) {
    const std::string path = dir_.Path("etc/cron.d/cpuagg");
    ASSERT_EQ(chown(path.c_str(), 12'345, 0), 0);
    ExpectIdle(Read(line + "\n"), "the file is not root's");
  }
}

TEST_F(CrontabFaultsTest, ScriptsAndCrontabsOfUsersHaveTheirOwnForm) {
  EXPECT_EQ(Read("#!/bin/sh\ncpuagg collect", "etc/cron.daily/a", 0755).lines.size(), 1u);
  EXPECT_EQ(Read("#!/bin/sh\ncpuagg collect", "etc/cron.daily/a", 0644).lines.size(), 0u);
  EXPECT_EQ(Read("5 * * * * cpuagg collect\n", "var/spool/cron/root", 0600).lines.size(), 1u);
  EXPECT_EQ(Read("5 * * * * root cpuagg collect\n", "var/spool/cron/root", 0600).lines.size(), 0u);
}

TEST_F(CrontabFaultsTest, WhatEchoesCollectsNothing) {
  EXPECT_TRUE(Read("* * * * * root echo cpuagg collect\n").lines.empty());
}

TEST_F(CrontabFaultsTest, WhatCollectsIntoAnotherStoreIsNoScheduleOfThisOne) {
  for (const char* flag : {"--store /tmp/x", "--store=/tmp/x"}) {
    Crontabs cron = Read(absl::StrCat("* * * * * root cpuagg collect ", flag, "\n"));
    PutAsideOtherStores("/tmp/x/", cron);
    EXPECT_EQ(cron.lines.size(), 1u);
    PutAsideOtherStores("/var/lib/cpuagg", cron);
    ExpectIdle(cron, "it is about the store /tmp/x, not /var/lib/cpuagg");
  }
}

TEST_F(CrontabFaultsTest, WhatIsNoFileCannotBeRead) {
  for (const char* name : {"etc/crontab", "etc/cron.d/cpuagg"}) {
    const std::string path = dir_.Path(name);
    for (const bool is_folder : {false, true}) {
      std::filesystem::remove(path);
      ASSERT_EQ(is_folder ? mkdir(path.c_str(), 0755) : mkfifo(path.c_str(), 0644), 0);
      const Finding finding = Collecting(ReadCrontabs(dir_.path()));
      EXPECT_EQ(finding.level, Level::kWarning);
      EXPECT_TRUE(absl::EndsWith(
          finding.text,
          absl::StrCat("and ", path, ": it cannot be read: it is not a regular file")))
          << finding.text;
      EXPECT_EQ(finding.mends.size(), absl::EndsWith(name, "cpuagg") ? 0u : 2u);
      std::filesystem::remove(path);
    }
  }
}

}  // namespace
}  // namespace cpuagg::tools::check
