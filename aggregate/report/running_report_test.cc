#include "aggregate/report/running_report.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "aggregate/names/departments.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/report/report_rows.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::RunningProcess;
using testing::Uids;
using testing::UidsOf;

constexpr int64_t kNow = 1'800'000'000;

RunningProcess Process(uint32_t pid, uint32_t uid, const std::string& command, uint64_t user_ticks,
                       int64_t age = 100) {
  return {.pid = pid,
          .begin_time = kNow - age,
          .uid = acct::Uid(uid),
          .command = command,
          .user_ticks = user_ticks,
          .system_ticks = 1};
}

absl::StatusOr<Report> ReportOf(std::vector<RunningProcess> processes,
                                const ReportOptions& options = {}) {
  PasswdFileDirectory names("alice:x:1001:1::/:\nbob:x:1002:1::/:\n");
  acct::ProcessTable table;
  table.processes = std::move(processes);
  table.reader = 9;
  return ReportFromProcesses(table, absl::FromUnixSeconds(kNow), names, options);
}

TEST(RunningReportTest, EachProcessCountsWithWhatItHasUsed) {
  const absl::StatusOr<Report> report =
      ReportOf({Process(1, 1001, "gcc", 10, 50), Process(2, 1002, "R", 70),
                Process(3, 1001, "gcc", 29, 20)});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(UidsOf(*report), (Uids{1002, 1001}));
  const ReportRow& alice = report->rows[1];
  EXPECT_EQ(alice.user, "alice");
  EXPECT_EQ(alice.usage.processes, 2u);
  EXPECT_EQ(alice.usage.user_time(), acct::Ticks(39));
  EXPECT_EQ(alice.usage.system_time(), acct::Ticks(2));
  EXPECT_EQ(alice.usage.largest_cpu(), acct::Ticks(30));
  EXPECT_EQ(alice.usage.elapsed(), acct::Ticks(7000));
  EXPECT_EQ(report->totals.cpu_time(), acct::Ticks(112));
  EXPECT_EQ(report->period.begin, absl::FromUnixSeconds(kNow - 100));
  EXPECT_EQ(report->period.end, absl::FromUnixSeconds(kNow));
  EXPECT_TRUE(report->only_running);
  EXPECT_FALSE(report->excludes_running);
}

TEST(RunningReportTest, ThePeriodIsThatOfTheChosenProcesses) {
  const std::vector<RunningProcess> processes = {Process(1, 1001, "gcc", 10, 50),
                                                 Process(2, 1002, "R", 70, 500),
                                                 Process(3, 1001, "make", 29, 20)};
  const auto begins_before = [&](const ReportOptions& options) {
    return absl::ToInt64Seconds(absl::FromUnixSeconds(kNow) -
                                ReportOf(processes, options)->period.begin);
  };
  EXPECT_EQ(begins_before({}), 500);
  EXPECT_EQ(begins_before({.only_users = {"alice"}}), 50);
  EXPECT_EQ(begins_before({.ignored_users = {"alice"}}), 500);
  EXPECT_EQ(begins_before({.only_commands = {"make"}}), 20);
  EXPECT_EQ(begins_before({.only_users = {"carol"}}), 0);
}

TEST(RunningReportTest, TheReaderAndWhatIsEndingAreLeftOut) {
  RunningProcess ending = Process(2, 1002, "R", 70);
  ending.is_ending = true;
  const absl::StatusOr<Report> report =
      ReportOf({ending, Process(3, 1001, "gcc", 1), Process(9, 1003, "cpuagg", 5)});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(UidsOf(*report), (Uids{1001}));
}

TEST(RunningReportTest, RowsAreOfUsersCommandsAndDepartments) {
  const std::vector<RunningProcess> processes = {
      Process(1, 1001, "gcc", 10), Process(2, 1002, "gcc", 20), Process(3, 1001, "make", 5)};
  const absl::StatusOr<Report> commands = ReportOf(processes, {.by = {Dimension::kCommand}});
  ASSERT_EQ(commands->rows.size(), 2u);
  EXPECT_EQ(commands->rows[0].command, "gcc");
  EXPECT_EQ(commands->rows[0].usage.processes, 2u);
  EXPECT_EQ(UidsOf(*ReportOf(processes, {.only_users = {"bob"}})), (Uids{1002}));
  const absl::StatusOr<Report> departments =
      ReportOf(processes, {.by = {Dimension::kDepartment},
                           .departments = *Departments::Parse("alice Physics", "list")});
  ASSERT_EQ(departments->rows.size(), 2u);
  EXPECT_EQ(departments->rows[1].department, "Physics");
  EXPECT_EQ(departments->rows[1].usage.processes, 2u);
  for (const Dimension other : {Dimension::kGroup, Dimension::kTty, Dimension::kSignal,
                                Dimension::kHour, Dimension::kMonth}) {
    EXPECT_EQ(ReportOf(processes, {.by = {other}}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(RunningReportTest, AWarningSaysThatHiddenProcessesAreMissing) {
  PasswdFileDirectory names("");
  acct::ProcessTable table;
  table.is_complete = false;
  const absl::StatusOr<Report> report =
      ReportFromProcesses(table, absl::FromUnixSeconds(kNow), names, {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->excludes_running);
  EXPECT_EQ(report->row_count(), 0u);
  EXPECT_FALSE(report->known.has_value());
}

}  // namespace
}  // namespace cpuagg::aggregate
