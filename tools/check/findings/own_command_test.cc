#include "tools/check/findings/own_command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"
#include "tools/config/config.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools::check {
namespace {

CommandContext OnCommandLine() { return {.console = Console(Verbosity::kNormal)}; }

TEST(OwnCommandTest, PathsThatWereGivenAreRepeated) {
  CommandContext context = OnCommandLine();
  EXPECT_EQ(OwnCommand(context, "collect"), "cpuagg collect");
  EXPECT_EQ(CronFlags(context, "collect"), "");
  context.flags.config = "/srv/my lab.env";
  context.flags.store = "/srv/store";
  context.flags.accounting_file = "/srv/pacct";
  context.flags.rotated_directories = {"/srv/old"};
  EXPECT_EQ(OwnCommand(context, "collect"),
            "cpuagg collect --config '/srv/my lab.env' --store /srv/store --accounting-file "
            "/srv/pacct --rotated-dir /srv/old");
  // `send` knows no accounting files.
  EXPECT_EQ(OwnCommand(context, "send --pending"),
            "cpuagg send --pending --config '/srv/my lab.env' --store /srv/store");
  EXPECT_EQ(CronFlags(context, "send"), " --config '/srv/my lab.env' --store /srv/store");
}

TEST(OwnCommandTest, PathsOfCronDoNotDependOnWhereItStarts) {
  CommandContext context = OnCommandLine();
  context.flags.store = "store";
  // The link may lead anywhere.
  context.flags.rotated_directories = {"link/../old"};
  const std::filesystem::path here = std::filesystem::current_path();
  EXPECT_EQ(CronFlags(context, "collect"),
            absl::StrCat(" --store ", (here / "store").string(), " --rotated-dir ",
                         (here / "link/../old").string()));
  EXPECT_EQ(OwnCommand(context, "collect"),
            "cpuagg collect --store store --rotated-dir link/../old");
}

TEST(OwnCommandTest, CronDoesNotEndTheLineAtAPercentSign) {
  CommandContext context = OnCommandLine();
  context.flags.store = "/srv/50%/store";
  EXPECT_EQ(CronFlags(context, "send"), " --store /srv/50\\%/store");
}

// Cron has another environment.
TEST(OwnCommandTest, CronIsToldWhatTheEnvironmentSays) {
  const char* const variables[] = {"CPUAGG_STORE=/srv/store", "CPUAGG_ACCOUNTING_FILE=/srv/pacct",
                                   "CPUAGG_ROTATED_DIR=/srv/old", nullptr};
  std::vector<std::string> warnings;
  const absl::StatusOr<Config> config = Config::Load(
      {.environment = variables, .of_host_only = true, .host_directory = "/none"}, warnings);
  ASSERT_TRUE(config.ok()) << config.status();
  CommandContext context = OnCommandLine();
  context.config = *config;
  EXPECT_EQ(CronFlags(context, "collect"),
            " --store /srv/store --accounting-file /srv/pacct --rotated-dir /srv/old");
  EXPECT_EQ(CronFlags(context, "send"), " --store /srv/store");
  // The shell of the command that is proposed has that environment.
  EXPECT_EQ(OwnCommand(context, "collect"), "cpuagg collect");
  context.flags.store = "/srv/other";
  EXPECT_EQ(CronFlags(context, "send"), " --store /srv/other");
}

TEST(OwnCommandTest, TheNameIsEnoughIfTheShellFindsThisProgram) {
  const acct::testing::TempDir dir;
  for (const char* const name : {"a", "b"}) std::filesystem::create_directory(dir.Path(name));
  const std::string program = dir.Write("a/cpuagg", "");
  const std::string other = dir.Write("b/cpuagg", "");
  ASSERT_EQ(chmod(program.c_str(), 0755), 0);
  ASSERT_EQ(chmod(other.c_str(), 0755), 0);
  EXPECT_EQ(NameOfProgram(program, "/nonexistent:" + dir.Path("a")), "cpuagg");
  EXPECT_EQ(NameOfProgram(program, dir.Path("b") + ":" + dir.Path("a")), program);
  EXPECT_EQ(NameOfProgram(program, "/nonexistent"), program);
  EXPECT_EQ(NameOfProgram(dir.Path("gone (deleted)"), "/nonexistent"), "cpuagg");
}

std::vector<std::string> Adapted(const CommandContext& context, std::vector<std::string> mends) {
  std::vector<Finding> findings = {{.id = "x", .mends = std::move(mends)}};
  AdaptMends(context, "/opt/cpuagg", findings);
  return findings[0].mends;
}

TEST(OwnCommandTest, MendsRunThisProgramWithThePathsThatWereGiven) {
  CommandContext context = OnCommandLine();
  context.flags.store = "/srv/store";
  EXPECT_EQ(
      Adapted(context,
              {"cpuagg collect --store /srv/store", "sudo cpuagg check",
               "apt-get install cron && cpuagg setup", "cpuagg check --online  # says what"}),
      (std::vector<std::string>{"/opt/cpuagg collect --store /srv/store",
                                "sudo /opt/cpuagg check --store /srv/store",
                                "apt-get install cron && /opt/cpuagg setup",
                                "/opt/cpuagg check --store /srv/store --online  # says what"}));
}

TEST(OwnCommandTest, NoMendCollectsFromAFileThatIsNotThere) {
  CommandContext context = OnCommandLine();
  context.flags.accounting_file = "/nonexistent/pacct";
  std::vector<Finding> findings = {
      {.id = "x", .mends = {"cpuagg collect --accounting-file /nonexistent/pacct"}},
      {.id = "y", .mends = {"echo '0 * * * * root cpuagg collect' >>/etc/cron.d/cpuagg"}},
      {.id = "z", .mends = {"systemctl status"}}};
  AdaptMends(context, "cpuagg", findings);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(findings[i].mends.empty());
    EXPECT_EQ(findings[i].advice, std::vector<std::string>{"name an accounting file that exists, "
                                                           "instead of /nonexistent/pacct"});
  }
  EXPECT_EQ(findings[2].mends.size(), 1u);
}

}  // namespace
}  // namespace cpuagg::tools::check
