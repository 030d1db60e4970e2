#include "acct/process_table.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <iterator>
#include <string>

#include "absl/status/statusor.h"
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

  void Process(uint32_t pid, const std::string& command, char state, uint64_t flags, int threads) {
    const std::string name = absl::StrCat(pid);
    Make(name);
    dir_.Write(name + "/stat",
               absl::StrCat(pid, " (", command, ") ", std::string(1, state), " 1 1 1 0 -1 ", flags,
                            " 10 20 30 40 ") +
                   absl::StrCat(500, " ", 60, " 7 8 20 0 ", threads, " 0 12345 1000 100\n"));
    dir_.Write(name + "/status", "Name:\tx\nUid:\t1001\t0\t0\t0\nGid:\t5\t5\t5\t5\n");
  }

  void Make(const std::string& name) { EXPECT_EQ(mkdir(dir_.Path(name).c_str(), 0755), 0); }

  TempDir dir_;
};

TEST(ProcessTableTest, TellsWhatEachProcessHasUsed) {
  FakeProc proc;
  proc.Process(42, "a) R (b", 'S', 0x400000, 3);
  proc.Make("bus");
  const absl::StatusOr<ProcessTable> table = ReadProcessTable(proc.dir_.path());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->boot_id, "0123-4567");
  // This machine may have slept, but not the time away.
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

TEST(ProcessTableTest, KernelThreadsAndZombiesAreLeftOut) {
  FakeProc proc;
  proc.Process(2, "kthreadd", 'S', 0x208040, 1);
  proc.Process(43, "zombie", 'Z', 0, 1);
  proc.Process(44, "first thread has ended", 'Z', 0, 5);
  proc.Process(45, "half read", 'R', 0, 1);
  proc.dir_.Write("45/stat", "45 (half rea");
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

TEST(ProcessTableTest, ThisProcessIsInTheRealOne) {
  // Some CPU time, so that there is something to see.
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
}

}  // namespace
}  // namespace cpuagg::acct
