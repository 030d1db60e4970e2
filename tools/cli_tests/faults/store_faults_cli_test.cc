// `cpuagg collect` with stores that cannot be written or entered, that are locked, or that are not
// stores. The message names the path and the reason, the store is unchanged, and once the fault is
// gone everything is counted once. Needs root for file systems that only this test sees; otherwise
// prints that and skips.

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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
using testing::StartedProgram;
using testing::WithFault;

// A file system in memory, mounted on a directory for this test only. It disappears with the test.
class SmallFileSystem {
 public:
  SmallFileSystem(std::string path, const std::string& options)
      : path_(std::move(path)), options_(options), problem_(Mount()) {}
  ~SmallFileSystem() {
    if (problem_.empty()) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  // Why there is none; empty if there is one.
  const std::string& problem() const { return problem_; }

  // Fills it except for `free_pages` pages.
  void Fill(off_t free_pages) const {
    const int fd = Make("pages");
    ASSERT_GE(fd, 0) << strerror(errno);
    const std::string page(kPage, 'x');
    off_t pages = 0;
    while (write(fd, page.data(), page.size()) == kPage) ++pages;
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_GE(pages, free_pages);
    EXPECT_EQ(ftruncate(fd, (pages - free_pages) * kPage), 0);
    close(fd);
  }
  // Uses up all inodes.
  void FillWithFiles() const {
    int fd;
    for (int i = 0; (fd = Make(absl::StrCat(i))) >= 0; ++i) close(fd);
    EXPECT_EQ(errno, ENOSPC);
  }
  void MakeRoom() const {
    for (const auto& entry : std::filesystem::directory_iterator(Filler())) {
      std::filesystem::remove(entry);
    }
  }

  void SetReadOnly(bool is_read_only) const {
    const unsigned long flags = MS_REMOUNT | (is_read_only ? MS_RDONLY : 0);
    EXPECT_EQ(mount("tmpfs", path_.c_str(), "tmpfs", flags, options_.c_str()), 0)
        << strerror(errno);
  }

 private:
  static constexpr off_t kPage = 4096;

  std::string Filler() const { return path_ + "/filler"; }

  int Make(const std::string& name) const {
    return open((Filler() + "/" + name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }

  std::string Mount() const {
    std::filesystem::create_directory(path_);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", path_.c_str(), "tmpfs", 0, options_.c_str()) != 0) {
      return absl::StrCat("mount(2) is refused here: ", strerror(errno));
    }
    std::filesystem::create_directory(Filler());
    return "";
  }

  const std::string path_;
  const std::string options_;
  const std::string problem_;
};

class StoreFaultsTest : public ::testing::Test {
 protected:
  // uid -> processes.
  using Processes = std::map<uint32_t, uint64_t>;

  // Appends one process for each of `users` users, all different.
  void Work(uint32_t users) {
    std::string records;
    for (uint32_t uid = 1; uid <= users; ++uid) {
      records += RecordBuilder().Uid(uid).UserTime(1).BeginTime(next_begin_++).Bytes();
      ++written_[uid];
    }
    dir_.Append("pacct", records);
  }

  Program Collect() const {
    return {.argv = {"tools/cpuagg", "collect", "--no-running", "--store", store_,
                     "--accounting-file", pacct_}};
  }

  // Runs collect in a shell, after the commands `before`.
  Program CollectAfter(const std::string& before) const {
    Program program = Collect();
    program.argv.insert(program.argv.begin(),
                        {"/bin/sh", "-c", absl::StrCat(before, "; exec \"$0\" \"$@\"")});
    return program;
  }

  Program Report() const {
    return {.argv = {"tools/cpuagg", "report", "--format=json", "--store", store_}};
  }

  Processes Reported() const { return ReportedBy(RunProgram(Report())); }

  static Processes ReportedBy(const Finished& run) {
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const json report = json::parse(run.out);
    EXPECT_EQ(report["gaps"], json::array());
    Processes processes;
    for (const json& row : report["rows"]) {
      processes[row["uid"].get<uint32_t>()] = row["processes"].get<uint64_t>();
    }
    return processes;
  }

  // The names in snapshots/ and the contents of the files.
  std::map<std::string, std::string> Snapshots() const {
    std::map<std::string, std::string> snapshots;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(store_ + "/snapshots", none)) {
      snapshots[entry.path().filename().string()] =
          entry.is_regular_file() ? acct::testing::ReadFile(entry.path().string()) : "";
    }
    return snapshots;
  }

  // Adds so many entries that listing them takes several calls.
  void AddForeignFiles() const {
    for (int i = 0; i < 300; ++i) {
      dir_.Write(absl::StrCat("store/snapshots/", std::string(200, 'x'), i), "");
    }
  }

  // Expects a failure with one line that has the path and the reason. Unless the error passes by
  // itself or names a fix, the line refers to `cpuagg check`.
  void ExpectFailure(const Finished& run, absl::string_view path, absl::string_view reason) const {
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(absl::StartsWith(run.err, absl::StrCat("cpuagg: ", path))) << run.err;
    const bool says_all =
        absl::StrContains(reason, "; ") || absl::StrContains(reason, "still running");
    const char* const pointer = says_all ? "" : "; `cpuagg check` says what is wrong";
    EXPECT_TRUE(absl::EndsWith(run.err, absl::StrCat(reason, pointer, "\n"))) << run.err;
  }

  // The fault is gone: everything written is there, once.
  void ExpectEverythingOnce() const {
    const Finished run = RunProgram(Collect());
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    EXPECT_EQ(Reported(), written_);
    for (const auto& [name, content] : Snapshots()) {
      EXPECT_FALSE(absl::StartsWith(name, ".unfinished-")) << name;
    }
  }

  const TempDir dir_;
  const std::string pacct_ = dir_.Path("pacct");
  std::string store_ = dir_.Path("store");
  Processes written_;
  uint32_t next_begin_ = 1'700'000'000;
};

// Enough for a snapshot of several pages.
constexpr uint32_t kManyUsers = 3000;

TEST_F(StoreFaultsTest, AFullFileSystemFailsBeforeAnythingChanges) {
  const SmallFileSystem small(dir_.Path("small"), "size=8m");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/store");
  Work(kManyUsers);
  ExpectEverythingOnce();
  int failures = 0;
  int successes = 0;
  // From no free space to enough.
  for (off_t free_pages = 0; successes == 0; free_pages = 2 * free_pages + 1) {
    SCOPED_TRACE(free_pages);
    Work(kManyUsers);
    const auto snapshots = Snapshots();
    const Processes reported = Reported();
    small.Fill(free_pages);
    const Finished run = RunProgram(Collect());
    if (run.exit_code == 0) {
      ++successes;
    } else {
      ++failures;
      ExpectFailure(run, store_ + "/", "cannot write: No space left on device");
      EXPECT_EQ(Snapshots(), snapshots);
      EXPECT_EQ(Reported(), reported);
    }
    small.MakeRoom();
    ExpectEverythingOnce();
  }
  EXPECT_GE(failures, 3);
}

TEST_F(StoreFaultsTest, OnAFullFileSystemNoStoreBegins) {
  const SmallFileSystem small(dir_.Path("small"), "size=64k");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/store");
  Work(3);
  small.Fill(0);
  ExpectFailure(RunProgram(Collect()), store_ + "/lock", "cannot write: No space left on device");
  EXPECT_TRUE(Snapshots().empty());
  small.MakeRoom();
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, AFileSystemWithoutInodesFailsBeforeAnythingChanges) {
  const SmallFileSystem small(dir_.Path("small"), "size=1m,nr_inodes=64");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/store");
  Work(3);
  ExpectEverythingOnce();
  Work(3);
  const auto snapshots = Snapshots();
  const Processes reported = Reported();
  small.FillWithFiles();
  ExpectFailure(RunProgram(Collect()), store_ + "/", "cannot create: No space left on device");
  EXPECT_EQ(Snapshots(), snapshots);
  EXPECT_EQ(Reported(), reported);
  small.MakeRoom();
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, AReadOnlyFileSystemIsReportedFromAndNotCollectedInto) {
  const SmallFileSystem small(dir_.Path("small"), "size=1m");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/new");
  Work(3);
  small.SetReadOnly(true);
  ExpectFailure(RunProgram(Collect()), store_ + ": ",
                "cannot create the directory: Read-only file system");
  small.SetReadOnly(false);
  ExpectEverythingOnce();
  Work(3);
  const auto snapshots = Snapshots();
  const Processes reported = Reported();
  small.SetReadOnly(true);
  ExpectFailure(RunProgram(Collect()), store_ + "/lock", "cannot open: Read-only file system");
  EXPECT_EQ(Snapshots(), snapshots);
  EXPECT_EQ(Reported(), reported);
  small.SetReadOnly(false);
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, ALimitOfFileSizesFailsBeforeAnythingChanges) {
  Work(kManyUsers);
  ExpectEverythingOnce();
  for (const char* const blocks : {"0", "1"}) {
    SCOPED_TRACE(blocks);
    Work(kManyUsers);
    const auto snapshots = Snapshots();
    const Processes reported = Reported();
    ExpectFailure(RunProgram(CollectAfter(absl::StrCat("ulimit -f ", blocks))), store_ + "/",
                  "cannot write: File too large");
    EXPECT_EQ(Snapshots(), snapshots);
    EXPECT_EQ(Reported(), reported);
    ExpectEverythingOnce();
  }
}

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
    Program collect = Collect();
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
    const Finished run = RunProgram(WithFault(Collect(), ListingFault(call)));
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
    const Finished run = RunProgram(WithFault(Report(), ListingFault(call)));
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
      collectors.push_back(std::make_unique<StartedProgram>(Collect()));
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
  ExpectFailure(RunProgram(Collect()), store_ + "/lock: ",
                absl::StrCat("is held by process ", pid, ", which is still running"));
  EXPECT_EQ(Snapshots(), snapshots);
  // A run that waits when the lock is released continues.
  StartedProgram collect(Collect());
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
  ExpectFailure(RunProgram(Collect()),
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
  ExpectFailure(RunProgram(Collect()),
                store_ + "/snapshots: ", "cannot create the directory: Not a directory");
  EXPECT_EQ(acct::testing::ReadFile(store_), "not a store");
  const std::string file = std::exchange(store_, store_ + "/below/it");
  ExpectFailure(RunProgram(Collect()), file + "/below",
                "cannot create the directory: Not a directory");
  store_ = file;
  std::filesystem::remove(store_);
  ExpectEverythingOnce();
}

TEST_F(StoreFaultsTest, AFileInThePlaceOfTheSnapshotsIsNamed) {
  Work(3);
  std::filesystem::create_directory(store_);
  dir_.Write("store/snapshots", "no directory");
  ExpectFailure(RunProgram(Collect()),
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
