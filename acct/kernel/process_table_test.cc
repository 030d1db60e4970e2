#include "acct/kernel/process_table.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

class FakeProc {
 public:
  FakeProc() {
    for (const char* name : {"sys", "sys/kernel", "sys/kernel/random"}) Make(name);
    dir_.Write("sys/kernel/random/boot_id", "0123-4567\n");
    dir_.Write("stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 5\n");
    dir_.Write("uptime", "5000.12 20000.34\n");
  }

  void Process(uint32_t pid, const std::string& command, char state = 'S', uint64_t flags = 0,
               int threads = 1) {
    const std::string name = absl::StrCat(pid);
    Make(name);
    Stat(name, pid, command, state, flags, threads);
    dir_.Write(name + "/status", "Name:\tx\nUid:\t1001\t0\t0\t0\nGid:\t5\t5\t5\t5\n");
  }

  void Stat(const std::string& name, uint32_t pid, const std::string& command, char state,
            uint64_t flags, int threads) {
    dir_.Write(name + "/stat",
               absl::StrCat(pid, " (", command, ") ", std::string(1, state), " 1 1 1 0 -1 ", flags,
                            " 10 20 30 40 ") +
                   absl::StrCat(500, " ", 60, " 7 8 20 0 ", threads, " 0 12345 1000 100\n"));
  }

  void Make(const std::string& name) { EXPECT_EQ(mkdir(dir_.Path(name).c_str(), 0755), 0); }

  TempDir dir_;
};

// Runs `check` in a separate process, which may change anything. It returns zero on success, or a
// number that identifies the failure.
template <typename Check>
void ExpectInChild(const Check& check) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(check());
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "number " << WEXITSTATUS(status);
}

TEST(ProcessTableTest, TellsWhatEachProcessHasUsed) {
  FakeProc proc;
  proc.Process(42, "a) R (b", 'S', 0x400000, 3);
  proc.Make("bus");
  const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->boot_id, "0123-4567");
  // This machine may have slept; that does not shift the times.
  EXPECT_GE(table->boot_time, 1'700'000'000);
  EXPECT_EQ(table->boot_time + table->uptime, 1'700'005'000);
  ASSERT_EQ(table->processes.size(), 1u);
  EXPECT_EQ(table->processes[0], (RunningProcess{.pid = 42,
                                                 .start_ticks = 12345,
                                                 .begin_time = 1'700'000'123,
                                                 .uid = Uid(1001),
                                                 .command = "a) R (b",
                                                 .user_ticks = 500,
                                                 .system_ticks = 60}));
}

TEST(ProcessTableTest, ACommandMayBeAnything) {
  const std::string commands[] = {
      "",   ")", "(",           "()",        ") S 1 1 (",        ") Z 1 1 1 0 -1 4",
      "\n", " ", "a\nb) R 1\n", "\xff\xfe(", "))))))))))))))))", "42 (sh) "};
  FakeProc proc;
  uint32_t pid = 0;
  for (const std::string& command : commands) proc.Process(++pid, command, 'S', 0, 1);
  const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->processes.size(), std::size(commands));
  for (const RunningProcess& process : table->processes) {
    ASSERT_LE(process.pid, std::size(commands));
    EXPECT_EQ(process.command, commands[process.pid - 1].substr(0, 15));
    EXPECT_EQ(process.start_ticks, 12345u);
  }
}

TEST(ProcessTableTest, TellsWhoseRecordMayBeWritten) {
  FakeProc proc;
  proc.Process(42, "runs", 'R', 0x400000, 1);
  proc.Process(43, "ends", 'D', 0x400004, 1);
  const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->processes.size(), 2u);
  for (const RunningProcess& process : table->processes) {
    EXPECT_EQ(process.is_ending, process.pid == 43);
  }
}

TEST(ProcessTableTest, AProcessWhoseFirstThreadHasEndedRunsAsLongAsAnotherOne) {
  for (const bool other_ends : {false, true}) {
    FakeProc proc;
    const uint64_t flags = other_ends ? 0x400004 : 0x400000;
    proc.Process(42, "leader", 'Z', 0x400004, 2);
    proc.Make("42/task");
    for (const char* const thread : {"42/task/42", "42/task/43"}) proc.Make(thread);
    proc.Stat("42/task/42", 42, "leader", 'Z', 0x400004, 2);
    proc.Stat("42/task/43", 43, "other", 'R', flags, 2);
    const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
    ASSERT_TRUE(table.ok()) << table.status();
    ASSERT_EQ(table->processes.size(), 1u);
    EXPECT_EQ(table->processes[0].is_ending, other_ends);
    EXPECT_EQ(table->processes[0].command, "leader");
  }
}

TEST(ProcessTableTest, WithoutAProcfsTheErrorSaysHowToMountOne) {
  const TempDir dir;
  EXPECT_EQ(ReadProcessTable(dir.path()).status().message(),
            absl::StrCat(dir.path(),
                         "/sys/kernel/random/boot_id: cannot read: No such file or "
                         "directory: no procfs is mounted at ",
                         dir.path(), "; mount one: mount -t proc proc ", dir.path()));
}

// The mounts disappear with the namespace.
TEST(ProcessTableTest, OfAProcfsOfProcessesOnlyTheErrorNamesTheOption) {
  const TempDir dir;
  ExpectInChild([&] {
    if (unshare(CLONE_NEWNS) != 0) return 0;
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 0;
    // Linux before 5.8 has no such option.
    if (mount("proc", dir.path().c_str(), "proc", 0, "subset=pid") != 0) return 0;
    const absl::Status status = ReadProcessTable(dir.path()).status();
    return absl::StrContains(status.message(), "is mounted with subset=pid") ? 0 : 1;
  });
}

TEST(ProcessTableTest, KernelThreadsAndZombiesAreLeftOut) {
  FakeProc proc;
  proc.Process(2, "kthreadd", 'S', 0x208040, 1);
  proc.Process(43, "zombie", 'Z', 0, 1);
  proc.Process(44, "first thread has ended", 'Z', 0, 5);
  const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->processes.size(), 1u);
  EXPECT_EQ(table->processes[0].pid, 44u);
}

TEST(ProcessTableTest, WhatIsNoProcfsIsAnError) {
  const TempDir dir;
  EXPECT_FALSE(ReadProcessTable(dir.path()).ok());
  EXPECT_FALSE(ReadProcessTable(dir.Path("missing")).ok());
  const FakeProc proc;
  proc.dir_.Write("uptime", "long\n");
  EXPECT_FALSE(ReadProcessTable(proc.dir_.path()).ok());
}

// Gives up all capabilities. Returns whether file modes bind root like other users from now on.
bool GiveUpEveryPower() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

TEST(ProcessTableTest, AProcessThatEndsMeanwhileIsLeftOut) {
  FakeProc proc;
  proc.Process(1, "init");
  proc.Make("43");
  proc.Process(44, "has no status any more");
  unlink(proc.dir_.Path("44/status").c_str());
  const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->processes.size(), 1u);
  EXPECT_EQ(table->processes[0].pid, 1u);
  EXPECT_TRUE(table->is_complete) << table->hidden;
}

TEST(ProcessTableTest, WhatCannotBeReadOfAProcessIsAnErrorAndNoEnd) {
  const struct {
    const char* file;
    const char* content;  // null for a directory instead of a file
    const char* message;
  } cases[] = {
      {"43/stat", "43 (half rea", "/43/stat: has an unknown format"},
      {"43/stat", "", "/43/stat: has an unknown format"},
      {"43/stat", "43 (x) S 1 1 1 0 -1 0 1 2 3 4 many 60 7 8 20 0 1 0 12345 1000 100\n",
       "/43/stat: has an unknown format"},
      {"43/status", "Name:\tx\n", "/43/status: has no user"},
      {"43/stat", nullptr, "/43/stat: cannot read: Is a directory"},
      {"43/status", nullptr, "/43/status: cannot read: Is a directory"},
  };
  for (const auto& c : cases) {
    FakeProc proc;
    proc.Process(1, "init");
    proc.Process(43, "x");
    if (c.content != nullptr) {
      proc.dir_.Write(c.file, c.content);
    } else {
      unlink(proc.dir_.Path(c.file).c_str());
      proc.Make(c.file);
    }
    const absl::Status status = ReadProcessTable(proc.dir_.path()).status();
    EXPECT_EQ(status.message(), proc.dir_.path() + c.message) << c.file;
  }
}

TEST(ProcessTableTest, WithoutDescriptorsThereIsNoTable) {
  FakeProc proc;
  proc.Process(1, "init");
  proc.Process(43, "x");
  ExpectInChild([&] {
    // From a limit so low that nothing can be opened, to one that suffices.
    const int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (lowest < 0) return 1;
    close(lowest);
    int failures = 0;
    for (int more = 0; more < 10; ++more) {
      rlimit few;
      if (getrlimit(RLIMIT_NOFILE, &few) != 0) return 2;
      few.rlim_cur = static_cast<rlim_t>(lowest + more);
      if (setrlimit(RLIMIT_NOFILE, &few) != 0) return 2;
      const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
      if (table.ok()) {
        if (table->processes.size() != 2 || failures < 3) return 3;
        return 0;
      }
      if (!absl::StrContains(table.status().message(), "Too many open files")) return 4;
      if (!absl::StartsWith(table.status().message(), proc.dir_.path())) return 5;
      ++failures;
    }
    return 6;
  });
}

TEST(ProcessTableTest, AProcessThatMayNotBeReadMakesTheTableIncomplete) {
  FakeProc proc;
  proc.Process(1, "init");
  proc.Process(43, "not ours");
  for (const char* const forbidden : {"43", "43/stat", "43/status"}) {
    ASSERT_EQ(chmod(proc.dir_.Path(forbidden).c_str(), 0), 0);
    ASSERT_EQ(chmod(proc.dir_.path().c_str(), 0755), 0);
    ExpectInChild([&] {
      if (!GiveUpEveryPower()) return 1;
      const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
      if (!table.ok()) return 2;
      if (table->processes.size() != 1 || table->processes[0].pid != 1) return 3;
      if (table->is_complete) return 4;
      return absl::StartsWith(table->hidden, proc.dir_.Path("43/sta")) ? 0 : 5;
    });
    ASSERT_EQ(chmod(proc.dir_.Path(forbidden).c_str(), 0755), 0);
  }
}

TEST(ProcessTableTest, WithoutTheFirstProcessOthersAreHiddenAsWell) {
  FakeProc proc;
  proc.Process(43, "x");
  absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->processes.size(), 1u);
  EXPECT_FALSE(table->is_complete);
  EXPECT_TRUE(absl::StartsWith(table->hidden, proc.dir_.path() + ": does not show process 1"))
      << table->hidden;
  proc.Process(1, "init");
  table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE(table->is_complete) << table->hidden;
}

TEST(ProcessTableTest, TellsWhoTheReaderIsThere) {
  const FakeProc proc;
  absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->reader, 0u);
  ASSERT_EQ(symlink("4711", proc.dir_.Path("self").c_str()), 0);
  table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->reader, 4711u);
}

TEST(ProcessTableTest, TheMachineBootedBeforeNow) {
  const absl::StatusOr<int64_t> boot_time = ReadBootTime("/proc");
  ASSERT_TRUE(boot_time.ok()) << boot_time.status();
  EXPECT_GT(*boot_time, 1'000'000'000);
  EXPECT_LE(*boot_time, time(nullptr));
  EXPECT_FALSE(ReadBootTime("/nonexistent").ok());
}

TEST(ProcessTableTest, ThisProcessIsInTheRealOne) {
  // Uses some CPU time, so that there is something to see.
  const clock_t begin = clock();
  while (clock() - begin < CLOCKS_PER_SEC / 10) {
  }
  const absl::StatusOr<ProcessTable> table = ReadProcessTable("/proc");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->boot_id.size(), 36u);
  const auto self = std::find_if(
      table->processes.begin(), table->processes.end(),
      [](const RunningProcess& p) { return p.pid == static_cast<uint32_t>(getpid()); });
  ASSERT_NE(self, table->processes.end());
  EXPECT_EQ(self->uid, Uid(getuid()));
  EXPECT_GE(self->user_ticks + self->system_ticks, 8u);
  EXPECT_NEAR(static_cast<double>(self->begin_time), static_cast<double>(time(nullptr)), 60);
  EXPECT_FALSE(self->is_ending);
  EXPECT_FALSE(self->command.empty());
  EXPECT_NEAR(static_cast<double>(table->boot_time + table->uptime),
              static_cast<double>(time(nullptr)), 60);
  EXPECT_EQ(table->reader, static_cast<uint32_t>(getpid()));
}

}  // namespace
}  // namespace cpuagg::acct
