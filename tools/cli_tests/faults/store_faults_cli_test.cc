// `cpuagg collect` on stores that cannot be entered or listed, that are locked, or that are not
// stores. Tests that need root or tracing say so, and are skipped otherwise.

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/faults/store_faults.h"
#include "tools/testing/process.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;
using testing::StartedProgram;
using testing::WithFault;

TEST_F(StoreFaultsTest, WhatAModeForbidsIsNamedAndNothingChanges) {
  Work(3);
  ExpectEverythingOnce();
  struct Forbidden {
    const char* path;
    mode_t mode;
    const char* named;
    const char* reason;
  };
  for (const auto& [path, mode, named, reason] :
       {Forbidden{"", 0, "/snapshots: ", "cannot create the directory: Permission denied"},
        {"/lock", 0, "/lock: ", "cannot open: Permission denied"},
        {"/snapshots", 0, "/snapshots: ", "cannot list the directory: Permission denied"},
        {"/snapshots", 0500, "/snapshots/", "cannot create: Permission denied"}}) {
    SCOPED_TRACE(absl::StrCat(path, " ", mode));
    Work(3);
    const auto snapshots = Snapshots();
    const Processes reported = Reported();
    struct stat info;
    ASSERT_EQ(stat((store_ + path).c_str(), &info), 0);
    ASSERT_EQ(chmod((store_ + path).c_str(), mode), 0);
    Program collect = CollectProgram();
    collect.obey_file_modes = true;
    ExpectFailure(RunProgram(collect), store_ + named, reason);
    ASSERT_EQ(chmod((store_ + path).c_str(), info.st_mode & 07777), 0);
    EXPECT_EQ(Snapshots(), snapshots);
    EXPECT_EQ(Reported(), reported);
    ExpectEverythingOnce();
  }
}

// Makes call number `call` of those that list a directory fail.
std::string ListingFault(int call) { return absl::StrCat("getdents64:error=EIO:when=", call); }

// More than there are.
constexpr int kMostListingCalls = 100;

TEST_F(StoreFaultsTest, ADirectoryThatCannotBeReadToItsEndIsNamedWhenCollecting) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  Work(3);
  ExpectEverythingOnce();
  AddForeignFiles();
  int call = 1;
  for (bool fails = true; fails && call < kMostListingCalls; ++call) {
    SCOPED_TRACE(call);
    Work(3);
    const Finished run = RunProgram(WithFault(CollectProgram(), ListingFault(call)));
    fails = run.exit_code != 0;
    if (fails) ExpectFailure(run, dir_.path(), ": cannot list the directory: Input/output error");
    ExpectEverythingOnce();
  }
  EXPECT_GT(call, 12);
  EXPECT_LT(call, kMostListingCalls);
}

TEST_F(StoreFaultsTest, ADirectoryThatCannotBeReadToItsEndIsNamedInsteadOfReported) {
  if (!testing::MayTrace()) GTEST_SKIP() << "nothing may be traced here";
  for (int run = 0; run < 3; ++run) {
    Work(3);
    ExpectEverythingOnce();
  }
  AddForeignFiles();
  for (int call = 1; call <= 12; ++call) {
    SCOPED_TRACE(call);
    const Finished run = RunProgram(WithFault(ReportProgram(), ListingFault(call)));
    if (run.exit_code == 0) {
      EXPECT_EQ(ReportedBy(run), written_);
    } else {
      ExpectFailure(run, store_ + "/snapshots: ", "cannot list the directory: Input/output error");
    }
  }
}

TEST_F(StoreFaultsTest, TheStoreOfRootIsNobodyElses) {
  if (geteuid() != 0) GTEST_SKIP() << "to be another user needs root";
  Work(3);
  ExpectEverythingOnce();
  Work(3);
  // Other users cannot enter the build directory, but they can enter this one.
  std::filesystem::copy("tools/cpuagg", dir_.Path("cpuagg"));
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  const auto snapshots = Snapshots();
  for (const auto& [store, named, reason] :
       {std::tuple("store", "store/snapshots: ", "cannot create the directory: Permission denied"),
        {"theirs", "theirs: ", "cannot create the directory: Permission denied"}}) {
    ExpectFailure(RunProgram({.argv = {"/bin/sh", "-c",
                                       "exec ./cpuagg collect --no-running --store \"$0\" "
                                       "--accounting-file pacct",
                                       store},
                              .directory = dir_.path(),
                              .user = 54321}),
                  named, reason);
  }
  EXPECT_EQ(Snapshots(), snapshots);
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("theirs")));
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, OfTwentyCollectorsAtOnceEachRecordCountsOnce) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<StartedProgram>> collectors;
    for (int i = 0; i < 20; ++i) {
      Work(3);
      collectors.push_back(std::make_unique<StartedProgram>(CollectProgram()));
    }
    for (const auto& collector : collectors) {
      // On a slow machine, some wait too long for the lock.
      const Finished run = collector->Wait();
      if (run.exit_code == 0) continue;
      ExpectFailure(run, store_ + "/lock: is held by ", ", which is still running");
    }
    ExpectEverythingOnce();
  }
}

TEST_F(StoreFaultsTest, WhoHoldsTheLockIsNamedWhenPatienceEnds) {
  Work(3);
  ExpectEverythingOnce();
  Work(3);
  const auto snapshots = Snapshots();
  const int lock = open((store_ + "/lock").c_str(), O_RDWR | O_TRUNC | O_CLOEXEC);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  const std::string pid = absl::StrCat(getpid());
  ASSERT_EQ(write(lock, pid.data(), pid.size()), static_cast<ssize_t>(pid.size()));
  ExpectFailure(RunProgram(CollectProgram()), store_ + "/lock: ",
                absl::StrCat("is held by process ", pid, ", which is still running"));
  EXPECT_EQ(Snapshots(), snapshots);
  // A run that waits when the lock is released continues.
  StartedProgram collect(CollectProgram());
  usleep(300'000);
  close(lock);
  EXPECT_EQ(collect.Wait().exit_code, 0);
  EXPECT_EQ(Reported(), written_);
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, WhoHeldTheLockLastAndHasEndedIsNotBlamed) {
  Work(3);
  ExpectEverythingOnce();
  const pid_t ended = fork();
  if (ended == 0) _exit(0);
  ASSERT_EQ(waitpid(ended, nullptr, 0), ended);
  dir_.Write("store/lock", absl::StrCat(ended, "\n"));
  const int lock = open((store_ + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  ExpectFailure(RunProgram(CollectProgram()),
                store_ + "/lock: ", "is held by another process, which is still running");
  close(lock);
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, FilesThatAreNoSnapshotsAreLeftAlone) {
  Work(3);
  ExpectEverythingOnce();
  const std::string snapshot = Snapshots().begin()->first;
  const std::string random = "\x8f\x01\xfe random bytes \x00\xff";
  for (const std::string& name :
       {std::string("README"), std::string("notes.txt"), std::string("foreign.pb"),
        std::string("old-copy.pb"), std::string("x-7.pb"), snapshot + "~", "#" + snapshot + "#",
        "." + snapshot + ".swp", snapshot + ".bak", snapshot + ".gz"}) {
    dir_.Write("store/snapshots/" + name, random);
  }
  const std::string folder = store_ + "/snapshots/";
  std::filesystem::create_directories(folder + "old/deeper");
  // Like an editor's lock files, and with the name of a snapshot.
  for (const char* const link :
       {"dangling", ".#20261124T034502Z-000001.pb", "20261124T034502Z-000007.pb"}) {
    std::filesystem::create_symlink("nowhere", folder + link);
  }
  for (const char* const fifo : {"fifo", "20261124T034502Z-000008.pb"}) {
    ASSERT_EQ(mkfifo((folder + fifo).c_str(), 0600), 0);
  }
  std::filesystem::create_directory(folder + "20261124T034502Z-000009.pb");
  const auto before = Snapshots();
  Work(3);
  ExpectEverythingOnce();
  auto after = Snapshots();
  EXPECT_EQ(after.size(), before.size() + 1);
  for (const auto& [name, content] : before) EXPECT_EQ(after[name], content) << name;
}

TEST_F(StoreFaultsTest, AFileInThePlaceOfTheStoreIsNamed) {
  Work(3);
  dir_.Write("store", "not a store");
  ExpectFailure(RunProgram(CollectProgram()),
                store_ + "/snapshots: ", "cannot create the directory: Not a directory");
  EXPECT_EQ(acct::testing::ReadFile(store_), "not a store");
  const std::string file = std::exchange(store_, store_ + "/below/it");
  ExpectFailure(RunProgram(CollectProgram()), file + "/below",
                "cannot create the directory: Not a directory");
  store_ = file;
  std::filesystem::remove(store_);
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, AFileInThePlaceOfTheSnapshotsIsNamed) {
  Work(3);
  std::filesystem::create_directory(store_);
  dir_.Write("store/snapshots", "no directory");
  ExpectFailure(RunProgram(CollectProgram()),
                store_ + "/snapshots: ", "cannot list the directory: Not a directory");
  std::filesystem::remove(store_ + "/snapshots");
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, MissingDirectoriesAboveTheStoreAreMade) {
  store_ = dir_.Path("missing/one/another/store");
  Work(3);
  ExpectEverythingOnce();
  struct stat info;
  ASSERT_EQ(stat(dir_.Path("missing").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0750u);
}

}  // namespace
}  // namespace cpuagg::tools
