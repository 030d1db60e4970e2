// `cpuagg` where the directories of the store cannot be read: strace makes single system calls
// fail. That is an error that names the directory, and never taken for an empty one. Skipped where
// nothing may be traced.

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
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

class StoreReadFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (RunProgram({.argv = {"/usr/bin/strace", "-o", "/dev/null", "/bin/true"}}).exit_code != 0) {
      GTEST_SKIP() << "nothing may be traced here";
    }
    // Leaks are looked for by tracing, which strace does already.
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
  }

  void AppendRecord() {
    ++records_;
    dir_.Append("pacct", RecordBuilder()
                             .Pid(records_)
                             .Uid(1001)
                             .BeginTime(1'790'000'000 + records_)
                             .UserTime(1)
                             .Bytes());
  }

  // Under strace, if there is a fault.
  Finished Run(const std::string& command, const std::string& path = "",
               const std::string& fault = "") {
    Program program;
    if (!fault.empty()) {
      program.argv = {"/usr/bin/strace", "-f", "-o", "/dev/null", "-P", path, "-e",
                      "inject=" + fault};
    }
    program.argv.insert(program.argv.end(),
                        {"tools/cpuagg", command, "--config=/dev/null", "--store", store_});
    if (command == "collect") {
      program.argv.insert(program.argv.end(),
                          {"--no-running", "--accounting-file", dir_.Path("pacct")});
    } else {
      program.argv.push_back("--format=json");
    }
    return RunProgram(program);
  }

  void ExpectWhole() {
    const Finished run = Run("report");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json report = json::parse(run.out);
    EXPECT_EQ(report["totals"]["processes"], records_);
    EXPECT_EQ(report["gaps"], json::array());
  }

  const TempDir dir_;
  const std::string store_ = dir_.Path("store");
  uint32_t records_ = 0;
};

TEST_F(StoreReadFaultsTest, ADirectoryThatCannotBeReadIsAnError) {
  for (int i = 0; i < 3; ++i) {
    AppendRecord();
    ASSERT_EQ(Run("collect").exit_code, 0);
  }
  for (const std::string& path : {store_, store_ + "/snapshots"}) {
    int failures = 0;
    for (const std::string command : {"collect", "report"}) {
      for (int call = 1; call <= 8; ++call) {
        const std::string fault = absl::StrCat("getdents64:error=EIO:when=", call);
        SCOPED_TRACE(absl::StrCat(command, " ", path, " ", fault));
        if (command == "collect") AppendRecord();
        const Finished run = Run(command, path, fault);
        if (run.exit_code != 0) {
          ++failures;
          EXPECT_EQ(run.exit_code, 1) << run.err;
          // Behind what strace has to say of the path.
          EXPECT_TRUE(absl::EndsWith(
              run.err, absl::StrCat("cpuagg: ", path, ": cannot list: Input/output error\n")))
              << run.err;
          if (command == "collect") {
            ASSERT_EQ(Run("collect").exit_code, 0);
          }
        }
        ExpectWhole();
      }
    }
    EXPECT_GT(failures, 1) << path;
  }
}

}  // namespace
}  // namespace cpuagg::tools
