#include "tools/check/findings/own_command.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
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

}  // namespace
}  // namespace cpuagg::tools::check
