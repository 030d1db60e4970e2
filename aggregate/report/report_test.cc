#include "aggregate/report/report.h"
#include "acct/testing/sanitized.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report_rows.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Row;
using testing::Uids;
using testing::UidsOf;

TEST(ReportTest, MostCpuComesFirstAndTiesGoByUid) {
  Report report;
  FillRows({Row(3, "c", 5), Row(1, "a", 7), Row(2, "b", 5)}, {}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1, 2, 3}));
  EXPECT_EQ(report.totals.user_time(), acct::Ticks(17));
}

TEST(ReportTest, EveryOrder) {
  struct Case {
    SortOrder order;
    Uids uids;
  };
  const std::vector<ReportRow> rows = {Row(3, std::nullopt, 1, 9), Row(1, "b", 2, 8),
                                       Row(2, "a", 3, 7)};
  for (const Case& c : {Case{SortOrder::kCpu, {2, 1, 3}}, Case{SortOrder::kUserTime, {2, 1, 3}},
                        Case{SortOrder::kProcesses, {3, 1, 2}}, Case{SortOrder::kName, {2, 1, 3}},
                        Case{SortOrder::kId, {1, 2, 3}}, Case{SortOrder::kElapsed, {1, 2, 3}}}) {
    Report report;
    FillRows(rows, {.sort = c.order}, report);
    EXPECT_EQ(UidsOf(report), c.uids) << static_cast<int>(c.order);
  }
}

TEST(ReportTest, WhatIsLeftOutIsCountedApart) {
  Report report;
  FillRows({Row(0, "root", 100), Row(1, "a", 10), Row(1005, std::nullopt, 1)},
           {.ignored_users = {"root"}, .leave_out_unknown_users = true}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1}));
  EXPECT_EQ(report.excluded_users.users, 2u);
  EXPECT_EQ(report.excluded_users.usage.cpu_time(), acct::Ticks(101));
  EXPECT_EQ(report.excluded_users.unknown_users, 1u);
  EXPECT_EQ(report.excluded_users.unknown_cpu, acct::Ticks(1));
  EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(10));
  EXPECT_EQ(report.ShareOf(report.rows[0].usage), 1.0);
}

TEST(ReportTest, WhoseNameIsNotKnownYetIsNotLeftOutForWantOfOne) {
  ReportRow unresolved = Row(1005, std::nullopt, 5);
  unresolved.is_unresolved = true;
  for (const Grouping& by : {Grouping{Dimension::kUser}, Grouping{Dimension::kCommand}}) {
    Report report;
    FillRows({Row(1, "a", 10), unresolved, Row(1006, std::nullopt, 1)},
             {.by = by, .leave_out_unknown_users = true}, report);
    EXPECT_EQ(report.excluded_users.users, 1u);
    EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(15));
  }
  // But it can be ignored by its id.
  Report report;
  FillRows({Row(1, "a", 10), unresolved}, {.ignored_users = {"1005"}}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1}));
}

TEST(ReportTest, AUserIsNamedByNameOrById) {
  for (const char* name : {"a", "1"}) {
    Report report;
    FillRows({Row(1, "a", 10), Row(2, "b", 20)}, {.only_users = {name}}, report);
    EXPECT_EQ(UidsOf(report), (Uids{1}));
  }
}

TEST(ReportTest, TopKeepsTheRestInOneGroup) {
  Report report;
  FillRows({Row(1, "a", 30), Row(2, "b", 20), Row(3, "c", 10)}, {.top = 1}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1}));
  EXPECT_EQ(report.remaining_rows.rows, 2u);
  EXPECT_EQ(report.remaining_rows.usage.cpu_time(), acct::Ticks(30));
  EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(60));
  EXPECT_EQ(report.row_count(), 3u);
}

TEST(RowSelectionTest, KeepsTheFirstOfManyAndTheSumOfTheOthers) {
  std::mt19937 random(11);
  constexpr uint32_t kRows = acct::testing::LessIfSanitized(5000, 1000);
  for (const SortOrder order : {SortOrder::kCpu, SortOrder::kProcesses, SortOrder::kId}) {
    std::vector<ReportRow> rows;
    for (uint32_t i = 0; i < kRows; ++i) {
      // Many equal rows.
      ReportRow row = Row(i, std::nullopt, random() % 100);
      row.usage.processes = random() % 100;
      rows.push_back(std::move(row));
    }
    std::shuffle(rows.begin(), rows.end(), random);
    Report all;
    FillRows(rows, {.sort = order}, all);
    ASSERT_EQ(all.rows.size(), rows.size());
    for (const size_t top : {1u, 10u, kRows - 1, kRows, kRows + 1000}) {
      RowSelection selection({.sort = order, .top = top});
      for (const ReportRow& row : rows) {
        if (selection.IsBehind(row.usage)) {
          selection.AddBehind(row.usage);
        } else {
          selection.Add(row);
        }
      }
      Report report;
      selection.Finish(report);
      ASSERT_EQ(report.rows.size(), std::min(top, rows.size()));
      EXPECT_EQ(report.row_count(), rows.size());
      Usage others;
      for (size_t i = 0; i < rows.size(); ++i) {
        if (i < report.rows.size()) {
          ASSERT_EQ(report.rows[i].uid, all.rows[i].uid);
        } else {
          others += all.rows[i].usage;
        }
      }
      EXPECT_EQ(report.remaining_rows.usage, others);
      EXPECT_EQ(report.totals, all.totals);
    }
  }
}

ReportRow Hour(int64_t begin, uint64_t user_ticks, uint32_t uid = 0) {
  ReportRow row = Row(uid, std::nullopt, user_ticks);
  row.begin = begin;
  return row;
}

std::vector<int64_t> TimesOf(const Report& report) {
  std::vector<int64_t> times;
  for (const ReportRow& row : report.rows) times.push_back(row.begin);
  return times;
}

TEST(ReportTest, TheBusiestHoursCanBeInTheOrderOfTime) {
  const std::vector<ReportRow> rows = {Hour(7200, 5), Hour(0, 30), Hour(3600, 1), Hour(10800, 40)};
  Report report;
  FillRows(
      rows,
      {.by = {Dimension::kHour}, .sort = SortOrder::kTime, .top = 3, .top_by = SortOrder::kCpu},
      report);
  EXPECT_EQ(TimesOf(report), (std::vector<int64_t>{0, 7200, 10800}));
  EXPECT_EQ(report.remaining_rows.rows, 1u);
  EXPECT_EQ(report.remaining_rows.usage.cpu_time(), acct::Ticks(1));
  EXPECT_EQ(report.sort, SortOrder::kTime);
  EXPECT_EQ(report.top_by, SortOrder::kCpu);
  EXPECT_EQ(ByChoice(report), (std::vector<size_t>{2, 0, 1}));
  // Without a separate key, rows are chosen by the sort key.
  Report first;
  FillRows(rows, {.by = {Dimension::kHour}, .sort = SortOrder::kTime, .top = 3}, first);
  EXPECT_EQ(TimesOf(first), (std::vector<int64_t>{0, 3600, 7200}));
  EXPECT_EQ(first.top_by, SortOrder::kTime);
  EXPECT_EQ(ByChoice(first), (std::vector<size_t>{0, 1, 2}));
}

TEST(ReportTest, NamesAreSortedAsTheyAreLabelledAndBeforeTimes) {
  const auto row = [](int64_t begin, const char* user, const char* command) {
    ReportRow made = Row(1, user, 1);
    made.begin = begin;
    made.command = command;
    return made;
  };
  const std::vector<ReportRow> rows = {row(3600, "a", "y"), row(0, "b", "x"), row(0, "a", "y"),
                                       row(0, "a", "x")};
  struct Case {
    Grouping by;
    const char* labels;
  };
  for (const Case& c :
       {Case{{Dimension::kHour, Dimension::kUser, Dimension::kCommand}, "ax0 ay0 ay3600 bx0 "},
        Case{{Dimension::kCommand, Dimension::kHour, Dimension::kUser}, "ax0 bx0 ay0 ay3600 "}}) {
    Report report;
    FillRows(rows, {.by = c.by, .sort = SortOrder::kName}, report);
    std::string labels;
    for (const ReportRow& shown : report.rows) {
      labels += *shown.user + *shown.command + std::to_string(shown.begin) + " ";
    }
    EXPECT_EQ(labels, c.labels);
  }
}

// For all pairs of keys, the first rows by the one are shown in the order of the other, and no row
// for which IsBehind() is true is among them.
TEST(RowSelectionTest, ChoosesByOneKeyAndSortsByAnother) {
  std::mt19937 random(13);
  std::vector<ReportRow> rows;
  constexpr uint32_t kRows = acct::testing::LessIfSanitized(3000, 500);
  for (uint32_t i = 0; i < kRows; ++i) {
    rows.push_back(Hour(int64_t{3600} * i, random() % 50, static_cast<uint32_t>(random() % 7)));
    rows.back().usage.processes = random() % 50;
  }
  std::shuffle(rows.begin(), rows.end(), random);
  for (const SortOrder top_by : {SortOrder::kCpu, SortOrder::kProcesses, SortOrder::kTime}) {
    Report chosen;
    FillRows(rows, {.sort = top_by}, chosen);
    for (const SortOrder sort : {SortOrder::kTime, SortOrder::kCpu, SortOrder::kId}) {
      for (const size_t top : {1u, 7u, kRows / 6, kRows - 1, kRows, kRows + 1000}) {
        RowSelection selection({.sort = sort, .top = top, .top_by = top_by});
        size_t behind = 0;
        for (const ReportRow& row : rows) {
          if (selection.IsBehind(row.usage)) {
            selection.AddBehind(row.usage);
            ++behind;
          } else {
            selection.Add(row);
          }
        }
        Report report;
        selection.Finish(report);
        if (top <= 7 && top_by != SortOrder::kTime) {
          EXPECT_GT(behind, kRows * 5 / 8);
        }
        std::vector<ReportRow> first(
            chosen.rows.begin(),
            chosen.rows.begin() + static_cast<ptrdiff_t>(std::min(top, rows.size())));
        Report expected;
        FillRows(std::move(first), {.sort = sort}, expected);
        ASSERT_EQ(TimesOf(report), TimesOf(expected));
        EXPECT_EQ(report.row_count(), rows.size());
        EXPECT_EQ(report.totals, chosen.totals);
      }
    }
  }
}

TEST(ReportTest, NoUsageHasNoShares) {
  Report report;
  FillRows({Row(1, "a", 0)}, {}, report);
  EXPECT_EQ(report.ShareOf(report.rows[0].usage), 0.0);
}

// The store cannot split the hour that it has begun.
TEST(ReportTest, APeriodOfWhichAPartHasBegunIsNotInTheFuture) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const Period asked = {now + absl::Minutes(10), now + absl::Minutes(30)};
  for (const bool has_begun : {true, false}) {
    Report report;
    report.period = {has_begun ? now - absl::Minutes(30) : asked.begin, asked.end};
    FindOutside(asked, now, report);
    EXPECT_EQ(report.is_in_future, !has_begun);
  }
}

TEST(ReportTest, TheTimeWithoutAccountingIsAGapInThePeriodsThatHaveSomeOfIt) {
  const absl::Time since = absl::FromUnixSeconds(1'800'000'000);
  const absl::Time now = since + absl::Hours(5);
  struct Case {
    Period asked;
    size_t gaps;
  };
  for (const Case& c : {Case{{since - absl::Hours(1), since}, 0},
                        Case{{since - absl::Hours(50), now - absl::Hours(24)}, 0},
                        Case{{since - absl::Hours(1), since + absl::Hours(1)}, 1}, Case{{}, 1}}) {
    Report report;
    SetAccountingOff({.since = since, .remedy = "turn it on"}, c.asked, now, report);
    ASSERT_EQ(report.gaps.size(), c.gaps) << c.asked.end;
    ASSERT_TRUE(report.accounting_off.has_value());
    EXPECT_EQ(report.accounting_off->since, since);
    if (c.gaps == 0) continue;
    EXPECT_EQ(report.gaps[0].period, (Period{since, now}));
    EXPECT_EQ(report.gaps[0].reason, "turn it on");
    EXPECT_TRUE(report.gaps[0].goes_on);
  }
}

TEST(ReportTest, OldPeriodsHaveNoNoteThatAccountingIsOffNow) {
  const absl::Time since = absl::FromUnixSeconds(1'800'000'000);
  const absl::Time now = since + absl::Hours(5);
  Report report;
  SetAccountingOff({.since = since}, {.end = now - absl::Hours(24) - absl::Seconds(1)}, now,
                   report);
  EXPECT_FALSE(report.accounting_off.has_value());
  EXPECT_TRUE(report.gaps.empty());
}

TEST(ReportTest, RowsWithTooLittleCpuTimeAreSummedWithTheOthers) {
  for (const size_t top : {0u, 2u}) {
    Report report;
    FillRows({Row(1, "a", 30), Row(2, "b", 10), Row(3, "c", 9), Row(4, "d", 20)},
             {.top = top, .min_cpu = acct::Ticks(10)}, report);
    EXPECT_EQ(UidsOf(report), top == 0 ? (Uids{1, 4, 2}) : (Uids{1, 4}));
    EXPECT_EQ(report.remaining_rows.rows, top == 0 ? 1u : 2u);
    EXPECT_EQ(report.remaining_rows.usage.cpu_time(), acct::Ticks(top == 0 ? 9 : 19));
    EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(69));
    EXPECT_EQ(report.min_cpu, acct::Ticks(10));
  }
}

TEST(ReportTest, MeansAndFaultsAreOrdersToo) {
  std::vector<ReportRow> rows = {Row(1, "a", 30, 10), Row(2, "b", 10, 2), Row(3, "c", 9, 3)};
  rows[2].usage.major_faults = 7;
  rows[0].usage.major_faults = 3;
  // It still runs: no process has ended.
  rows.push_back(Row(4, "d", 0, 0));
  rows.back().usage.running_user = 100;
  Report report;
  FillRows(rows, {.sort = SortOrder::kMean}, report);
  EXPECT_EQ(UidsOf(report), (Uids{2, 1, 3, 4}));
  FillRows(rows, {.sort = SortOrder::kMajorFaults}, report);
  EXPECT_EQ(UidsOf(report), (Uids{3, 1, 2, 4}));
}

TEST(ReportTest, PeopleHaveNoIdsOfTheSystem) {
  Report report;
  FillRows({Row(0, "root", 9), Row(999, "polkit", 8), Row(1000, "a", 7), Row(65'534, "nobody", 6),
            Row(61'184, std::nullopt, 5), Row(65'519, "fwupd", 4), Row(60'513, "homed", 3),
            Row(1'234'567, std::nullopt, 2)},
           {.only_people = true}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1000, 60'513, 1'234'567}));
  EXPECT_EQ(report.excluded_users.users, 5u);
  EXPECT_TRUE(report.only_people);
}

TEST(ReportTest, ANameThatOnlyOtherProcessesHaveIsNotATypingError) {
  Report report;
  FillRows({Row(1, "a", 5)},
           {.only_users = {"b", "z"}, .processes = {.signal = ProcessChoice::kAnySignal}}, report,
           std::nullopt, {Row(1, "a", 5, 3), Row(2, "b", 7, 4)});
  EXPECT_TRUE(report.rows.empty());
  ASSERT_EQ(report.unmatched.size(), 1u);
  EXPECT_EQ(report.unmatched[0].asked, "z");
  EXPECT_EQ(report.other_processes, 4u) << "of the chosen user";
  EXPECT_EQ(report.processes.signal, ProcessChoice::kAnySignal);
}

}  // namespace
}  // namespace cpuagg::aggregate
