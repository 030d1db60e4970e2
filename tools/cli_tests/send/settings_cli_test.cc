// The built binary and the sources of its settings: which configuration file it reads, and which
// environment variables it uses.

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

constexpr uid_t kStranger = 12345;
constexpr char kEnv[] = "BOT_TOKEN=1:x\nHOST_NAME=found\n";

class SettingsCliTest : public testing::CliTest {
 protected:
  // Nothing is configured but what the test configures.
  Strings Environment() const override { return {"TZ=UTC"}; }
  void SetUp() override {
    ASSERT_EQ(mkdir(here_.c_str(), 0755), 0);
    dir_.Write("pacct", RecordBuilder().Bytes());
  }

  // Runs a report in `here_`. It has the configured name of this machine, whose file it is.
  Program Report(Strings flags = {}) const {
    flags.insert(flags.begin(), {"report", "--accounting-file", pacct_});
    Program program = Cpuagg(std::move(flags));
    program.directory = here_;
    return program;
  }

  // Expects that ./.env is used, or else this message about it.
  void ExpectObeyed() const {
    const Finished run = RunProgram(Report());
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_TRUE(absl::StrContains(run.out, " on found, ")) << run.out;
    EXPECT_EQ(run.err, "");
  }
  static void ExpectPassedOver(const Program& program, const std::string& says) {
    const Finished run = RunProgram(program);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_FALSE(absl::StrContains(run.out, " on found, ")) << run.out;
    EXPECT_EQ(run.err, says.empty()
                           ? ""
                           : absl::StrCat("cpuagg: ./.env: ", says, "; going on without it\n"));
  }
  void ExpectPassedOver(const std::string& says) const { ExpectPassedOver(Report(), says); }

  const std::string here_ = dir_.Path("here");
  const std::string env_ = dir_.Path("here/.env");
};

TEST_F(SettingsCliTest, TheEnvFileWhereOneIsIsObeyedIfItIsOnesOwn) {
  dir_.Write("here/.env", kEnv);
  ExpectObeyed();
  dir_.Write("here/.env", "CHAT_ID=42\nHOST_NAME=found\n");
  ExpectObeyed();
}

TEST_F(SettingsCliTest, TheEnvFileOfAnotherProgramIsPassedOverWithoutAWord) {
  dir_.Write("here/.env", "HOST_NAME=found\nSTORE=/x\nBOT_TOKENS=\n${x} is not a line of ours\n");
  ExpectPassedOver("");
  ASSERT_EQ(chmod(env_.c_str(), 0666), 0);
  ExpectPassedOver("");
}

TEST_F(SettingsCliTest, TheEnvFileThatOthersCanWriteIsPassedOverWithANotice) {
  dir_.Write("here/.env", kEnv);
  ASSERT_EQ(chmod(env_.c_str(), 0646), 0);
  ExpectPassedOver("can be written by others; run chmod go-w ./.env");
  ASSERT_EQ(chmod(env_.c_str(), 0600), 0);
  for (const mode_t mode : {0757, 01777}) {
    ASSERT_EQ(chmod(here_.c_str(), mode), 0);
    const Finished run = RunProgram(Report());
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_FALSE(absl::StrContains(run.out, " on found, ")) << run.out;
    EXPECT_TRUE(absl::StrContains(run.err, "./.env: others can put another file in its place"))
        << run.err;
    const bool is_sticky = (mode & S_ISVTX) != 0;
    EXPECT_EQ(absl::StrContains(run.err, "; run chmod go-w /"), !is_sticky) << run.err;
  }
  ASSERT_EQ(chmod(here_.c_str(), 0755), 0);
  ExpectObeyed();
}

// Root is in a directory where somebody has put one.
TEST_F(SettingsCliTest, TheEnvFileOfSomebodyElseIsPassedOverWithANotice) {
  dir_.Write("here/.env", kEnv);
  if (chown(env_.c_str(), kStranger, kStranger) != 0) GTEST_SKIP() << "only root gives files away";
  ExpectPassedOver("belongs to user 12345 and not to you");
  ASSERT_EQ(chown(env_.c_str(), 0, 0), 0);
  ASSERT_EQ(chown(here_.c_str(), kStranger, kStranger), 0);
  const Finished run = RunProgram(Report());
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_FALSE(absl::StrContains(run.out, " on found, ")) << run.out;
  EXPECT_TRUE(absl::StrContains(run.err, "./.env: user 12345 can put another file in its place"))
      << run.err;
}

TEST_F(SettingsCliTest, AnEnvFileThatIsNoFileIsPassedOverAtOnce) {
  ASSERT_EQ(mkfifo(env_.c_str(), 0600), 0);
  ExpectPassedOver("");
  ASSERT_EQ(unlink(env_.c_str()), 0);
  ASSERT_EQ(mkdir(env_.c_str(), 0700), 0);
  ExpectPassedOver("");
  ASSERT_EQ(rmdir(env_.c_str()), 0);
  ASSERT_EQ(symlink("/dev/zero", env_.c_str()), 0);
  ExpectPassedOver("");
}

TEST_F(SettingsCliTest, TheFileInUseIsNamedIfAsked) {
  EXPECT_TRUE(
      absl::StrContains(RunProgram(Report({"--verbose"})).err, "cpuagg: no configuration file\n"));
  dir_.Write("here/.env", kEnv);
  EXPECT_TRUE(
      absl::StrContains(RunProgram(Report({"--verbose"})).err, "cpuagg: configuration: ./.env\n"));
  const std::string named = dir_.Write("named", "");
  EXPECT_TRUE(absl::StrContains(RunProgram(Report({"--verbose", "--config", named})).err,
                                absl::StrCat("cpuagg: configuration: ", named, "\n")));
}

TEST_F(SettingsCliTest, ANamedFileThatOthersControlIsRefused) {
  const std::string named = dir_.Write("named", "HOST_NAME=found\n");
  ASSERT_EQ(chmod(named.c_str(), 0646), 0);
  const Finished run = RunProgram(Report({"--config", named}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", named, ": can be written by others; run chmod go-w ",
                                  named, "\n"));
}

TEST_F(SettingsCliTest, PipesAndStandardInputAreReadAsTheyAre) {
  const auto run = [&](const std::string& flags, const std::string& before = "") {
    Program program = Report();
    program.directory = "";
    program.argv = {"/bin/bash", "-c",
                    before + "tools/cpuagg report --accounting-file " + pacct_ + " " + flags};
    program.environment.push_back("env=" + dir_.Write("named", "HOST_NAME=found\n"));
    program.environment.push_back("passwd=" + dir_.Write("passwd", "zoe:x:0:0::/:\n"));
    return RunProgram(program);
  };
  for (const Finished& finished :
       {run("--config <(cat $env)"), run("--config /dev/stdin", "cat $env | "),
        run("--config - < $env"), run("--config /dev/stdin < $env"),
        run("--config /dev/fd/5 5< $env")}) {
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    EXPECT_TRUE(absl::StrContains(finished.out, " on found, ")) << finished.out;
  }
  for (const Finished& finished :
       {run("--passwd <(cat $passwd)"), run("--passwd /dev/stdin", "cat $passwd | ")}) {
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_TRUE(absl::StrContains(finished.out, "\nzoe ")) << finished.out;
  }
}

TEST_F(SettingsCliTest, WhatIsNoConfigurationIsSaidAndNotCut) {
  struct Case {
    std::string content;
    const char* says;
  };
  for (const Case& c : {Case{std::string((size_t{1} << 20) + 1, '#'), ": is larger than 1 MiB"},
                        {std::string("HOST_NAME=a\0b\n", 14), ":1: has a NUL byte"},
                        {"#\nHOST_NAME=${HOSTNAME}\n", ":2: HOST_NAME has ${ or $("},
                        {"IGNORED_USERS=\"a,\nb\"\n", ":1: IGNORED_USERS begins with a quote that"},
                        {std::string("\xff\xfe"
                                     "A\0",
                                     4),
                         ": is UTF-16; save it as UTF-8"}}) {
    const std::string named = dir_.Write("named", c.content);
    const Finished run = RunProgram(Report({"--config", named}));
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_TRUE(absl::StrContains(run.err, absl::StrCat(named, c.says))) << run.err;
  }
  EXPECT_EQ(RunProgram(Report({"--config", dir_.Path("none")})).exit_code, 2);
  EXPECT_EQ(RunProgram(Report({"--config", here_})).exit_code, 2);
  const std::string marked = dir_.Write("named", "\xef\xbb\xbfHOST_NAME=found\r\n");
  EXPECT_TRUE(absl::StrContains(RunProgram(Report({"--config", marked})).out, " on found, "));
}

TEST_F(SettingsCliTest, AllFilesThatAreMissingAreNamed) {
  for (const char* command : {"report", "records"}) {
    const Finished run = RunProgram(
        {.argv = {"tools/cpuagg", command, "/none/a", pacct_, "/none/b"}, .directory = here_});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err,
              "cpuagg: /none/a: cannot open: No such file or directory; /none/b: cannot open: No "
              "such file or directory\n");
  }
}

}  // namespace
}  // namespace cpuagg::tools
