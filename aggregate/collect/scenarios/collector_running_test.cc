// Processes that still run, as the collector counts them: beside which accounting file, and what
// becomes of those that end without a record or are hidden.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/report/report.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

class CollectorRunningTest : public testing::CollectorFixture {};

// The kernel's record of a probe.
std::string RecordOfProbe(const acct::AccountingProbe& probe) {
  return RecordBuilder()
      .Flags(1)
      .Pid(probe.pid)
      .Uid(probe.uid.value())
      .Command(probe.command)
      .BeginTime(static_cast<uint32_t>(probe.begin_time))
      .Bytes();
}

TEST_F(CollectorRunningTest, WhoIsGoneWithoutARecordKeepsWhatWasSeenAndDoesNotRun) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  read_processes_ = [&] { return table; };
  CollectNow();
  ASSERT_EQ(AllOf().rows.size(), 2u);
  EXPECT_EQ(AllOf().rows[0].usage.running_time().ticks().count(), 100u);
  // Accounting is off when it ends, and is turned on again with the same file.
  table.processes.clear();
  CollectNow();
  const Report report = AllOf();
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].uid, acct::Uid(1));
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 100u);
  EXPECT_EQ(report.rows[0].usage.running_time().ticks().count(), 0u);
}

// The record comes after damage, which waits until more follows.
TEST_F(CollectorRunningTest, WhoseRecordWaitsIsCountedOnce) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  read_processes_ = [&] { return table; };
  CollectNow();
  table.processes.clear();
  now_ += absl::Minutes(1);
  table.uptime += 60;
  dir_.Append("pacct",
              std::string(20, '\x7f') + RecordBuilder()
                                            .Pid(7)
                                            .Uid(1)
                                            .BeginTime(1'799'000'000)
                                            .Elapsed(static_cast<float>(
                                                100 * (absl::ToUnixSeconds(now_) - 1'799'000'030)))
                                            .UserTime(120)
                                            .Command("job")
                                            .Bytes());
  EXPECT_EQ(CollectNow().records, 0u);
  dir_.Append("pacct", Record(2) + Record(2));
  EXPECT_EQ(CollectNow().records, 3u);
  const Report report = AllOf();
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].uid, acct::Uid(1));
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 120u);
}

TEST_F(CollectorRunningTest, RunningProcessesAreCountedOnlyBesideTheFileThatTheKernelWrites) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {
      .boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000, .reader = 8};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  const auto running = [&] {
    uint64_t ticks = 0;
    for (const ReportRow& row : AllOf().rows) ticks += row.usage.running_time().ticks().count();
    return ticks;
  };
  read_processes_ = [&] { return table; };
  enum { kWrites, kIsOff, kIsAnothers, kFails } kernel = kIsOff;
  probe_ = [&]() -> absl::StatusOr<acct::AccountingProbe> {
    if (kernel == kFails) return absl::UnavailableError("cannot make a process");
    const acct::AccountingProbe probe = {.pid = 9,
                                         .command = "cpuagg",
                                         .begin_time = 1'800'000'000,
                                         .end_time = 1'800'000'001,
                                         .reader = 8};
    acct::AccountingProbe written = probe;
    if (kernel == kIsAnothers) written.pid = 4711;
    if (kernel != kIsOff) dir_.Append("pacct", RecordOfProbe(written));
    return probe;
  };
  EXPECT_TRUE(
      absl::StartsWith(CollectNow().running_problem, Pacct() + ": has no record of a process"));
  EXPECT_EQ(running(), 0u);
  EXPECT_TRUE(AllOf().excludes_running);
  // A change of only that is news.
  kernel = kWrites;
  EXPECT_EQ(CollectNow().running_problem, "");
  EXPECT_EQ(running(), 100u);
  EXPECT_FALSE(AllOf().excludes_running);
  const struct {
    decltype(kernel) state;
    std::string problem;
  } cases[] = {{kIsOff, Pacct() + ": has no record of a process"},
               {kIsAnothers, Pacct() + " is written for another pid namespace"},
               {kFails, "cannot make a process"}};
  for (const auto& c : cases) {
    // What was counted stays, and the current /proc is ignored.
    kernel = c.state;
    table.processes[0].user_ticks = 200;
    const std::string problem = CollectNow().running_problem;
    EXPECT_TRUE(absl::StartsWith(problem, c.problem)) << problem;
    EXPECT_EQ(running(), 100u);
    EXPECT_TRUE(AllOf().excludes_running);
    const size_t snapshots = SnapshotCount();
    if (c.state == kIsOff) {
      CollectNow();
      EXPECT_EQ(SnapshotCount(), snapshots) << "nothing is new";
    }
    kernel = kWrites;
    table.processes[0].user_ticks = 100;
    CollectNow();
    EXPECT_FALSE(AllOf().excludes_running);
  }
  // A record settles what was counted, in any case.
  kernel = kIsOff;
  dir_.Append("pacct", RecordBuilder()
                           .Pid(7)
                           .Uid(1)
                           .UserTime(150)
                           .BeginTime(1'799'000'000)
                           .Elapsed(100'100'000.0F)
                           .Bytes());
  CollectNow();
  EXPECT_EQ(running(), 0u);
  const Report report = AllOf();
  ASSERT_EQ(report.rows[0].uid, acct::Uid(1));
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 150u);
}

TEST_F(CollectorRunningTest, WhoIsHiddenIsKeptAndTheReportSaysSo) {
  dir_.Write("pacct", Record(2));
  acct::ProcessTable table = {.boot_id = "boot", .boot_time = 1'799'000'000, .uptime = 1'000'000};
  table.processes.push_back({.pid = 7, .uid = acct::Uid(1), .command = "job", .user_ticks = 100});
  read_processes_ = [&] { return table; };
  EXPECT_EQ(CollectNow().hidden_processes, "");
  EXPECT_FALSE(AllOf().excludes_running);
  const std::vector<acct::RunningProcess> all = std::exchange(table.processes, {});
  table.is_complete = false;
  table.hidden = "/proc: hides";
  const size_t snapshots = SnapshotCount();
  EXPECT_EQ(CollectNow().hidden_processes, "/proc: hides");
  EXPECT_EQ(SnapshotCount(), snapshots + 1);
  Report report = AllOf();
  EXPECT_TRUE(report.excludes_running);
  EXPECT_EQ(report.rows[0].usage.running_time().ticks().count(), 100u);
  // Nothing is new.
  CollectNow();
  EXPECT_EQ(SnapshotCount(), snapshots + 1);
  table.is_complete = true;
  table.hidden = "";
  table.processes = all;
  CollectNow();
  EXPECT_EQ(SnapshotCount(), snapshots + 2);
  report = AllOf();
  EXPECT_FALSE(report.excludes_running);
  EXPECT_EQ(report.rows[0].usage.running_time().ticks().count(), 100u);
  EXPECT_EQ(report.rows[0].usage.cpu_time().ticks().count(), 100u);
}

}  // namespace
}  // namespace cpuagg::aggregate
