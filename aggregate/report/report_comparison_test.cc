// What a report is compared with: the usage of the period before.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/report/report_rows.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Row;
using testing::Uids;
using testing::UidsOf;

const Period kBefore = {absl::FromUnixSeconds(3600), absl::FromUnixSeconds(7200)};

using Cpu = std::vector<std::optional<acct::ExactTime>>;

Cpu PreviousCpuOf(const Report& report) {
  Cpu cpu;
  for (const ReportRow& row : report.rows) cpu.push_back(row.previous_cpu);
  return cpu;
}

acct::ExactTime Hundredths(uint64_t count) { return acct::Ticks(count); }

TEST(ReportComparisonTest, EachRowHasWhatItUsedBefore) {
  Report report;
  FillRows({Row(1, "a", 30), Row(2, "b", 20), Row(3, "c", 10)}, {.compare_with = kBefore}, report,
           {{Row(3, "c", 7), Row(1, "a", 5)}});
  ASSERT_TRUE(report.previous.has_value());
  EXPECT_EQ(report.previous->period, kBefore);
  EXPECT_EQ(report.previous->cpu, Hundredths(12));
  EXPECT_EQ(UidsOf(report), (Uids{1, 2, 3}));
  EXPECT_EQ(PreviousCpuOf(report), (Cpu{Hundredths(5), Hundredths(0), Hundredths(7)}));
  EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(60));
}

TEST(ReportComparisonTest, WhoUsesNothingAnyMoreIsARowToo) {
  std::vector<ReportRow> before = {Row(2, "idle", 0), Row(3, "less", 7), Row(4, "most", 100)};
  before.push_back(Row(5, "root", 1000));
  Report report;
  FillRows({Row(1, "a", 30)}, {.ignored_users = {"root"}, .compare_with = kBefore}, report, before);
  EXPECT_EQ(UidsOf(report), (Uids{1, 4, 3}));
  EXPECT_EQ(PreviousCpuOf(report), (Cpu{Hundredths(0), Hundredths(100), Hundredths(7)}));
  EXPECT_EQ(report.rows[1].user, "most");
  EXPECT_EQ(report.rows[1].usage, Usage());
  EXPECT_EQ(report.previous->cpu, Hundredths(107));
  EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(30));

  // The commands kept by name differ from time to time.
  Report by_command;
  FillRows({Row(1, "a", 30)},
           {.by = {Dimension::kUser, Dimension::kCommand}, .compare_with = kBefore}, by_command,
           before);
  EXPECT_EQ(UidsOf(by_command), (Uids{1}));
  ReportRow unnamed = Row(1, "a", 30);
  unnamed.command.reset();
  Report of_command;
  FillRows({unnamed, Row(1, "a", 3)}, {.only_commands = {""}, .compare_with = kBefore}, of_command,
           before);
  EXPECT_EQ(UidsOf(of_command), (Uids{1}));

  // Nobody used anything.
  Report quiet;
  FillRows({}, {.ignored_users = {"root"}, .compare_with = kBefore}, quiet, before);
  EXPECT_EQ(UidsOf(quiet), (Uids{4, 3}));
  EXPECT_EQ(PreviousCpuOf(quiet), (Cpu{Hundredths(100), Hundredths(7)}));
  EXPECT_EQ(quiet.totals, Usage());
  EXPECT_FALSE(quiet.has_usage());
  EXPECT_TRUE(report.has_usage());
}

TEST(ReportComparisonTest, ThereIsNoneWithoutRowsOfThatPeriod) {
  Report report;
  FillRows({Row(1, "a", 30)}, {.top = 1, .compare_with = kBefore}, report);
  EXPECT_FALSE(report.previous.has_value());
  EXPECT_FALSE(report.rows[0].previous_cpu.has_value());
  EXPECT_FALSE(report.remaining_rows.previous_cpu.has_value());
}

TEST(ReportComparisonTest, APeriodInWhichNothingWasUsedIsOneToo) {
  Report report;
  FillRows({Row(1, "a", 30)}, {.compare_with = kBefore}, report, std::vector<ReportRow>());
  ASSERT_TRUE(report.previous.has_value());
  EXPECT_EQ(report.previous->cpu, acct::ExactTime());
  EXPECT_EQ(PreviousCpuOf(report), Cpu{acct::ExactTime()});
}

TEST(ReportComparisonTest, WhoIsNotShownIsComparedTogether) {
  Report report;
  FillRows({Row(1, "a", 30), Row(2, "b", 20), Row(3, "c", 10)}, {.top = 1, .compare_with = kBefore},
           report, {{Row(1, "a", 1), Row(2, "b", 2), Row(3, "c", 4), Row(4, "gone", 8)}});
  EXPECT_EQ(PreviousCpuOf(report), Cpu{Hundredths(1)});
  EXPECT_EQ(report.remaining_rows.rows, 3u);
  EXPECT_EQ(report.remaining_rows.previous_cpu, Hundredths(14));
  EXPECT_EQ(report.previous->cpu, Hundredths(15));
}

TEST(ReportComparisonTest, TheSameUsersAreChosenInBothPeriods) {
  Report report;
  FillRows({Row(0, "root", 100), Row(1, "a", 10), Row(1005, std::nullopt, 1)},
           {.ignored_users = {"root"}, .leave_out_unknown_users = true, .compare_with = kBefore},
           report, {{Row(0, "root", 50), Row(1, "a", 5), Row(1006, std::nullopt, 2)}});
  EXPECT_EQ(report.previous->cpu, Hundredths(5));
  EXPECT_EQ(PreviousCpuOf(report), Cpu{Hundredths(5)});
  // Only in the period itself.
  EXPECT_EQ(report.excluded_users.users, 2u);
  EXPECT_EQ(report.excluded_users.usage.cpu_time(), acct::Ticks(101));

  Report of_one;
  FillRows({Row(1, "a", 10), Row(2, "b", 20)}, {.only_users = {"a"}, .compare_with = kBefore},
           of_one, {{Row(1, "a", 3), Row(2, "b", 4)}});
  EXPECT_EQ(of_one.previous->cpu, Hundredths(3));
}

TEST(ReportComparisonTest, AnIdThatIsUsedAgainIsAnotherUser) {
  Report report;
  FillRows({Row(1, "new", 10), Row(2, std::nullopt, 5)}, {.compare_with = kBefore}, report,
           {{Row(1, "old", 7), Row(2, std::nullopt, 3)}});
  EXPECT_EQ(PreviousCpuOf(report), (Cpu{Hundredths(0), Hundredths(3), Hundredths(7)}));
  EXPECT_EQ(report.rows[2].user, "old");
  EXPECT_EQ(report.previous->cpu, Hundredths(10));
}

TEST(ReportComparisonTest, RowsAreComparedByWhatTheReportTellsApart) {
  const auto row = [](uint32_t uid, const char* user, const char* command, uint64_t ticks) {
    ReportRow made = Row(uid, user, ticks);
    made.command = command;
    return made;
  };
  const std::vector<ReportRow> rows = {row(1, "a", "gcc", 10), row(2, "b", "gcc", 20),
                                       row(1, "a", "ld", 5)};
  const std::vector<ReportRow> before = {row(1, "a", "gcc", 1), row(2, "b", "gcc", 2),
                                         row(2, "b", "ld", 4), row(3, "c", "gcc", 8)};
  // Users are distinguished for the selection, but share one row per command.
  Report report;
  FillRows(rows, {.by = {Dimension::kCommand}, .ignored_users = {"c"}, .compare_with = kBefore},
           report, before);
  EXPECT_EQ(PreviousCpuOf(report), (Cpu{Hundredths(3), Hundredths(4)}));
  EXPECT_EQ(report.previous->cpu, Hundredths(7));

  Report both;
  FillRows(rows, {.by = {Dimension::kUser, Dimension::kCommand}, .compare_with = kBefore}, both,
           before);
  EXPECT_EQ(PreviousCpuOf(both), (Cpu{Hundredths(2), Hundredths(1), Hundredths(0)}));
}

TEST(ReportComparisonTest, WhatWasUsedWithoutAccountingIsUnknown) {
  Report report;
  FillRows({Row(1, "a", 30)}, {.compare_with = kBefore}, report, {{Row(1, "a", 5)}});
  const absl::Time since = kBefore.begin + absl::Minutes(20);
  SetAccountingOff({.since = since}, {.begin = kBefore.end}, kBefore.end + absl::Hours(1), report);
  EXPECT_EQ(report.previous->unknown, (std::vector<Period>{{since, kBefore.end}}));
}

TEST(ReportComparisonTest, HoursAndDaysHaveNoCounterpart) {
  for (const Grouping& by : {Grouping{Dimension::kHour}, {Dimension::kUser, Dimension::kDay}}) {
    Report report;
    FillRows({Row(1, "a", 30)}, {.by = by, .compare_with = kBefore}, report, {{Row(1, "a", 5)}});
    EXPECT_FALSE(report.previous.has_value());
    EXPECT_FALSE(report.rows[0].previous_cpu.has_value());
  }
}

TEST(ReportComparisonTest, TheLargestGrowthComesFirst) {
  const std::vector<ReportRow> now = {Row(1, "less", 300), Row(2, "more", 20), Row(3, "same", 100),
                                      Row(4, "new", 5)};
  const std::vector<ReportRow> before = {Row(1, "less", 400), Row(2, "more", 10),
                                         Row(3, "same", 100), Row(5, "gone", 50)};
  Report report;
  FillRows(now, {.sort = SortOrder::kChange, .compare_with = kBefore}, report, before);
  EXPECT_EQ(UidsOf(report), (Uids{2, 4, 3, 5, 1}));
  Report top;
  FillRows(now, {.sort = SortOrder::kChange, .top = 1, .compare_with = kBefore}, top, before);
  EXPECT_EQ(UidsOf(top), (Uids{2}));

  // Without a comparison there is no change, and the heading must not say so.
  Report alone;
  FillRows(now, {.sort = SortOrder::kChange, .compare_with = kBefore}, alone);
  EXPECT_EQ(UidsOf(alone), (Uids{1, 3, 2, 4}));
  EXPECT_EQ(alone.sort, SortOrder::kCpu);
  EXPECT_EQ(alone.top_by, SortOrder::kCpu);
}

}  // namespace
}  // namespace cpuagg::aggregate
