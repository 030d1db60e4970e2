// `cpuagg setup --undo`. Needs root and mounts; otherwise prints that and skips.

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/accounting.h"
#include "tools/testing/process.h"
#include "tools/testing/setting_up.h"
#include "tools/testing/terminal.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Accton;
using testing::Finished;
using testing::Program;
using testing::RunProgram;
using testing::TerminalProgram;

class SetupUndoCliTest : public testing::SetupTest {};

TEST_F(SetupUndoCliTest, UndoTakesBackWhatSetupDidAndKeepsWhatIsTheAdmins) {
  InstallUnits();
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  machine_->Calls();
  const std::string configuration = ReadFile(kConfiguration);
  const Finished undone = UndoWell();
  const std::string calls = machine_->Calls();
  EXPECT_TRUE(Has(calls,
                  "systemctl disable --now cpuagg-collect.timer cpuagg-report.timer "
                  "cpuagg-deliver.timer\n"))
      << calls;
  EXPECT_TRUE(Has(calls, "systemctl disable acct.service\n")) << calls;
  EXPECT_FALSE(AccountingIsOn());
  EXPECT_EQ(ReadFile(kConfiguration), configuration);
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_TRUE(std::filesystem::exists("/var/lib/cpuagg/snapshots"));
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg/setup_record"));
  EXPECT_TRUE(Has(undone.out, "the token          /etc/cpuagg/bot_token")) << undone.out;
  EXPECT_TRUE(Has(undone.out,
                  "the user           cpuagg\nrm -r /var/lib/cpuagg /etc/cpuagg && "
                  "userdel cpuagg deletes them"))
      << undone.out;
  EXPECT_TRUE(Has(undone.out, "deletes configuration and token, and keeps the store"))
      << undone.out;

  // Accounting that was already on stays on, also after a second undo.
  std::filesystem::create_directories("/var/log/account");
  ASSERT_EQ(Accton(kPacct).exit_code, 0);
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  UndoWell();
  EXPECT_TRUE(AccountingIsOn());
  // The second setup found the user.
  const Finished nothing = UndoWell();
  EXPECT_TRUE(Has(nothing.out, "there is nothing left to take back")) << nothing.out;
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_EQ(Accton("off").exit_code, 0);
}

TEST_F(SetupUndoCliTest, WhatIsNotToBeTakenBackIsRememberedForTheNextTime) {
  InstallUnits();
  ASSERT_EQ(RunSetup({}).exit_code, 0);
  TerminalProgram undo(Setup({}, {"--undo"}));
  ASSERT_TRUE(undo.Shows("Turn process accounting off, which setup turned on? [Y/n]"));
  undo.Type("n\n");
  const Finished no = undo.Wait();
  EXPECT_EQ(no.exit_code, 0) << no.out;
  EXPECT_TRUE(Has(no.out,
                  "accounting stays on; accton off turns it off, and cpuagg setup --undo "
                  "asks again"))
      << no.out;
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_FALSE(Has(machine_->Calls(), "disable acct.service"));
  UndoWell();
  EXPECT_TRUE(Has(machine_->Calls(), "disable acct.service"));
  EXPECT_FALSE(AccountingIsOn());
  EXPECT_FALSE(std::filesystem::exists(kRecord));
}

TEST_F(SetupUndoCliTest, WhatFailsIsRememberedForTheNextTime) {
  InstallUnits();
  ASSERT_EQ(RunSetup({}).exit_code, 0);
  PretendSystemctl("[ $1 != disable ] || { echo 'Access denied' >&2; exit 1; }");
  const Finished failed = Undo();
  EXPECT_EQ(failed.exit_code, 1);
  // The message before names the program and the time limit.
  EXPECT_TRUE(Has(failed.out + failed.err,
                  "  $ systemctl disable --now cpuagg-collect.timer  # for at most 1m30s\n"))
      << failed.out << failed.err;
  EXPECT_TRUE(Has(failed.err,
                  "not done: systemctl disable --now cpuagg-collect.timer: ended with "
                  "status 1: Access denied; still on: cpuagg-collect.timer"))
      << failed.err;
  EXPECT_TRUE(Has(failed.err,
                  "not done: systemctl disable acct.service: ended with status 1: "
                  "Access denied; acct.service turns accounting on at the next boots"))
      << failed.err;
  EXPECT_FALSE(AccountingIsOn());
  EXPECT_TRUE(Has(ReadFile(kRecord), "ACCOUNTING_UNIT=acct.service\n"));
  EXPECT_TRUE(Has(ReadFile(kRecord), "ACCOUNTING_FILE=\n"));
  PretendSystemctl("");
  machine_->Calls();
  UndoWell();
  const std::string calls = machine_->Calls();
  EXPECT_TRUE(Has(calls, "systemctl disable acct.service\n")) << calls;
  EXPECT_TRUE(Has(calls, "systemctl disable --now cpuagg-collect.timer\n")) << calls;
  EXPECT_FALSE(std::filesystem::exists(kRecord));
}

TEST_F(SetupUndoCliTest, TimersAreTakenBackWhereSystemdIsThereAndDoesNotRun) {
  InstallUnits();
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  std::filesystem::remove("/run/systemd/system");
  const Finished undone = UndoWell();
  EXPECT_TRUE(Has(undone.out, "✔ the timers are off")) << undone.out;
  EXPECT_TRUE(Has(machine_->Calls(), "systemctl disable cpuagg-collect.timer cpuagg-report.timer"));
}

TEST_F(SetupUndoCliTest, WhatAProgramSaysInSeveralLinesIsOneLineOfAMessage) {
  InstallUnits();
  ASSERT_EQ(RunSetup({}).exit_code, 0);
  PretendSystemctl(
      "[ $1 != disable ] || { printf 'Access denied\\n\\nHost is down\\n' "
      ">&2; exit 1; }");
  const Finished failed = Undo();
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_TRUE(Has(failed.err, "status 1: Access denied; Host is down; still on: ")) << failed.err;
}

TEST_F(SetupUndoCliTest, AccountingThatTheAdminHasMovedStaysOnAndIsSaidTo) {
  InstallUnits();
  for (const char* moved : {"/var/log/pacct", "/var/log/anywhere"}) {
    ASSERT_EQ(RunSetup({"CPUAGG_ACCOUNTING_FILE=/var/log/account/pacct"}).exit_code, 0) << moved;
    std::ofstream{moved} << "";
    ASSERT_EQ(Accton(moved).exit_code, 0);
    const Finished undone = UndoWell();
    EXPECT_TRUE(AccountingIsOn(moved));
    EXPECT_FALSE(Has(undone.out, "accounting is off")) << undone.out;
    const bool is_usual = std::string(moved) == "/var/log/pacct";
    EXPECT_EQ(Has(undone.out, "accounting stays on: the kernel writes to /var/log/pacct"), is_usual)
        << undone.out;
    EXPECT_EQ(Has(undone.out, "If it is on for another file, it stays on"), !is_usual)
        << undone.out;
    EXPECT_FALSE(std::filesystem::exists(kRecord));
    EXPECT_EQ(Accton("off").exit_code, 0);
  }
}

TEST_F(SetupUndoCliTest, AnyAccountingFileIsRememberedFromAnywhere) {
  InstallUnits();
  std::filesystem::create_directories("/var/lib/here");
  for (const char* file : {"/var/log/q\"x/pacct", "/var/log/it's #1/pacct", "pacct"}) {
    Program setup = Setup({absl::StrCat("CPUAGG_ACCOUNTING_FILE=", file)}, {"--yes"});
    setup.directory = "/var/lib/here";
    const Finished run = RunProgram(setup);
    const std::string path = file[0] == '/' ? file : absl::StrCat("/var/lib/here/", file);
    // Debian's service is for its own file.
    EXPECT_TRUE(Has(run.err, absl::StrCat("does not turn accounting on for ", path))) << run.err;
    EXPECT_TRUE(AccountingIsOn(path)) << run.out << run.err;
    const Finished again = RunSetup({});
    EXPECT_TRUE(Has(again.out, absl::StrCat("on already: the kernel writes to ", path)))
        << again.out << again.err;
    const Finished undone = UndoWell();
    EXPECT_TRUE(Has(undone.out, "accounting is off")) << undone.out;
    EXPECT_FALSE(AccountingIsOn(path));
    std::filesystem::remove_all("/etc/cpuagg");
  }
}

// The output does not claim that something is off if nobody could be asked.
TEST_F(SetupUndoCliTest, ASystemctlThatHangsIsSaidAndAskedOnce) {
  InstallUnits();
  ASSERT_EQ(RunSetup({}).exit_code, 0);
  PretendSystemctl("case $1 in is-*) exec sleep 600 ;; esac");
  const Finished undone = Undo();
  EXPECT_EQ(undone.exit_code, 1);
  EXPECT_TRUE(Has(undone.err,
                  "did not answer within 30 s, and is not asked again; run setup again "
                  "when systemctl answers"))
      << undone.err;
}

}  // namespace
}  // namespace cpuagg::tools
