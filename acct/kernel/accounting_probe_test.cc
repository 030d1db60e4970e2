#include "acct/kernel/accounting_probe.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

void ExpectItHasEnded(const absl::StatusOr<AccountingProbe>& probe) {
  ASSERT_TRUE(probe.ok()) << probe.status();
  EXPECT_GT(probe->pid, 0u);
  EXPECT_NE(probe->pid, probe->reader);
  // No process has its id any more, not even a zombie.
  EXPECT_NE(kill(static_cast<pid_t>(probe->pid), 0), 0);
  EXPECT_EQ(errno, ESRCH);
}

TEST(AccountingProbeTest, AProcessOfThisNameHasEnded) {
  const time_t before = time(nullptr);
  ASSERT_EQ(pthread_setname_np(pthread_self(), "fifteen letters"), 0);
  const absl::StatusOr<AccountingProbe> probe = ProbeAccounting();
  ExpectItHasEnded(probe);
  EXPECT_EQ(probe->command, "fifteen letters");
  EXPECT_EQ(probe->uid, Uid(getuid()));
  EXPECT_EQ(probe->reader, static_cast<uint32_t>(getpid()));
  EXPECT_GE(probe->begin_time, before);
  EXPECT_GE(probe->end_time, probe->begin_time);
  EXPECT_LE(probe->end_time, time(nullptr));
}

TEST(AccountingProbeTest, SignalsAreAsTheyWere) {
  sigset_t mine;
  sigemptyset(&mine);
  sigaddset(&mine, SIGUSR2);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &mine, nullptr), 0);
  ASSERT_TRUE(ProbeAccounting().ok());
  sigset_t after;
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &after), 0);
  for (int signal = 1; signal < 32; ++signal) {
    EXPECT_EQ(sigismember(&after, signal), signal == SIGUSR2 ? 1 : 0) << signal;
  }
}

TEST(AccountingProbeTest, WorksForWhoIgnoresTheEndOfProcesses) {
  auto* const before = signal(SIGCHLD, SIG_IGN);
  ExpectItHasEnded(ProbeAccounting());
  signal(SIGCHLD, before);
}

TEST(AccountingProbeTest, WorksBesideOtherThreads) {
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!is_over) std::string(1000, 'x').shrink_to_fit();
    });
  }
  for (int i = 0; i < 50; ++i) ExpectItHasEnded(ProbeAccounting());
  is_over = true;
  for (std::thread& thread : threads) thread.join();
}

TEST(AccountingProbeTest, WhereNoProcessCanBeMadeThatIsSaid) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Root may start any number of processes.
    if (getuid() == 0 && setuid(65534) != 0) _exit(77);
    const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    if (setrlimit(RLIMIT_NPROC, &none) != 0) _exit(1);
    const absl::StatusOr<AccountingProbe> probe = ProbeAccounting();
    _exit(!probe.ok() && probe.status().message() ==
                             "cannot make a process: Resource temporarily unavailable"
              ? 0
              : 2);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "root cannot become anybody else here";
  EXPECT_EQ(status, 0);
}

// The kernel of this machine may write to some file, but not to these.
TEST(AccountingProbeTest, AFileThatNobodyWritesToDoesNotGrow) {
  const testing::TempDir dir;
  for (const char* const content : {"", "some records"}) {
    const absl::StatusOr<bool> grows = GrowsWhenAProcessEnds(dir.Write("pacct", content));
    ASSERT_TRUE(grows.ok()) << grows.status();
    EXPECT_FALSE(*grows);
  }
}

TEST(AccountingProbeTest, WhatIsNoFileCannotGrowAndThatIsSaid) {
  const testing::TempDir dir;
  EXPECT_EQ(GrowsWhenAProcessEnds(dir.path()).status(),
            absl::FailedPreconditionError(dir.path() + ": is not a regular file"));
  const std::string missing = dir.Path("missing");
  EXPECT_EQ(GrowsWhenAProcessEnds(missing).status(),
            absl::NotFoundError(missing + ": cannot look at: No such file or directory"));
}

}  // namespace
}  // namespace cpuagg::acct
