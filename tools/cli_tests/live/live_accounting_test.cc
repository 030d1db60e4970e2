// The kernel's own accounting, turned on for a temporary file while several users work. cpuagg and
// GNU sa read the file and must agree for each user. Needs root; otherwise prints that and skips.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/accounting.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::TempDir;
using nlohmann::json;
using testing::AccountingNamespace;
using testing::Accton;
using testing::AddTotalsOfSa;
using testing::Finished;
using testing::ReportOfStore;
using testing::RowOf;
using testing::RunProgram;
using testing::Totals;
using testing::TotalsOfReport;

// Runs `script` in a shell as user `uid`.
void RunAs(uid_t uid, const char* script) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) _exit(1);
    execl("/bin/sh", "sh", "-c", script, nullptr);
    _exit(1);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0) << "uid " << uid;
}

Totals TotalsOfSa(const std::string& path) {
  Totals totals;
  AddTotalsOfSa(path, totals);
  return totals;
}

Totals TotalsOfCpuagg(const std::string& path) {
  const Finished run = RunProgram({.argv = {"tools/cpuagg", "report", "--format=json", path}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return TotalsOfReport(json::parse(run.out));
}

TEST(LiveAccountingTest, EveryUsersCpuIsWhatGnuSaSays) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "");
  const AccountingNamespace accounting;
  if (const std::string problem = accounting.TurnAccountingOn(path); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  constexpr char kWork[] = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; /bin/true";
  const uid_t users[] = {0, 1001, 54321, 2147483648u, 4294967293u};
  for (const uid_t uid : users) RunAs(uid, kWork);
  EXPECT_EQ(Accton("off").exit_code, 0);

  const Totals expected = TotalsOfSa(path);
  ASSERT_GE(expected.size(), std::size(users)) << "the kernel recorded less than was run";
  uint64_t cpu = 0;
  for (const auto& [name, total] : expected) cpu += total.second;
  ASSERT_GT(cpu, 0u);
  EXPECT_EQ(TotalsOfCpuagg(path), expected);
}

// A process of user `uid` that only uses CPU until it is ended.
class Burner {
 public:
  explicit Burner(uid_t uid) : pid_(fork()) {
    EXPECT_GE(pid_, 0);
    if (pid_ != 0) return;
    if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) _exit(1);
    alarm(60);
    for (std::atomic<uint64_t> count = 0;;) ++count;
  }
  ~Burner() { End(); }
  void End() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }

 private:
  pid_t pid_;
};

TEST(LiveAccountingTest, AJobIsVisibleWhileItRunsAndNotTwiceAfterItEnds) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "");
  const std::string store = dir.Path("store");
  const auto collect = [&] {
    EXPECT_EQ(RunProgram({.argv = {"tools/cpuagg", "collect", "--store", store, "--accounting-file",
                                   path}})
                  .exit_code,
              0);
  };
  const AccountingNamespace accounting;
  if (const std::string problem = accounting.TurnAccountingOn(path); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  constexpr uid_t kUser = 54322;
  Burner burner(kUser);
  json row;
  double last = 0;
  int times_grown = 0;
  for (int tries = 0; tries < 200 && times_grown < 3; ++tries) {
    usleep(50'000);
    collect();
    row = RowOf(kUser, ReportOfStore(store));
    if (row.is_null() || row["cpu_seconds"].get<double>() <= last) continue;
    last = row["cpu_seconds"].get<double>();
    ++times_grown;
    EXPECT_EQ(row["running_cpu_seconds"], row["cpu_seconds"]);
    EXPECT_EQ(row["processes"], 0);
  }
  ASSERT_EQ(times_grown, 3) << "the running job was not seen to grow";
  burner.End();
  EXPECT_EQ(Accton("off").exit_code, 0);
  collect();
  collect();
  row = RowOf(kUser, ReportOfStore(store));
  ASSERT_FALSE(row.is_null());
  EXPECT_EQ(row["processes"], 1);
  EXPECT_EQ(row["running_cpu_seconds"], 0.0);
  // The record may have less than was seen: records count the ticks that hit the process, and /proc
  // shows them scaled to the time for which it ran.
  EXPECT_EQ(static_cast<uint64_t>(std::llround(row["cpu_seconds"].get<double>() * 100)),
            TotalsOfSa(path)[std::to_string(kUser)].second);
}

}  // namespace
}  // namespace cpuagg::tools
