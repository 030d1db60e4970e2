#include "notify/render/table.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/render/example_report.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;

TEST(TableTest, ReadsWell) {
  EXPECT_EQ(RenderTable(Example()),
            "CPU by user on lab01, 2027-01-15 08:00 – 09:00 UTC\n"
            "from pacct\n"
            "\n"
            "USER                CPU TIME  SHARE  PROCESSES   MEAN TIME     LARGEST\n"
            "alice             1:00:00.07    97%      1,234  0:00:02.92  0:30:00.00\n"
            "carolinelongname  0:01:40.07     3%      1,234  0:00:00.08  0:00:50.00\n"
            "1005              0:00:00.08    <1%      1,234  0:00:00.00  0:00:00.00\n"
            "+ 1 other         0:00:00.07    <1%      1,234  0:00:00.00  0:00:00.00\n"
            "total             1:01:40.29   100%      4,936  0:00:00.75  0:30:00.00\n");
}

TEST(TableTest, HowMuchOfTheMachineWasUsedIsALineAndWhatIsNotAccountedForIsARow) {
  Report report = Example();
  report.capacity = {.processors = 2,
                     .busy = acct::Ticks(400'000),
                     .idle = acct::Ticks(320'000),
                     .period_seconds = 3600,
                     .known_seconds = 3600};
  const std::string table = RenderTable(report);
  EXPECT_NE(table.find("\nfrom pacct\n"
                       "1:07 of 2:00 CPU hours busy (56%), 93% of that accounted for\n\nUSER"),
            std::string::npos)
      << table;
  // The user that is left out is accounted for.
  EXPECT_NE(table.find("\nnot accounted     0:04:54.64\n"), std::string::npos) << table;
  report.capacity->busy = acct::Ticks(300'000);
  EXPECT_EQ(RenderTable(report).find("not accounted"), std::string::npos);
  // There may be no processes at all.
  Report empty;
  empty.capacity = report.capacity;
  EXPECT_EQ(RenderTable(empty).substr(RenderTable(empty).find("from")),
            "from \n0:50 of 1:43 CPU hours busy (48%), 0% of that accounted for\n\n"
            "No CPU usage.\n");
}

TEST(TableTest, NotesSayWhatTheNumbersDoNot) {
  EXPECT_EQ(RenderNotes(Example()),
            "Left out: 1 user with 0:00:05.07 of CPU time (ignored, or without an account).\n"
            "Gap: 2027-01-15 08:00 – 09:00 UTC: the file is gone.\n"
            "Damage: pacct: 133 bytes of 645 could not be read and are not counted.\n");
  Report ordinary;
  ordinary.remaining_rows.rows = 1;
  EXPECT_EQ(RenderNotes(ordinary), "");
}

TEST(TableTest, AnEmptyReportSaysWhy) {
  Report report;
  report.source = "pacct";
  EXPECT_EQ(RenderNotes(report), "There are no records in pacct.\n");
  report.known = {absl::FromUnixSeconds(1'800'000'000), absl::FromUnixSeconds(1'800'003'600)};
  EXPECT_EQ(RenderNotes(report),
            "No process ended in this period; the records are of 2027-01-15 08:00 – 09:00 UTC.\n");
  // Exclusions and unmatched requests are reason enough.
  report.excluded_users.users = 1;
  EXPECT_EQ(RenderNotes(report),
            "Left out: 1 user with 0:00:00.00 of CPU time (ignored, or without an account).\n");
}

TEST(TableTest, NoUsageIsASentence) {
  Report report;
  report.host = "lab01";
  report.source = "pacct";
  EXPECT_EQ(RenderTable(report), "CPU by user on lab01, all time\nfrom pacct\n\nNo CPU usage.\n");
}

TEST(TableTest, HostileNamesKeepTheColumns) {
  Report report;
  FillRows({Row(1, "\x1b[2J\n", 3), Row(2, "王小明", 2), Row(3, std::string(100, 'x'), 1)}, {},
           report);
  const std::string table = RenderTable(report);
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  const std::string blanks(100 - 9, ' ');
  EXPECT_NE(table.find("\n\\x1b[2J\\n" + blanks + "  0:00:00.10"), std::string::npos) << table;
  EXPECT_NE(table.find("\n王小明   " + blanks + "  0:00:00.09"), std::string::npos) << table;
  EXPECT_NE(table.find("\n" + std::string(100, 'x') + "  0:00:00.08"), std::string::npos) << table;
}

TEST(TableTest, WhatTheRowsAreSortedByHasAColumn) {
  using aggregate::SortOrder;
  const std::vector<aggregate::ReportRow> rows = {Row(1, "a", 3), Row(2, "b", 2)};
  struct Case {
    SortOrder sort;
    const char* heading;
    const char* row;  // of "a"
    const char* total;
  };
  for (const Case& c :
       {Case{SortOrder::kMemory, "LARGEST  MEAN SIZE\n", ".01    2.0 MiB\n", ".01    2.0 MiB\n"},
        Case{SortOrder::kMajorFaults, "LARGEST  MAJOR FAULTS\n", ".01             8\n",
             ".01            16\n"},
        Case{SortOrder::kElapsed, "LARGEST     ELAPSED\n", ".01  0:00:01.00\n",
             ".01  0:00:02.00\n"},
        Case{SortOrder::kId, "\nUSER   UID    CPU TIME  ", "\na      1    0:00:00.10  ",
             "\ntotal       0:00:00.19  "}}) {
    Report report;
    FillRows(rows, {.sort = c.sort}, report);
    const std::string table = RenderTable(report);
    for (const char* const text : {c.heading, c.row, c.total}) {
      EXPECT_NE(table.find(text), std::string::npos) << text << table;
    }
    EXPECT_NE(table.find("\nsorted by "), std::string::npos) << table;
  }
}

TEST(TableTest, OnlyUsersAndGroupsHaveIds) {
  using aggregate::Dimension;
  aggregate::ReportRow row = Row(7, "alice", 3);
  row.gid = acct::Gid(100);
  row.group = "staff";
  row.command = "gcc";
  Report report;
  FillRows({row},
           {.by = {Dimension::kUser, Dimension::kGroup, Dimension::kCommand, Dimension::kTty},
            .sort = aggregate::SortOrder::kId},
           report);
  const std::string table = RenderTable(report);
  EXPECT_NE(table.find("\nUSER   UID  GROUP  GID  COMMAND  TTY     CPU TIME\n"), std::string::npos)
      << table;
  EXPECT_NE(table.find("\nalice  7    staff  100  gcc      none  0:00:00.10\n"), std::string::npos)
      << table;
}

TEST(TableTest, TheHeadingSaysWhichHoursWereChosen) {
  std::vector<aggregate::ReportRow> rows;
  for (const uint64_t ticks : {10u, 40u, 20u, 30u}) {
    rows.push_back({.begin = 1'800'000'000 + 3600 * static_cast<int64_t>(rows.size()),
                    .usage = {.ticks = {.user = ticks}}});
  }
  Report report;
  report.source = "pacct";
  FillRows(std::move(rows),
           {.by = {aggregate::Dimension::kHour},
            .sort = aggregate::SortOrder::kTime,
            .top = 2,
            .top_by = aggregate::SortOrder::kCpu},
           report);
  const std::string table = RenderTable(report);
  EXPECT_NE(table.find("\nfrom pacct\nthe 2 busiest of 4 hours\n\nHOUR "), std::string::npos)
      << table;
  EXPECT_LT(table.find("\n2027-01-15 09:00 "), table.find("\n2027-01-15 11:00 "));
  EXPECT_NE(table.find("\n+ 2 others "), std::string::npos) << table;
}

// Would not end if the work for each line grew with the number of lines.
TEST(TableTest, TakesAsManyUsersAsThereAre) {
  std::vector<aggregate::ReportRow> rows;
  constexpr uint32_t kUsers = 50'000;
  for (uint32_t i = 0; i < kUsers; ++i) rows.push_back(Row(i, std::nullopt, i));
  Report report;
  FillRows(std::move(rows), {}, report);
  const std::string table = RenderTable(report);
  EXPECT_GT(std::count(table.begin(), table.end(), '\n'), kUsers);
}

}  // namespace
}  // namespace cpuagg::notify
