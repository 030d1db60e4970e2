// The built binary if the system refuses it threads or memory: it works with fewer, or without the
// chart, and never dies of a signal.

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/sanitized.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class ThreadLimitTest : public testing::CliTest {
 protected:
  void SetUp() override {
    if (!acct::testing::SanitizerOfProgram().empty())
      GTEST_SKIP() << "sanitizers need threads of their own";
    // Other users cannot enter the build directory, but they can enter this one.
    std::filesystem::copy("tools/cpuagg", dir_.Path("cpuagg"));
    std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  }

  // Allows the user `threads` processes and threads altogether; the user has only this program.
  // Root would have no limit.
  Finished RunWith(int threads, const Strings& arguments) const {
    Program program{.argv = {"/bin/sh", "-c",
                             absl::StrCat("exec prlimit --nproc=", threads, " ./cpuagg ",
                                          absl::StrJoin(arguments, " "))},
                    .terminal_columns = 80,
                    .directory = dir_.path()};
    if (getuid() == 0) program.user = 54322;
    return RunProgram(program);
  }

  // Large enough to be divided among threads.
  void WriteLargeFile(const std::string& name, uint32_t first_pid) const {
    constexpr uint32_t kRecords = 300'000;
    std::string records;
    for (uint32_t i = 0; i < kRecords; ++i) {
      records += RecordBuilder().Uid(1000 + i % 7).Pid(first_pid + i).UserTime(3).Bytes();
    }
    dir_.Write(name, records);
  }
};

TEST_F(ThreadLimitTest, OneThreadReadsWhatSeveralWould) {
  WriteLargeFile("pacct", 1);
  const std::vector<std::string> report = {"report", "--threads=4", "--format=csv", "pacct"};
  const Finished many = RunWith(1000, report);
  ASSERT_EQ(many.exit_code, 0) << many.err;
  for (const int threads : {1, 2, 3}) {
    const Finished few = RunWith(threads, report);
    EXPECT_EQ(few.exit_code, 0) << threads << few.err;
    EXPECT_EQ(few.out, many.out);
  }
}

TEST_F(ThreadLimitTest, OneThreadReadsCompressedFilesOneAfterAnother) {
  std::vector<std::string> report = {"report", "--threads=4", "--format=csv"};
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("pacct.", i);
    dir_.Write(name, RecordBuilder().Uid(1000).Pid(static_cast<uint32_t>(100 + i)).Bytes());
    ASSERT_EQ(RunProgram({.argv = {"/bin/gzip", dir_.Path(name)}}).exit_code, 0);
    report.push_back(name + ".gz");
  }
  const Finished many = RunWith(1000, report);
  ASSERT_EQ(many.exit_code, 0) << many.err;
  const Finished one = RunWith(1, report);
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(one.out, many.out);
}

TEST_F(ThreadLimitTest, WithoutThreadsThereIsNoChart) {
  dir_.Write("pacct", RecordBuilder().Uid(1000).UserTime(100).Bytes());
  for (const int threads : {1, 2, 3, 4}) {
    const Finished run = RunWith(threads, {"report", "--chart=/dev/null", "pacct"});
    EXPECT_EQ(run.signal, 0) << threads << run.err;
    EXPECT_EQ(run.exit_code, 1) << threads;
    EXPECT_NE(run.err.find("too few threads to draw"), std::string::npos) << run.err;
  }
  EXPECT_EQ(RunWith(50, {"report", "--chart=/dev/null", "pacct"}).exit_code, 0);
}

TEST_F(ThreadLimitTest, CollectDoesWithOneThread) {
  WriteLargeFile("pacct", 1);
  std::filesystem::create_directory(dir_.Path("store"));
  std::filesystem::permissions(dir_.Path("store"), std::filesystem::perms(0777));
  const Finished run =
      RunWith(1, {"collect", "--no-running", "--accounting-file=pacct", "--store=store/own"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

using MemoryLimitTest = testing::SendingTest;

TEST_F(MemoryLimitTest, AReportGoesWithoutItsChartWhereMemoryIsLimited) {
  if (!acct::testing::SanitizerOfProgram().empty())
    GTEST_SKIP() << "sanitizers need more addresses than the limit leaves";
  chats_ = "42";
  ASSERT_EQ(Run("collect").exit_code, 0);
  int with_chart = 0;
  int without_chart = 0;
  int says_why = 0;
  for (int megabytes = 20; megabytes <= 640; megabytes += 10) {
    Program send = Command("send");
    send.argv = {
        "/bin/sh", "-c",
        absl::StrCat("ulimit -v ", megabytes, "000; exec ", absl::StrJoin(send.argv, " "))};
    const Finished run = RunProgram(send);
    ASSERT_EQ(run.signal, 0) << megabytes << run.err;
    // With less memory the program does not start, or reports that it needs more.
    if (run.exit_code != 0) {
      EXPECT_FALSE(run.err.empty());
      EXPECT_EQ(with_chart + without_chart, 0) << megabytes << run.err;
      continue;
    }
    const bool has_chart = Delivered().back() == "sendPhoto 42";
    // The remaining memory may also be too little for a library.
    EXPECT_NE(has_chart, absl::StrContains(run.err, "the report goes without its chart: "))
        << run.err;
    says_why += absl::StrContains(run.err, "there is too little memory to draw");
    ++(has_chart ? with_chart : without_chart);
  }
  EXPECT_GT(with_chart, 0);
  EXPECT_GT(without_chart, 3);
  EXPECT_GT(says_why, 3);
}

TEST_F(MemoryLimitTest, AReportGoesWithoutItsChartWhereThreadsAreRefused) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  chats_ = "42";
  ASSERT_EQ(Run("collect").exit_code, 0);
  const Finished run = RunProgram(testing::WithFault(Command("send"), "clone3:error=EAGAIN"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("the report goes without its chart: there are too few threads"),
            std::string::npos)
      << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"}));
}

// An expired report is tried once more, which needs libcurl.
TEST_F(MemoryLimitTest, NothingExpiresForWantOfALibrary) {
  if (!acct::testing::SanitizerOfProgram().empty())
    GTEST_SKIP() << "sanitizers need more addresses than the limit leaves";
  chats_ = "42";
  more_ = "EXPIRE_AFTER=1s\nSEND_AS=text\n";
  const std::string url = url_;
  url_ = "http://127.0.0.1:9";
  EXPECT_EQ(Run("run").exit_code, 75);
  absl::SleepFor(absl::Seconds(2));
  url_ = url;
  Program send = Command("send", {"--pending"});
  send.argv = {"/bin/sh", "-c",
               absl::StrCat("ulimit -v 20000; exec ", absl::StrJoin(send.argv, " "))};
  const Finished run = RunProgram(send);
  EXPECT_EQ(run.exit_code, 75) << run.err;
  EXPECT_NE(run.err.find(
                "; there is not enough memory, or too many files are open; what is queued is kept"),
            std::string::npos)
      << run.err;
  EXPECT_EQ(Waiting(), 1);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"}));
  EXPECT_EQ(server_->received().back().visible_text.find("⚠"), std::string::npos);
}

}  // namespace
}  // namespace cpuagg::tools
