// `cpuagg setup` from beginning to end, without questions. Needs root and mounts; otherwise prints
// that and skips.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"
#include "tools/testing/setting_up.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class SetupCliTest : public testing::SetupTest {};

TEST_F(SetupCliTest, WithYesAllOfItIsDoneAndASecondTimeNothingChanges) {
  InstallUnits();
  RunSetupWell(WithBot());
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_EQ(Owner(kPacct), "root:adm 640");
  EXPECT_EQ(Owner("/var/lib/cpuagg"), "cpuagg:cpuagg 750");
  EXPECT_EQ(Owner(kConfiguration), "root:cpuagg 640");
  EXPECT_EQ(Owner(kTokenFile), "root:root 600");
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_EQ(ReadFile(kConfiguration),
            absl::StrCat("CHAT_ID=42,-1001234567890\n", api_.substr(7), "\n"));
  EXPECT_EQ(Greeted(), (Strings{"42", "-1001234567890"}));
  const std::string calls = machine_->Calls();
  EXPECT_TRUE(Has(calls, "systemctl enable acct.service\n")) << calls;
  EXPECT_TRUE(Has(calls, "systemctl start cpuagg-collect.service\n")) << calls;
  EXPECT_TRUE(Has(calls, kEnable)) << calls;
  EXPECT_FALSE(std::filesystem::is_empty("/var/lib/cpuagg/snapshots"));

  const std::string before = Settings();
  const Finished again = RunSetupWell(WithBot());
  EXPECT_EQ(Settings(), before);
  EXPECT_EQ(Greeted().size(), 2u);
  const std::string more_calls = machine_->Calls();
  EXPECT_FALSE(Has(more_calls, "enable ")) << more_calls;
  EXPECT_FALSE(Has(more_calls, "restart")) << more_calls;
  for (const char* words : {"on already", "the user cpuagg exists", "nothing to change in",
                            "were greeted by an earlier setup", "enabled already"}) {
    EXPECT_TRUE(Has(again.out, words)) << words << "\n" << again.out;
  }
  const Finished dry = RunSetup({}, {"--dry-run"});
  for (const char* state :
       {"\n  Now: done; the kernel writes to /var/log/account/pacct\n",
        "\n  Now: done; the user cpuagg, /var/lib/cpuagg and /etc/cpuagg/bot_token exist\n",
        "\n  Now: done; a token and the chats 42,-1001234567890 configured\n",
        "/etc/cpuagg/cpuagg.env exists; what it has stays\n",
        "\n  Now: cpuagg is run by cpuagg-collect.timer"}) {
    EXPECT_TRUE(Has(dry.out, state)) << state << dry.out;
  }
  // Uses the configuration without the environment.
  RunSetupWell({});
  EXPECT_EQ(Settings(), before);
}

TEST_F(SetupCliTest, WithoutTokenAndChatItCollectsAlone) {
  InstallUnits();
  const Finished run = RunSetupWell({});
  EXPECT_TRUE(Has(run.out, "cpuagg only collects")) << run.out;
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_EQ(ReadFile(kTokenFile), "");
  EXPECT_EQ(Owner(kTokenFile), "root:root 600");
  EXPECT_TRUE(Has(machine_->Calls(), "systemctl enable --now cpuagg-collect.timer\n"));
}

TEST_F(SetupCliTest, NobodyIsAskedWithoutATerminalOrWithoutRoot) {
  const Finished run = RunSetup({}, {});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(Has(run.err, "--yes asks nothing")) << run.err;
  EXPECT_TRUE(
      Has(RunSetup({}, {"--undo"}).err, "--yes asks nothing and takes back what setup did"));
  Program other = Setup({}, {"--yes"});
  other.user = 65534;
  const Finished refused = RunProgram(other);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(Has(refused.err, "setup must run as root: run sudo cpuagg setup")) << refused.err;
  other = Setup({}, {"--dry-run"});
  other.user = 65534;
  const Finished dry = RunProgram(other);
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  for (const char* title :
       {"\nProcess accounting\n", "\nUser, store and token file\n", "\nBot and chats\n",
        "\nConfiguration\n", "\nGreeting\n", "\nFirst collect\n", "\nTimers\n"}) {
    EXPECT_TRUE(Has(dry.out, title)) << title << dry.out;
  }
  for (const char* state : {"\n  Now: to do; no process that ends leaves a record in ",
                            "\n  Now: to do; missing: the user cpuagg, ",
                            "\n  Now: to do; no token and no chat configured\n",
                            "/etc/cpuagg/cpuagg.env does not exist yet\n",
                            "\n  Now: to do; nothing runs cpuagg by itself\n"}) {
    EXPECT_TRUE(Has(dry.out, state)) << state << dry.out;
  }
  const Finished undo = RunSetup({}, {"--dry-run", "--undo"});
  EXPECT_EQ(undo.exit_code, 2);
  EXPECT_TRUE(Has(undo.err, "--undo: cannot be tried with --dry-run")) << undo.err;
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg"));
  EXPECT_FALSE(AccountingIsOn());
}

TEST_F(SetupCliTest, WhereAccountingIsNotToBeHadNothingIsChanged) {
  Program setup = Setup(WithBot(), {"--yes"});
  setup.argv.insert(setup.argv.begin(), {"/usr/bin/setpriv", "--bounding-set=-sys_pacct"});
  const Finished run = RunProgram(setup);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_TRUE(Has(run.err,
                  "accounting cannot be turned on from here: acct(2): Operation not "
                  "permitted"))
      << run.err;
  EXPECT_TRUE(Has(run.err, "Nothing was changed")) << run.err;
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg"));
  EXPECT_FALSE(std::filesystem::exists("/var/log/account"));
  EXPECT_EQ(machine_->Calls(), "");
}

TEST_F(SetupCliTest, AccountingIsNotTurnedOnForAFileOfAnotherProgram) {
  InstallUnits();
  const std::string before = ReadFile("/etc/passwd");
  const Finished run = RunSetup({"CPUAGG_ACCOUNTING_FILE=/etc/passwd"});
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_TRUE(Has(run.err, "/etc/passwd: holds no accounting records")) << run.err;
  EXPECT_FALSE(Has(run.out + run.err, "accton /etc/passwd")) << run.out << run.err;
  EXPECT_FALSE(AccountingIsOn());
  EXPECT_EQ(ReadFile("/etc/passwd"), before);
}

TEST_F(SetupCliTest, ThePackageIsInstalledWhereAcctonIsMissing) {
  InstallUnits();
  std::filesystem::rename("/usr/sbin/accton", "/usr/sbin/accton.kept");
  machine_->PretendProgram("/usr/bin/apt-get", "cp /usr/sbin/accton.kept /usr/sbin/accton\n");
  RunSetupWell({});
  EXPECT_TRUE(Has(machine_->Calls(), "apt-get install -y acct\n"));
  EXPECT_TRUE(std::filesystem::exists("/usr/sbin/accton"));
  EXPECT_TRUE(AccountingIsOn());
}

TEST_F(SetupCliTest, WithoutThePackageAccountingIsOnNowAndTheNextBootIsSaidToBeWithout) {
  InstallUnits();
  for (const char* path : {"/usr/sbin/accton", "/lib/systemd/system/acct.service",
                           "/etc/init.d/acct", "/etc/cron.daily/acct"}) {
    std::filesystem::remove(path);
  }
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_TRUE(Has(run.out, "E: no package here") || Has(run.err, "E: no package here")) << run.err;
  EXPECT_TRUE(Has(run.out, "nothing rotates /var/log/account/pacct")) << run.out;
  EXPECT_TRUE(Has(run.err, "not done: nothing turns accounting on at the next boot")) << run.err;
  EXPECT_TRUE(AccountingIsOn());
}

TEST_F(SetupCliTest, AStoreThatRootsRunsHaveMadeBecomesThatOfTheServices) {
  InstallUnits();
  std::filesystem::create_directories("/var/lib/cpuagg/snapshots");
  std::ofstream("/var/lib/cpuagg/lock") << "";
  const Finished run = RunSetupWell({});
  EXPECT_TRUE(Has(run.out, "what root had in /var/lib/cpuagg is cpuagg's now")) << run.out;
  EXPECT_EQ(Owner("/var/lib/cpuagg/snapshots").substr(0, 13), "cpuagg:cpuagg");
  EXPECT_EQ(Owner("/var/lib/cpuagg/lock").substr(0, 13), "cpuagg:cpuagg");

  // Includes files that root leaves there later, but not files that have another name elsewhere.
  // Check reports those.
  std::ofstream("/var/lib/cpuagg/notes") << "";
  std::ofstream("/var/lib/another_name") << "";
  std::filesystem::create_symlink("/etc/passwd", "/var/lib/cpuagg/link");
  std::filesystem::create_hard_link("/var/lib/another_name", "/var/lib/cpuagg/snapshots/one_name");
  const Finished again = RunSetup({});
  EXPECT_EQ(again.exit_code, 1) << again.out;
  EXPECT_TRUE(Has(again.err, "not done: check finds something critical")) << again.err;
  EXPECT_EQ(Owner("/var/lib/cpuagg/notes").substr(0, 13), "cpuagg:cpuagg");
  EXPECT_EQ(Owner("/var/lib/another_name").substr(0, 9), "root:root");
  EXPECT_EQ(Owner("/etc/passwd"), "root:root 644");
}

TEST_F(SetupCliTest, AStoreThatIsALinkIsAsGoodAsWhatItLeadsTo) {
  InstallUnits();
  ASSERT_EQ(RunSetup({}).exit_code, 0);
  std::filesystem::rename("/var/lib/cpuagg", "/var/lib/elsewhere");
  std::filesystem::create_symlink("/var/lib/elsewhere", "/var/lib/cpuagg");
  std::ofstream("/var/lib/elsewhere/lock") << "";
  EXPECT_EQ(chown("/var/lib/elsewhere/lock", 0, 0), 0);
  RunSetupWell({});
  EXPECT_EQ(Owner("/var/lib/elsewhere/lock").substr(0, 13), "cpuagg:cpuagg");
  EXPECT_TRUE(std::filesystem::is_symlink("/var/lib/cpuagg"));

  // Root's files are not given away through the link.
  std::filesystem::remove("/var/lib/cpuagg");
  std::filesystem::create_directory("/var/lib/of_root");
  std::filesystem::create_symlink("of_root", "/var/lib/cpuagg");
  const Finished refused = RunSetup({});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(Has(refused.err,
                  "/var/lib/cpuagg: leads to a folder that belongs to another user than cpuagg, as "
                  "whom the services run; run chown -R cpuagg:cpuagg /var/lib/cpuagg/"))
      << refused.err;
  EXPECT_EQ(Owner("/var/lib/of_root").substr(0, 9), "root:root");

  std::filesystem::remove("/var/lib/of_root");
  const Finished dangling = RunSetup({});
  EXPECT_EQ(dangling.exit_code, 1);
  EXPECT_TRUE(Has(dangling.err, "/var/lib/cpuagg: is a broken link")) << dangling.err;
  EXPECT_FALSE(std::filesystem::exists("/var/lib/of_root"));
}

TEST_F(SetupCliTest, APersonCalledCpuaggIsGivenNoStore) {
  std::filesystem::create_directories("/var/lib/cpuagg");
  ASSERT_EQ(RunProgram({.argv = {"/usr/sbin/useradd", "--no-create-home", "--uid", "1234",
                                 "--user-group", "--shell", "/bin/sh", "cpuagg"}})
                .exit_code,
            0);
  const Finished run = RunSetup({});
  EXPECT_TRUE(Has(run.out + run.err, "the user cpuagg (number 1234) is not a system user"))
      << run.out << run.err;
  EXPECT_EQ(Owner("/var/lib/cpuagg").substr(0, 9), "root:root");
}

}  // namespace
}  // namespace cpuagg::tools
