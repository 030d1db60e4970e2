// `cpuagg setup` on a full disk, and killed between any two of its writes: existing files stay
// intact, and the next run finishes. Needs root, mounts and tracing; otherwise prints that and
// skips.

#include <signal.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/accounting.h"
#include "tools/testing/process.h"
#include "tools/testing/setting_up.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Accton;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class SetupFaultsCliTest : public testing::SetupTest {
 protected:
  // Restores the state before setup.
  static void BeginAgain() {
    Accton("off");
    for (const char* path :
         {"/etc/cpuagg", "/var/lib/cpuagg", "/var/log/account", kCronFile, "/run/on_in_the_test"}) {
      std::filesystem::remove_all(path);
    }
  }
  // Only root may access files with the token.
  static void ExpectNoOpenToken() {
    for (const char* folder : {"/etc/cpuagg", "/etc/cron.d"}) {
      if (!std::filesystem::exists(folder)) continue;
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (Has(ReadFile(entry.path()), kToken)) {
          EXPECT_EQ(Owner(entry.path()), "root:root 600") << entry.path();
        }
      }
    }
  }
  static void ExpectNothingUnfinished() {
    for (const char* folder : {"/etc/cpuagg", "/etc/cron.d"}) {
      if (!std::filesystem::exists(folder)) continue;
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        EXPECT_FALSE(absl::StartsWith(entry.path().filename().string(), ".unfinished-"))
            << entry.path();
      }
    }
  }
  void ExpectAllInOrder() const {
    const Finished run = RunSetupWell(WithBot());
    ExpectNoOpenToken();
    ExpectNothingUnfinished();
    EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
    EXPECT_TRUE(Has(ReadFile(kConfiguration), "CHAT_ID=42,-1001234567890\n"));
    EXPECT_TRUE(Has(ReadFile(kRecord), absl::StrCat("ACCOUNTING_FILE=", kPacct, "\n")));
    EXPECT_TRUE(AccountingIsOn());
  }
  // Kills only setup, not the programs that it starts.
  static Program Killed(Program program, const std::string& call, int when) {
    const std::string fault = absl::StrCat("inject=", call, ":signal=KILL:when=", when);
    program.argv.insert(program.argv.begin(), {"/usr/bin/strace", "-o", "/dev/null", "-e", fault});
    program.environment.push_back("ASAN_OPTIONS=detect_leaks=0");
    return program;
  }
  // Kills setup, and then undo, at each of these calls.
  void KillAtEach(const std::string& call) const {
    int kills = 0;
    for (bool is_killed = true; is_killed; ++kills) {
      ASSERT_LT(kills, 60);
      BeginAgain();
      const Finished run = RunProgram(Killed(Setup(WithBot(), {"--yes"}), call, kills + 1));
      is_killed = run.signal == SIGKILL;
      EXPECT_TRUE(is_killed || run.exit_code == 0) << run.out << run.err;
      ExpectNoOpenToken();
      if (is_killed) ExpectAllInOrder();
    }
    // At least the files and the directories of the record, the token and the configuration.
    EXPECT_GT(kills, 8);
    for (int i = 1;; ++i) {
      ASSERT_LT(i, 20);
      const Finished run = RunProgram(Killed(Setup({}, {"--undo", "--yes"}), call, i));
      const Finished undone = UndoWell();
      EXPECT_FALSE(AccountingIsOn());
      EXPECT_FALSE(std::filesystem::exists(kRecord));
      ExpectNothingUnfinished();
      if (run.signal != SIGKILL) break;
      ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
    }
  }
};

TEST_F(SetupFaultsCliTest, KilledAnywhereItIsFinishedByTheNextRun) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  InstallUnits();
  KillAtEach("fsync");
}

TEST_F(SetupFaultsCliTest, KilledAnywhereItIsFinishedByTheNextRunWithCronAsWell) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  machine_->PretendProgram("/usr/sbin/cron", "");
  KillAtEach("rename,unlink");
}

TEST_F(SetupFaultsCliTest, WhatAKillLeavesGoesEvenIfTheRecordCannotBeRead) {
  std::filesystem::create_directories("/etc/cpuagg");
  std::filesystem::create_directories("/var/lib/keys");
  std::ofstream("/var/lib/keys/token") << "";
  std::filesystem::create_symlink("/var/lib/keys/token", kTokenFile);
  for (const char* path : {"/etc/cpuagg/.unfinished-Ab12Cd", "/var/lib/keys/.unfinished-Ab12Cd"}) {
    std::ofstream{path} << kToken;
  }
  std::ofstream{kRecord} << "GREETED='\n";
  const Finished run = Undo();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "run rm /etc/cpuagg/setup_record")) << run.err;
  ExpectNothingUnfinished();
  EXPECT_FALSE(std::filesystem::exists("/var/lib/keys/.unfinished-Ab12Cd"));
}

TEST_F(SetupFaultsCliTest, AFullDiskIsSaidAndTheNextRunFinishes) {
  InstallUnits();
  int pages = 0;
  for (bool is_done = false; !is_done; ++pages) {
    ASSERT_LT(pages, 20);
    BeginAgain();
    std::filesystem::create_directories("/etc/cpuagg");
    const std::string size = absl::StrCat("mode=0755,size=", 4096 * (pages + 1));
    ASSERT_EQ(mount("tmpfs", "/etc/cpuagg", "tmpfs", 0, size.c_str()), 0);
    // Another user's file fills the disk at first.
    std::ofstream("/etc/cpuagg/notes") << "x";
    const Finished run = RunSetup(WithBot());
    is_done = run.exit_code == 0;
    if (!is_done) {
      EXPECT_EQ(run.exit_code, 1);
      EXPECT_TRUE(Has(run.err, "No space left on device")) << run.err;
      EXPECT_TRUE(Has(run.err, "/etc/cpuagg/")) << run.err;
    }
    ExpectNoOpenToken();
    ExpectNothingUnfinished();
    EXPECT_EQ(mount("tmpfs", "/etc/cpuagg", "tmpfs", MS_REMOUNT, "size=1m"), 0);
    ExpectAllInOrder();
    EXPECT_EQ(umount2("/etc/cpuagg", MNT_DETACH), 0);
  }
  EXPECT_GT(pages, 3);
}

}  // namespace
}  // namespace cpuagg::tools
