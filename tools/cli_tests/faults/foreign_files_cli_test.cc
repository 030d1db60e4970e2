// The built binary with foreign entries in place of the store's files: it never blocks, never
// writes through a link, and a bad entry affects nothing else.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using acct::testing::RecordBuilder;
using notify::testing::NeverReply;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class ForeignFilesTest : public testing::SendingTest {
 protected:
  void SetUp() override {
    SendingTest::SetUp();
    chats_ = "42";
    ASSERT_EQ(Run("run").exit_code, 0);
    AddWork();
  }

  // Appends work for the next run to a private accounting file.
  void AddWork() {
    const std::string before =
        pacct_ == dir_.Path("pacct") ? ReadFile(pacct_) : ReadFile(std::string(kLab) + "pacct.0");
    pacct_ = dir_.Write("pacct", before + RecordBuilder().Uid(1001).Pid(++pid_).Bytes());
  }

  // Runs everything that opens files of the store; nothing may hang.
  void RunAll() {
    for (const char* command : {"collect", "report", "send", "run"}) {
      Program program = Command(command);
      program.timeout = absl::Seconds(60);
      const Finished run = RunProgram(program);
      EXPECT_EQ(run.signal, 0) << command << run.err;
      EXPECT_NE(run.exit_code, -1) << command << run.err;
    }
  }

  std::string NewestSnapshot() const {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.Path("store/snapshots"))) {
      newest = std::max(newest, entry.path().string());
    }
    return newest;
  }

  uint32_t pid_ = 100'000;
};

TEST_F(ForeignFilesTest, NobodyIsWaitedForAndNothingElsewhereIsWrittenTo) {
  const std::string precious = dir_.Write("precious", "what is not cpuagg's");
  for (const std::string& name :
       {std::string("store/lock"), std::string("store/outbox/lock"),
        std::string("store/outbox/queue.lock"), std::string("store/outbox/memory"),
        std::string("store/outbox/x.pb"), std::string("store/names"),
        absl::StrCat("store/snapshots/",
                     std::filesystem::path(NewestSnapshot()).filename().string())}) {
    SCOPED_TRACE(name);
    const std::string path = dir_.Path(name);
    const std::string kept = dir_.Path("kept");
    if (std::filesystem::exists(path)) std::filesystem::rename(path, kept);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    RunAll();
    std::filesystem::remove(path);
    ASSERT_EQ(symlink(precious.c_str(), path.c_str()), 0);
    RunAll();
    std::filesystem::remove(path);
    ASSERT_EQ(link(precious.c_str(), path.c_str()), 0);
    RunAll();
    EXPECT_EQ(ReadFile(precious), "what is not cpuagg's");
    std::filesystem::remove(path);
    if (std::filesystem::exists(kept)) std::filesystem::rename(kept, path);
  }
}

TEST_F(ForeignFilesTest, ALockThatIsNoneIsNamedAndLeftAlone) {
  const std::string precious = dir_.Write("precious", "short");
  std::filesystem::remove(dir_.Path("store/lock"));
  ASSERT_EQ(link(precious.c_str(), dir_.Path("store/lock").c_str()), 0);
  const Finished run = Run("collect");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("store/lock: is not a lock of cpuagg"), std::string::npos) << run.err;
  EXPECT_EQ(ReadFile(precious), "short");
}

TEST_F(ForeignFilesTest, AStoreThatEverybodyMayWriteToIsRefused) {
  for (const char* directory : {"store", "store/snapshots"}) {
    ASSERT_EQ(chmod(dir_.Path(directory).c_str(), 0777), 0);
    for (const char* command : {"collect", "report", "send", "run"}) {
      const Finished run = Run(command);
      EXPECT_EQ(run.exit_code, 1) << command;
      EXPECT_NE(run.err.find(absl::StrCat("chmod go-w ", dir_.Path(directory))), std::string::npos)
          << run.err;
    }
    ASSERT_EQ(chmod(dir_.Path(directory).c_str(), 0750), 0);
  }
  ASSERT_EQ(chmod(dir_.Path("store/outbox").c_str(), 0777), 0);
  EXPECT_EQ(Run("send").exit_code, 1);
  EXPECT_EQ(Run("collect").exit_code, 0);
}

TEST_F(ForeignFilesTest, AStoreOfAGroupIsRefusedUnlessItIsTheOwnersOwn) {
  const std::string store = dir_.Path("store");
  ASSERT_EQ(chmod(store.c_str(), 0770), 0);
  EXPECT_EQ(Run("collect").exit_code, 0);
  if (chown(store.c_str(), geteuid(), 54321) != 0) GTEST_SKIP() << "to give files away needs root";
  ASSERT_EQ(chmod(store.c_str(), 0770), 0);
  const Finished run = Run("collect");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("chmod go-w " + store), std::string::npos) << run.err;
}

// A picture that cannot be written must not prevent the report.
TEST_F(ForeignFilesTest, AChartThatCannotBeWrittenStopsNoReport) {
  const Finished run = Run("send", {"--chart", dir_.Path("none/x.png")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("none/x.png"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered().size(), 2u);
  EXPECT_EQ(Waiting(), 0);
  // Nor must a missing chart, which is reported.
  more_ = "SEND_AS=text\n";
  const std::string old = dir_.Write("old.png", "old");
  const Finished text = Run("send", {"--chart", old});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_NE(text.err.find("--chart: there is no picture"), std::string::npos) << text.err;
  EXPECT_EQ(Run("send", {"--dry-run", "--chart", "-"}).exit_code, 1);
}

TEST_F(ForeignFilesTest, ADamagedMemoryIsSetAsideAndTheReportArrives) {
  dir_.Write("store/outbox/memory", "garbage");
  EXPECT_EQ(Run("send", {"--status"}).exit_code, 3);
  const Finished run = Run("send");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("memory: damaged outbox file; set aside as"), std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("It held the new ids of groups"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered().size(), 2u);
  EXPECT_EQ(Run("send", {"--status"}).exit_code, 0);
}

TEST_F(ForeignFilesTest, AReportOfANewerVersionKeepsNoOtherBack) {
  dir_.Write("store/outbox/newer.pb", "\x08\x04");
  const Finished run = Run("send");
  EXPECT_EQ(run.exit_code, 75);
  EXPECT_NE(run.err.find("newer.pb: has format version 4"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered().size(), 2u);
  EXPECT_EQ(Run("send", {"--status"}).exit_code, 3);
  EXPECT_EQ(Waiting(), 1);
}

TEST_F(ForeignFilesTest, WhatIsQueuedIsSentAlthoughCollectingFails) {
  more_ = "SEND_WITHIN=1s\n";
  server_->Enqueue({.action = NeverReply()});
  EXPECT_EQ(Run("run").exit_code, 75);
  ASSERT_EQ(Waiting(), 1);
  more_ = "";
  const std::string there = pacct_;
  pacct_ = dir_.Path("none");
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("/none: "), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("what is queued is sent"), std::string::npos) << run.err;
  EXPECT_EQ(Waiting(), 0);
  EXPECT_EQ(Delivered().size(), 2u);
}

TEST_F(ForeignFilesTest, WhatIsPublishedIsSaidToBeSo) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  const Finished run = RunProgram(testing::WithFault(Command("collect"), "fsync:error=EIO:when=2"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("the new records have been collected and counted, but "),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("a crash may undo it"), std::string::npos) << run.err;
  // Nothing is left for the next run.
  EXPECT_NE(Run("collect", {"--verbose"}).err.find("nothing new"), std::string::npos);
  AddWork();
  EXPECT_EQ(RunProgram(testing::WithFault(Command("collect"), "fsync:error=EIO:when=1")).exit_code,
            1);
  EXPECT_EQ(Run("collect", {"--verbose"}).err.find("nothing new"), std::string::npos);
  // Some file systems do not need it for directories.
  AddWork();
  EXPECT_EQ(
      RunProgram(testing::WithFault(Command("collect"), "fsync:error=EINVAL:when=2")).exit_code, 0);
}

// Otherwise the next opened file would take the number of a closed one.
TEST_F(ForeignFilesTest, ClosedDescriptorsArePlacesOfNoFile) {
  for (const char* closed : {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"}) {
    AddWork();
    for (const char* command : {"collect", "report", "run"}) {
      Program program = Command(command);
      program.argv = {"/bin/sh", "-c",
                      absl::StrCat("exec ", absl::StrJoin(program.argv, " "), " ", closed)};
      const Finished run = RunProgram(program);
      const bool prints = std::string(command) == "report";
      const bool has_output =
          std::string(closed).find(">&- ") == std::string::npos && std::string(closed) != ">&-";
      EXPECT_EQ(run.exit_code, prints && !has_output ? 1 : 0) << command << closed << run.err;
    }
  }
  const Finished report = Run("report");
  EXPECT_EQ(report.exit_code, 0) << report.err;
}

}  // namespace
}  // namespace cpuagg::tools
