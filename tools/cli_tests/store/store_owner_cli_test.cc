// The built binary, run by root in another user's store: that user can continue with what root
// left.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using acct::testing::RecordBuilder;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

constexpr uid_t kService = 12'345;

class StoreOwnerTest : public testing::SendingTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "gives files to another user; run it as root";
    SendingTest::SetUp();
    chats_ = "42";
    ASSERT_EQ(chmod(dir_.path().c_str(), 0755), 0);
    pacct_ = dir_.Write("pacct", ReadFile(std::string(kLab) + "pacct.0"));
    std::filesystem::copy("tools/cpuagg", dir_.Path("cpuagg"));
    passwd_ = dir_.Write("passwd", ReadFile(passwd_));
    ASSERT_EQ(mkdir(store_.c_str(), 0750), 0);
    Give(store_);
  }

  static void Give(const std::string& path) {
    ASSERT_EQ(chown(path.c_str(), kService, kService), 0) << path;
  }

  // Adds another record to collect.
  void AddWork() {
    dir_.Write("pacct", ReadFile(pacct_) + RecordBuilder().Uid(1001).Pid(++pid_).Bytes());
  }

  // Runs inside the folder, because other users than root may not enter those above.
  Finished RunAs(uid_t user, const std::string& command, Strings flags) {
    Program program = Command(command);
    program.standard_input = ReadFile(dir_.Path("cpuagg.env"));
    program.argv = {"/bin/sh",    "-c",      "exec ./cpuagg \"$@\"",
                    "sh",         command,   "--config",
                    "/dev/stdin", "--store", "store",
                    "--passwd",   "passwd",  "--accounting-file",
                    "pacct"};
    if (command == "run") flags.emplace_back("--no-running");
    program.argv.insert(program.argv.end(), flags.begin(), flags.end());
    program.directory = dir_.path();
    program.user = user;
    Finished run = RunProgram(program);
    ExpectNoToken(run);
    return run;
  }
  Finished RunAsRoot(const std::string& command, Strings flags = {}) {
    return RunAs(0, command, std::move(flags));
  }
  Finished RunAsService(const std::string& command, Strings flags = {}) {
    return RunAs(kService, command, std::move(flags));
  }

  void ExpectAllIsOfService() const {
    int entries = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
      struct stat info;
      ASSERT_EQ(lstat(entry.path().c_str(), &info), 0);
      EXPECT_EQ(info.st_uid, kService) << entry.path();
      EXPECT_EQ(info.st_gid, kService) << entry.path();
      ++entries;
    }
    EXPECT_GT(entries, 4);
  }

  uint32_t pid_ = 100'000;
};

TEST_F(StoreOwnerTest, WhatRootMakesInTheStoreOfTheServiceIsTheServices) {
  server_.reset();
  const Finished run = RunAsRoot("run");
  EXPECT_EQ(run.exit_code, 75) << run.err;
  ExpectAllIsOfService();

  AddWork();
  const Finished collected = RunAsService("collect", {"--verbose"});
  EXPECT_EQ(collected.exit_code, 0) << collected.err;
  EXPECT_NE(collected.err.find("1 record added"), std::string::npos) << collected.err;
  ExpectAllIsOfService();

  StartServer();
  const Finished sent = RunAsService("send", {"--pending"});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_EQ(Delivered().size(), 1u);
}

TEST_F(StoreOwnerTest, ALinkOfTheServicesLeadsRootNowhere) {
  // Like /etc/cron.daily: root may write there, but the service may not.
  const std::string target = dir_.Path("of_root");
  ASSERT_EQ(mkdir(target.c_str(), 0755), 0);
  ASSERT_EQ(RunAsRoot("run").exit_code, 0);
  for (const char* name : {"snapshots", "outbox"}) {
    SCOPED_TRACE(name);
    const std::string path = store_ + "/" + name;
    std::filesystem::rename(path, path + ".away");
    ASSERT_EQ(symlink(target.c_str(), path.c_str()), 0);
    AddWork();
    for (const char* command : {"collect", "send", "run"}) {
      RunAsRoot(command);
      EXPECT_TRUE(std::filesystem::is_empty(target)) << command;
    }
    EXPECT_NE(RunAsRoot("run").exit_code, 0);
    std::filesystem::remove(path);
    std::filesystem::rename(path + ".away", path);
  }
  AddWork();
  EXPECT_EQ(RunAsRoot("run").exit_code, 0);
  ExpectAllIsOfService();
}

TEST_F(StoreOwnerTest, WhatRootKeptForItselfStopsBothAndIsNamed) {
  ASSERT_EQ(RunAsRoot("run").exit_code, 0);
  ASSERT_EQ(chown((store_ + "/snapshots").c_str(), 0, 0), 0);
  AddWork();
  for (const Finished& run : {RunAsRoot("collect"), RunAsService("collect")}) {
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("/snapshots"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("cpuagg check"), std::string::npos) << run.err;
  }
  const Finished checked = RunAsRoot("check");
  EXPECT_NE(checked.out.find("chown -R"), std::string::npos) << checked.out;
}

TEST_F(StoreOwnerTest, AChartInAFolderOfAnotherIsTheCallersOwn) {
  const std::string folder = dir_.Path("folder");
  ASSERT_EQ(mkdir(folder.c_str(), 0755), 0);
  Give(folder);
  const Finished run = RunAsRoot("run", {"--chart", "folder/cpu.png"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  struct stat info;
  ASSERT_EQ(stat((folder + "/cpu.png").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0u);
}

}  // namespace
}  // namespace cpuagg::tools
