#include "tools/system/run_program.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

// Runs `script` in a shell. It is passed as an argument and not in the environment.
ProgramCall Shell(std::string script) {
  return {.path = "/bin/sh", .arguments = {"-c", std::move(script)}};
}

TEST(RunProgramTest, OutputErrorsAndStatusAreKeptApart) {
  const absl::StatusOr<ProgramResult> run = RunProgram(Shell("echo a; echo b >&2; exit 7"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out, "a\n");
  EXPECT_EQ(run->err, "b\n");
  EXPECT_EQ(run->exit_status, 7);
  EXPECT_EQ(run->signal, 0);
  EXPECT_FALSE(run->succeeded());
  EXPECT_FALSE(run->is_cut);
}

TEST(RunProgramTest, ASignalIsToldFromAStatus) {
  const absl::StatusOr<ProgramResult> run = RunProgram(Shell("kill -TERM $$"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->exit_status, -1);
  EXPECT_EQ(run->signal, SIGTERM);
  EXPECT_FALSE(run->succeeded());
}

TEST(RunProgramTest, ArgumentsAreNoShellCode) {
  const absl::StatusOr<ProgramResult> run =
      RunProgram({.path = "/bin/echo", .arguments = {"$HOME; exit 3", "*"}});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out, "$HOME; exit 3 *\n");
}

TEST(RunProgramTest, TheEnvironmentIsFixed) {
  setenv("BOT_TOKEN", "123456789:secret", 1);
  setenv("LD_PRELOAD", "", 1);
  ProgramCall call = {.path = "/usr/bin/env", .more_environment = {"A=1"}};
  const absl::StatusOr<ProgramResult> run = RunProgram(call);
  unsetenv("BOT_TOKEN");
  unsetenv("LD_PRELOAD");
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out,
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\nA=1\n");
}

TEST(RunProgramTest, NothingOfThisProcessIsLeftToIt) {
  signal(SIGPIPE, SIG_IGN);
  acct::testing::TempDir dir;
  const std::string secret = dir.Write("secret", "x");
  const int fd = open(secret.c_str(), O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(fd, 0);
  const absl::StatusOr<ProgramResult> run = RunProgram(
      Shell("pwd; cat; sh -c 'kill -PIPE $$'; echo $?; readlink /proc/$$/fd/* | grep -c secret"));
  close(fd);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out, "/\n141\n0\n");
}

TEST(RunProgramTest, WhatCannotBeStartedIsNamed) {
  acct::testing::TempDir dir;
  const std::string gone = dir.Path("gone");
  const absl::Status missing = RunProgram({.path = gone}).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_TRUE(absl::StrContains(missing.message(), gone)) << missing;
  const absl::Status no_program = RunProgram({.path = dir.Write("text", "x")}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(no_program)) << no_program;
  EXPECT_TRUE(absl::IsInvalidArgument(RunProgram({.path = "sh"}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(RunProgram({.path = ""}).status()));
}

TEST(RunProgramTest, WhatHangsIsEndedAndNothingElse) {
  // The background sleep of the shell is not ended, and keeps the pipe open.
  ProgramCall call =
      Shell("sleep 1000 & echo $! > \"$0\"; trap '' TERM; while :; do sleep 1; done");
  acct::testing::TempDir dir;
  const std::string note = dir.Path("note");
  call.arguments.push_back(note);
  call.time_limit = absl::Milliseconds(300);
  const absl::Status status = RunProgram(call).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(status.message(), "/bin/sh: did not end within 300ms");
  int begun = 0;
  ASSERT_TRUE(absl::SimpleAtoi(acct::testing::ReadFile(note), &begun));
  EXPECT_EQ(kill(begun, 0), 0);
  kill(begun, SIGKILL);
}

TEST(RunProgramTest, WhoHoldsTheOutputOpenIsNotWaitedFor) {
  const absl::StatusOr<ProgramResult> run = RunProgram(Shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(run.ok()) << run.status();
  int begun = 0;
  ASSERT_TRUE(absl::SimpleAtoi(run->out, &begun)) << run->out;
  EXPECT_EQ(kill(begun, SIGKILL), 0);
}

TEST(RunProgramTest, OutputIsBoundedAndReadToItsEnd) {
  ProgramCall call = Shell("head -c 3000000 /dev/zero | tr '\\0' x; exit 5");
  call.most_bytes = 1000;
  const absl::StatusOr<ProgramResult> run = RunProgram(call);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out, std::string(1000, 'x'));
  EXPECT_TRUE(run->is_cut);
  EXPECT_EQ(run->exit_status, 5);
}

TEST(RunProgramTest, EndlessOutputEndsWithTheTimeLimit) {
  ProgramCall call = Shell("exec yes");
  call.time_limit = absl::Milliseconds(200);
  EXPECT_TRUE(absl::IsDeadlineExceeded(RunProgram(call).status()));
}

TEST(RunProgramTest, WhoClosesItsOutputIsFollowedToItsEnd) {
  const absl::StatusOr<ProgramResult> run =
      RunProgram(Shell("echo a; exec >&- 2>&-; sleep 0.2; exit 4"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out, "a\n");
  EXPECT_EQ(run->exit_status, 4);
}

TEST(RunProgramTest, AnUnknownEndIsAnError) {
  signal(SIGCHLD, SIG_IGN);
  const absl::Status status = RunProgram(Shell("exit 0")).status();
  signal(SIGCHLD, SIG_DFL);
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
}

}  // namespace
}  // namespace cpuagg::tools
