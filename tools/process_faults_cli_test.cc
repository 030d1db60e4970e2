// `cpuagg collect` where reading /proc fails: strace makes single system calls fail. Whatever
// cannot be read is said, and nobody is taken for ended because of it. Skipped where nothing may be
// traced.

#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

TEST(ProcessFaultsTest, WhatCannotBeReadIsSaidAndEndsNobody) {
  if (RunProgram({.argv = {"/usr/bin/strace", "-o", "/dev/null", "/bin/true"}}).exit_code != 0) {
    GTEST_SKIP() << "nothing may be traced here";
  }
  // Leaks are looked for by tracing, which strace does already.
  setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
  const TempDir dir;
  const std::string pacct = dir.Write("pacct", RecordBuilder().Uid(5).UserTime(1).Bytes());
  const std::string store = dir.Path("store");
  const auto collect = [&](const std::string& path, const std::string& fault) {
    Program program;
    if (!path.empty()) {
      program.argv = {"/usr/bin/strace", "-o", "/dev/null", "-P", path, "-e", "inject=" + fault};
    }
    // Named, so that it need not be shown that the kernel writes to the file.
    program.argv.insert(program.argv.end(), {"tools/cpuagg", "collect", "--store", store,
                                             "--accounting-file", pacct, "--proc", "/proc"});
    return RunProgram(program);
  };
  const auto running = [&] {
    const Finished run =
        RunProgram({.argv = {"tools/cpuagg", "report", "--format=json", "--store", store}});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out)["totals"]["running_cpu_seconds"].get<double>();
  };
  // This test runs, with some CPU time to be seen.
  while (clock() < CLOCKS_PER_SEC / 5) {
  }
  EXPECT_EQ(collect("", "").exit_code, 0);
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
    const Finished run = collect(c.path, c.fault);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err,
              absl::StrCat("cpuagg: running processes are not counted: ", c.message, "\n"));
    EXPECT_EQ(running(), before) << c.path << " " << c.fault;
  }
  // Who has ended by then is no fault.
  const Finished run = collect(self + "/stat", "read:error=ESRCH");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
}

}  // namespace
}  // namespace cpuagg::tools
