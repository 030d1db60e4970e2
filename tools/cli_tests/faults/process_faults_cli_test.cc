// `cpuagg collect` if reading /proc fails: strace makes single system calls fail. The error is
// reported, and no process counts as ended because of it. Skipped if tracing is not possible.

#include <unistd.h>

#include <ctime>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/process.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;
using testing::WithFault;

TEST(ProcessFaultsTest, WhatCannotBeReadIsSaidAndEndsNobody) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  const TempDir dir;
  const std::string pacct = dir.Write("pacct", RecordBuilder().Uid(5).UserTime(1).Bytes());
  const std::string store = dir.Path("store");
  // Named explicitly, so that cpuagg need not verify that the kernel writes to the file.
  const Program collect = {.argv = {"tools/cpuagg", "collect", "--store", store,
                                    "--accounting-file", pacct, "--proc", "/proc"}};
  const auto running = [&] {
    const Finished run =
        RunProgram({.argv = {"tools/cpuagg", "report", "--format=json", "--store", store}});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out)["totals"]["running_cpu_seconds"].get<double>();
  };
  // This test itself runs and uses some CPU time.
  while (clock() < CLOCKS_PER_SEC / 5) {
  }
  EXPECT_EQ(RunProgram(collect).exit_code, 0);
  const double before = running();
  ASSERT_GT(before, 0.0);

  const std::string self = absl::StrCat("/proc/", getpid());
  const struct {
    std::string path;
    const char* fault;
    std::string message;
  } cases[] = {
      {"/proc", "getdents64:error=EIO", "/proc: cannot list the processes of: Input/output error"},
      {"/proc", "getdents64:error=ENOMEM:when=2",
       "/proc: cannot list the processes of: Cannot allocate memory"},
      {self + "/stat", "read:error=EIO", self + "/stat: cannot read: Input/output error"},
      {self + "/status", "read:error=ENOMEM:when=2",
       self + "/status: cannot read: Cannot allocate memory"},
      {"/proc/stat", "openat:error=EMFILE", "/proc/stat: cannot read: Too many open files"},
      {"/proc/uptime", "read:error=EIO", "/proc/uptime: cannot read: Input/output error"},
  };
  for (const auto& c : cases) {
    const Finished run = RunProgram(WithFault(collect, c.fault, c.path));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err,
              absl::StrCat("cpuagg: running processes are not counted: ", c.message, "\n"));
    EXPECT_EQ(running(), before) << c.path << " " << c.fault;
  }
  // A process that has ended by then is not an error.
  const Finished run = RunProgram(WithFault(collect, "read:error=ESRCH", self + "/stat"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
}

}  // namespace
}  // namespace cpuagg::tools
