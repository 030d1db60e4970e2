// The kernel's own accounting, and running processes that /proc hides, or shows with other ids than
// their records. What is visible is counted once, and what is not is reported. Needs root;
// otherwise prints that and skips.

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/accounting.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::AccountingNamespace;
using testing::Accton;
using testing::AddTotalsOfSa;
using testing::Finished;
using testing::Program;
using testing::ReportOfStore;
using testing::RowOf;
using testing::RunProgram;
using testing::StartedProgram;
using testing::Totals;
using testing::TotalsOfReport;

constexpr uid_t kJobUser = 54322;
constexpr uid_t kCollectingUser = 54399;

constexpr char kNoRecord[] = ": has no record of a process that has just ended";
constexpr char kOff[] = " has no record of a process that has just ended; turn accounting on";
constexpr char kOtherNamespace[] = " is written for another pid namespace";

// A directory that every user may enter, unlike those of tests.
class OpenDir {
 public:
  OpenDir() {
    path_ = "/tmp/cpuagg.XXXXXX";
    EXPECT_NE(mkdtemp(path_.data()), nullptr) << path_;
    EXPECT_EQ(chmod(path_.c_str(), 0755), 0);
  }
  ~OpenDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OpenDir(const OpenDir&) = delete;
  OpenDir& operator=(const OpenDir&) = delete;

  std::string Path(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

 private:
  std::string path_;
};

class LiveProcessesTest : public testing::CliTest {
 protected:
  void SetUp() override {
    dir_.Write("pacct", "");
    if (const std::string problem = namespace_.TurnAccountingOn(pacct_); !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    job_ = std::make_unique<StartedProgram>(
        Program{.argv = {"/bin/sh", "-c", "while :; do :; done"}, .user = kJobUser});
  }

  void EndJob() {
    job_->Kill();
    EXPECT_EQ(job_->Wait().signal, SIGKILL);
  }

  Finished Collect(const std::string& accounting_file, const std::string& store) const {
    Finished run = Run({"collect", "--store", store, "--accounting-file", accounting_file});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run;
  }

  static json RowOfJob(const std::string& store) { return RowOf(kJobUser, ReportOfStore(store)); }

  // Collects until the job is visible. Runs must not print anything.
  template <typename CollectOnce>
  void CollectUntilSeen(const CollectOnce& collect, const std::string& store) {
    for (int tries = 0; tries < 200; ++tries) {
      EXPECT_EQ(collect().err, "");
      const json row = RowOfJob(store);
      if (!row.is_null() && row["running_cpu_seconds"] > 0.0) return;
      usleep(50'000);
    }
    FAIL() << "the job was not seen to run";
  }

  // Expects that `row` equals the only record of `user` in the accounting file.
  static void ExpectTheRecordAlone(const json& row, uid_t user, const std::string& file) {
    ASSERT_FALSE(row.is_null());
    EXPECT_EQ(row["running_cpu_seconds"], 0.0);
    Totals all;
    AddTotalsOfSa(file, all);
    const std::string name = std::to_string(user);
    EXPECT_EQ(all[name].first, 1u);
    EXPECT_EQ(TotalsOfReport({{"rows", {row}}}), (Totals{{name, all[name]}}));
  }

  std::string NotesOf(const std::string& store) const {
    return Run({"report", "--store", store}).out;
  }

  const AccountingNamespace namespace_;
  std::unique_ptr<StartedProgram> job_;
};

TEST_F(LiveProcessesTest, WhatRunsIsNotCountedBesideAFileThatTheKernelDoesNotWrite) {
  const std::string copy = dir_.Path("copy");
  std::filesystem::copy_file(pacct_, copy);
  const std::string other_store = dir_.Path("other");
  for (int i = 0; i < 2; ++i) {
    const Finished run = Collect(copy, other_store);
    EXPECT_TRUE(absl::StrContains(run.err, copy + kNoRecord)) << run.err;
  }
  CollectUntilSeen([&] { return Collect(pacct_, store_); }, store_);
  EXPECT_FALSE(absl::StrContains(NotesOf(store_), "that still run are included"));
  // It has used CPU by now.
  EXPECT_TRUE(absl::StrContains(Collect(copy, other_store).err, copy + kNoRecord));
  EXPECT_EQ(ReportOfStore(other_store)["totals"]["running_cpu_seconds"], 0.0);
  EndJob();
  EXPECT_EQ(Collect(pacct_, store_).err, "");
  ExpectTheRecordAlone(RowOfJob(store_), kJobUser, pacct_);
}

TEST_F(LiveProcessesTest, WhileAccountingIsOffWhatIsCountedStaysAsItIs) {
  CollectUntilSeen([&] { return Collect(pacct_, store_); }, store_);
  const json before = RowOfJob(store_);
  EXPECT_EQ(Accton("off").exit_code, 0);
  for (int i = 0; i < 3; ++i) {
    if (i == 2) EndJob();
    const Finished run = Collect(pacct_, store_);
    EXPECT_TRUE(absl::StrContains(run.err, pacct_ + kOff)) << run.err;
    EXPECT_TRUE(absl::EndsWith(run.err, "; running processes are not counted either\n")) << run.err;
    EXPECT_EQ(RowOfJob(store_), before);
    EXPECT_TRUE(absl::StrContains(NotesOf(store_), "that still run are included"))
        << NotesOf(store_);
  }
  EXPECT_EQ(Accton(pacct_).exit_code, 0);
  EXPECT_TRUE(absl::StrContains(Collect(pacct_, store_).err, ": accounting was off or paused: "));
  const json row = RowOfJob(store_);
  EXPECT_EQ(row["cpu_seconds"], before["cpu_seconds"]);
  EXPECT_EQ(row["running_cpu_seconds"], 0.0);
  EXPECT_EQ(row["processes"], 0);
  EXPECT_FALSE(absl::StrContains(NotesOf(store_), "that still run are included"));
}

// In a container, whose processes have other ids in the host's file than in its own /proc.
constexpr char kContainer[] = R"sh(
cpuagg=$1 pacct=$2 store=$3 said=$4 user=$5; shift 5
setpriv --reuid "$user" --regid "$user" --clear-groups /bin/sh -c 'while :; do :; done' &
job=$!
until [ "$(cut -d' ' -f14 /proc/$job/stat)" -ge 20 ]; do sleep 0.02; done
collect() { "$cpuagg" collect --store "$store" --accounting-file "$pacct" "$@" 2>>"$said/err"; }
report() { "$cpuagg" report --format=json --store "$store" >"$said/$1"; }
collect "$@" && report running && kill -9 "$job" || exit
wait
collect "$@" && collect "$@" && report ended
)sh";

TEST_F(LiveProcessesTest, AJobInAContainerCountsOnceBesideTheHostsFile) {
  EndJob();
  ASSERT_EQ(mkdir(dir_.Path("host").c_str(), 0755), 0);
  ASSERT_EQ(mount("/proc", dir_.Path("host").c_str(), nullptr, MS_BIND | MS_REC, nullptr), 0);
  for (const bool names_proc : {false, true}) {
    SCOPED_TRACE(names_proc ? "--proc" : "/proc");
    // Each round expects the record of another user.
    const uid_t user = kJobUser + 1 + (names_proc ? 1 : 0);
    const std::string said = dir_.Path(names_proc ? "with" : "without");
    ASSERT_EQ(mkdir(said.c_str(), 0755), 0);
    Program container = {.argv = {"/usr/bin/unshare", "--fork", "--pid", "--mount-proc", "/bin/sh",
                                  "-c", kContainer, "sh", "tools/cpuagg", pacct_, said + "/store",
                                  said, std::to_string(user)}};
    if (names_proc) {
      container.argv.insert(container.argv.end(), {"--proc", dir_.Path("host")});
    }
    const Finished run = RunProgram(container);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const auto read = [&](const char* name) {
      return RunProgram({.argv = {"/bin/cat", absl::StrCat(said, "/", name)}}).out;
    };
    const json running = RowOf(user, json::parse(read("running")));
    const std::string err = read("err");
    if (names_proc) {
      EXPECT_EQ(err, "");
      ASSERT_FALSE(running.is_null());
      EXPECT_GE(running["running_cpu_seconds"], 0.2);
    } else {
      EXPECT_TRUE(absl::StrContains(err, pacct_ + kOtherNamespace)) << err;
      EXPECT_FALSE(absl::StrContains(err, kNoRecord)) << err;
      EXPECT_TRUE(running.is_null()) << running;
    }
    ExpectTheRecordAlone(RowOf(user, json::parse(read("ended"))), user, pacct_);
  }
  EXPECT_EQ(umount2(dir_.Path("host").c_str(), MNT_DETACH), 0);
}

TEST_F(LiveProcessesTest, AJobThatIsHiddenCountsOnce) {
  const OpenDir open;
  const std::string cpuagg = open.Path("cpuagg");
  std::filesystem::copy_file("tools/cpuagg", cpuagg);
  std::filesystem::create_directory(open.Path("account"));
  const std::string file = open.Path("account/pacct");
  std::filesystem::copy_file(pacct_, file);
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  ASSERT_EQ(Accton(file).exit_code, 0);
  const std::string home = open.Path("home");
  std::filesystem::create_directory(home);
  ASSERT_EQ(chown(home.c_str(), kCollectingUser, kCollectingUser), 0);
  const std::string store = home + "/store";
  const auto collect = [&] {
    Finished run =
        RunProgram({.argv = {cpuagg, "collect", "--store", store, "--accounting-file", file},
                    .directory = home,
                    .user = kCollectingUser});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run;
  };
  CollectUntilSeen(collect, store);
  const json before = RowOfJob(store);

  ASSERT_EQ(mount("proc", "/proc", "proc", MS_REMOUNT, "hidepid=2"), 0) << strerror(errno);
  for (int i = 0; i < 2; ++i) {
    const Finished run = collect();
    EXPECT_TRUE(absl::StrContains(
        run.err, "not all running processes may be counted: /proc: does not show process 1"))
        << run.err;
    EXPECT_EQ(RowOfJob(store), before);
    EXPECT_TRUE(absl::StrContains(NotesOf(store), "that still run are included")) << NotesOf(store);
  }
  EndJob();
  EXPECT_NE(collect().err, "");
  ExpectTheRecordAlone(RowOfJob(store), kJobUser, file);
}

}  // namespace
}  // namespace cpuagg::tools
