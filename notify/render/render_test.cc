// Tests the renderings of one report as table, CSV and JSON.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/render/csv.h"
#include "notify/render/json.h"
#include "notify/render/table.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using nlohmann::json;

aggregate::ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t user_ticks) {
  return {
      .uid = acct::Uid(uid),
      .user = std::move(name),
      .usage = {
          .processes = 1234,
          .ticks = {.user = user_ticks, .system = 7, .elapsed = 100, .largest_cpu = user_ticks / 2},
          .memory_kib = 2468000,
          .io = 5,
          .minor_faults = 6,
          .major_faults = 8,
          .largest_memory_kib = 4096}};
}

Report Example() {
  Report report;
  report.host = "lab01";
  report.source = "pacct";
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'003'600)};
  FillRows({Row(1001, "alice", 360'000), Row(1003, "carolinelongname", 10'000),
            Row(1005, std::nullopt, 1), Row(1006, std::nullopt, 0), Row(0, "root", 500)},
           {.top = 3, .ignored_users = {"root"}}, report);
  acct::ByteAccount input;
  input.name = "pacct";
  input.bytes = 64 * 10 + 5;
  input.records = 8;
  input.trailing_bytes = 5;
  input.AddSkipped(128, 256, acct::SkipReason::kZeros);
  report.inputs = {input};
  report.gaps = {{.period = report.period, .reason = "the file is gone"}};
  return report;
}

TEST(TableTest, ReadsWell) {
  EXPECT_EQ(RenderTable(Example()),
            "CPU by user on lab01, 2027-01-15 08:00 – 09:00 UTC\n"
            "from pacct\n"
            "\n"
            "USER                CPU TIME  SHARE  USER SECS  SYSTEM SECS  PROCESSES  MEAN SECS  "
            "LARGEST\n"
            "alice             1:00:00.07    97%    3600.00         0.07      1,234       2.92  "
            "1800.00\n"
            "carolinelongname  0:01:40.07     3%     100.00         0.07      1,234       0.08  "
            "  50.00\n"
            "1005              0:00:00.08    <1%       0.01         0.07      1,234       0.00  "
            "   0.00\n"
            "+ 1 other         0:00:00.07    <1%       0.00         0.07      1,234       0.00  "
            "   0.00\n"
            "total             1:01:40.29   100%    3700.01         0.28      4,936       0.75  "
            "1800.00\n");
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
  EXPECT_NE(table.find("\n\\x1b[2J\\n                         0:00:00.10"), std::string::npos)
      << table;
  EXPECT_NE(table.find("\n王小明                            0:00:00.09"), std::string::npos)
      << table;
  EXPECT_NE(table.find("\n" + std::string(16, 'x') + "…" + std::string(15, 'x') + "  0:00:00.08"),
            std::string::npos)
      << table;
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
  for (const Case& c : {Case{SortOrder::kMemory, "LARGEST  MEAN MEMORY KIB\n",
                             "0.01            2,000\n", "0.01            2,000\n"},
                        Case{SortOrder::kElapsed, "LARGEST  ELAPSED SECS\n", "0.01          1.00\n",
                             "0.01          2.00\n"},
                        Case{SortOrder::kId, "\nUSER   UID    CPU TIME  ",
                             "\na      1    0:00:00.10  ", "\ntotal       0:00:00.19  "}}) {
    Report report;
    FillRows(rows, {.sort = c.sort}, report);
    const std::string table = RenderTable(report);
    for (const char* const text : {c.heading, c.row, c.total}) {
      EXPECT_NE(table.find(text), std::string::npos) << text << table;
    }
    EXPECT_NE(table.find("\nsorted by "), std::string::npos) << table;
  }
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

TEST(CsvTest, OneLineAUserWithExactSeconds) {
  EXPECT_EQ(RenderCsv(Example()),
            "uid,user,processes,user_seconds,system_seconds,cpu_seconds,share,elapsed_seconds,"
            "memory_kib,io,minor_faults,major_faults,mean_cpu_seconds,largest_cpu_seconds,"
            "largest_memory_kib,running_cpu_seconds,previous_cpu_seconds\n"
            "1001,alice,1234,3600.00,0.07,3600.07,0.972916,1.00,2000,5,6,8,2.92,1800.00,4096,0.00,"
            "\n"
            "1003,carolinelongname,1234,100.00,0.07,100.07,0.027044,1.00,2000,5,6,8,0.08,50.00,"
            "4096,0.00,\n"
            "1005,,1234,0.01,0.07,0.08,0.000022,1.00,2000,5,6,8,0.00,0.00,4096,0.00,\n");
}

TEST(CsvTest, QuotesWhatNeedsIt) {
  Report report;
  FillRows({Row(1, "a,\"b\"", 3)}, {}, report);
  EXPECT_NE(RenderCsv(report).find("\n1,\"a,\"\"b\"\"\",1234,"), std::string::npos);
}

// Otherwise a spreadsheet would evaluate a command's name as a formula.
TEST(CsvTest, NamesThatLookLikeFormulasAreText) {
  struct Case {
    const char* name;
    const char* field;
  };
  const Case cases[] = {
      {"alice", "alice"},
      {"a=b", "a=b"},
      {"=1+1", "'=1+1"},
      {"+49", "'+49"},
      {"-bash", "'-bash"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"＝1", "'＝1"},
      {"=A1,\"x\"", "\"'=A1,\"\"x\"\"\""},
      {"a;b", "\"a;b\""},
      {"\tx", "\"'\tx\""},
      {"\rx", "\"'\rx\""},
      {"'=1", "'=1"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(CsvField(c.name), c.field);
  Report report;
  FillRows({Row(1, "=1+1", 1)}, {}, report);
  EXPECT_NE(RenderCsv(report).find("\n1,'=1+1,1234,0.01,"), std::string::npos);
}

TEST(JsonTest, HasWhatTheSchemaPromises) {
  const json report = json::parse(RenderJson(Example()));
  EXPECT_EQ(report["schema"], 1);
  EXPECT_EQ(report["host"], "lab01");
  EXPECT_EQ(report["source"], "pacct");
  EXPECT_EQ(report["period"]["start"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(report["period"]["end"], "2027-01-15T09:00:00Z");
  ASSERT_EQ(report["rows"].size(), 3u);
  EXPECT_EQ(report["rows"][0]["uid"], 1001);
  EXPECT_EQ(report["rows"][0]["user"], "alice");
  EXPECT_EQ(report["rows"][0]["processes"], 1234);
  EXPECT_EQ(report["rows"][0]["user_seconds"], 3600.00);
  EXPECT_EQ(report["rows"][0]["system_seconds"], 0.07);
  EXPECT_EQ(report["rows"][0]["cpu_seconds"], 3600.07);
  EXPECT_EQ(report["rows"][0]["elapsed_seconds"], 1.00);
  EXPECT_EQ(report["rows"][0]["memory_kib"], 2000);
  EXPECT_TRUE(report["rows"][2]["user"].is_null());
  EXPECT_EQ(report["others"]["users"], 1);
  EXPECT_EQ(report["left_out"]["users"], 1);
  EXPECT_EQ(report["left_out"]["cpu_seconds"], 5.07);
  EXPECT_EQ(report["totals"]["users"], 4);
  EXPECT_EQ(report["totals"]["cpu_seconds"], 3700.29);
  EXPECT_EQ(report["gaps"][0]["reason"], "the file is gone");
  EXPECT_EQ(report["input"]["files"], 1);
  EXPECT_EQ(report["input"]["bytes"], 645);
  EXPECT_EQ(report["input"]["records"], 8);
  EXPECT_EQ(report["input"]["skipped_bytes"], 128);
  EXPECT_EQ(report["input"]["trailing_bytes"], 5);
  EXPECT_EQ(report["input"]["skipped"][0],
            json({{"file", "pacct"}, {"offset", 128}, {"bytes", 128}, {"reason", "zeros"}}));
}

TEST(JsonTest, AnEmptyReportIsValidToo) {
  const json report = json::parse(RenderJson(Report()));
  EXPECT_TRUE(report["rows"].empty());
  EXPECT_TRUE(report["period"]["start"].is_null());
}

TEST(JsonTest, SecondsAreExactBeyondWhatADoubleHolds) {
  Report report;
  FillRows({{.uid = acct::Uid(1),
             .usage = {.processes = 1, .ticks = {.user = 1'717'777'203'199'999'999}}}},
           {}, report);
  EXPECT_NE(RenderJson(report).find("\"user_seconds\": 17177772031999999.99,"), std::string::npos);
}

// A report with every dimension, for every rendering.
Report ByEverything() {
  Report report;
  report.time_zone = absl::FixedTimeZone(-5 * 3600);
  aggregate::ReportRow row{.uid = acct::Uid(1001),
                           .user = "alice",
                           .gid = acct::Gid(100),
                           .command = "c,c",
                           .tty = 0x8803,
                           .begin = 1'800'000'000,
                           .usage = {.processes = 1}};
  row.usage.other_rates[1024] = {.user = 1, .system = 2, .elapsed = 1024, .largest_cpu = 3};
  FillRows({row},
           {.by = {aggregate::Dimension::kUser, aggregate::Dimension::kGroup,
                   aggregate::Dimension::kCommand, aggregate::Dimension::kTty,
                   aggregate::Dimension::kHour, aggregate::Dimension::kDay}},
           report);
  return report;
}

TEST(RenderTest, RowsSayWhatTheyTellApart) {
  const Report report = ByEverything();
  const std::string table = RenderTable(report);
  EXPECT_NE(table.find("CPU by user, group, command, tty, hour and day on"), std::string::npos);
  EXPECT_NE(table.find("\nalice  100    c,c      pts/3  2027-01-15 03:00  2027-01-15  0:00:00.00"),
            std::string::npos)
      << table;
  EXPECT_NE(RenderCsv(report).find("uid,user,gid,group,command,tty,hour,day,processes,"),
            std::string::npos);
  EXPECT_NE(RenderCsv(report).find(
                "\n1001,alice,100,,\"c,c\",pts/3,2027-01-15T03:00:00-05:00,2027-01-15,1,"
                "0.0009765625,0.001953125,0.0029296875,"),
            std::string::npos)
      << RenderCsv(report);
  const json parsed = json::parse(RenderJson(report));
  EXPECT_EQ(parsed["by"], json({"user", "group", "command", "tty", "hour", "day"}));
  const json row = parsed["rows"][0];
  EXPECT_EQ(row["gid"], 100);
  EXPECT_TRUE(row["group"].is_null());
  EXPECT_EQ(row["command"], "c,c");
  EXPECT_EQ(row["tty"], "pts/3");
  EXPECT_EQ(row["hour"], "2027-01-15T03:00:00-05:00");
  EXPECT_EQ(row["day"], "2027-01-15");
  EXPECT_EQ(parsed["totals"]["rows"], 1);
}

TEST(RenderTest, WhatStillRunsIsMarked) {
  Report report;
  aggregate::ReportRow job = Row(1, "alice", 100);
  job.usage.processes = 1;
  job.usage.running_user = 360'000;
  job.usage.running_system = 50;
  FillRows({job, Row(2, "bob", 100)}, {}, report);
  const std::string table = RenderTable(report);
  EXPECT_NE(table.find("LARGEST  STILL RUNNING\n"), std::string::npos) << table;
  EXPECT_NE(table.find("\nalice  1:00:01.57   100%    3601.00         0.57          1       1.07"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("     0.50        3600.50\n"), std::string::npos) << table;
  const json parsed = json::parse(RenderJson(report));
  EXPECT_EQ(parsed["rows"][0]["running_cpu_seconds"], 3600.5);
  EXPECT_EQ(parsed["rows"][0]["cpu_seconds"], 3601.57);
  report.excludes_running = true;
  EXPECT_EQ(RenderNotes(report), "Not all processes that still run are included.\n");
}

// Alice used more, carolinelongname less, 1005 had no usage before, and bob has none now.
Report Compared(size_t top) {
  Report report;
  report.host = "lab01";
  report.source = "the store";
  report.period = {.begin = absl::FromUnixSeconds(1'799'971'200),
                   .end = absl::FromUnixSeconds(1'800'057'600)};
  const aggregate::Period before = {.begin = absl::FromUnixSeconds(1'799'884'800),
                                    .end = absl::FromUnixSeconds(1'799'938'800)};
  FillRows({Row(1001, "alice", 360'000), Row(1003, "carolinelongname", 9'993),
            Row(1005, std::nullopt, 1), Row(1006, "dave", 1)},
           {.top = top, .compare_with = before}, report,
           {{Row(1001, "alice", 300'000), Row(1002, "bob", 30'000),
             Row(1003, "carolinelongname", 19'993), Row(1006, "dave", 301)}});
  return report;
}

TEST(RenderTest, ChangesStandBesideTheShares) {
  EXPECT_EQ(RenderTable(Compared(5)),
            "CPU by user on lab01, 2027-01-15 00:00 – 2027-01-16 00:00 UTC\n"
            "from the store\n"
            "compared with 2027-01-14 00:00 – 15:00 UTC\n"
            "\n"
            "USER                CPU TIME  SHARE    CHANGE  USER SECS  SYSTEM SECS  PROCESSES  "
            "MEAN SECS  LARGEST\n"
            "alice             1:00:00.07    97%     +20 %    3600.00         0.07      1,234  "
            "     2.92  1800.00\n"
            "carolinelongname  0:01:40.00     3%     -50 %      99.93         0.07      1,234  "
            "     0.08    49.96\n"
            "dave              0:00:00.08    <1%  -0:00:03       0.01         0.07      1,234  "
            "     0.00     0.00\n"
            "1005              0:00:00.08    <1%       new       0.01         0.07      1,234  "
            "     0.00     0.00\n"
            "bob               0:00:00.00     0%    -100 %       0.00         0.00          0  "
            "     0.00     0.00\n"
            "total             1:01:40.23   100%      +6 %    3699.95         0.28      4,936  "
            "     0.75  1800.00\n");
}

TEST(RenderTest, WhatWasUsedBeforeIsExact) {
  const std::string csv = RenderCsv(Compared(3));
  EXPECT_NE(csv.find("\n1001,alice,1234,3600.00,0.07,3600.07,0.972931,1.00,2000,5,6,8,2.92,1800.00,"
                     "4096,0.00,3000.07\n"),
            std::string::npos)
      << csv;
  EXPECT_NE(csv.find(",4096,0.00,200.00\n1006,dave,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",4096,0.00,3.08\n"), std::string::npos) << csv;

  const json report = json::parse(RenderJson(Compared(3)));
  EXPECT_EQ(report["schema"], 1);
  EXPECT_EQ(report["previous"], json({{"start", "2027-01-14T00:00:00Z"},
                                      {"end", "2027-01-14T15:00:00Z"},
                                      {"cpu_seconds", 3503.22}}));
  EXPECT_EQ(report["rows"][0]["previous_cpu_seconds"], 3000.07);
  EXPECT_EQ(report["rows"][1]["previous_cpu_seconds"], 200.00);
  EXPECT_EQ(report["rows"][2]["previous_cpu_seconds"], 3.08);
  EXPECT_EQ(report["others"]["previous_cpu_seconds"], 300.07);
  EXPECT_EQ(report["totals"]["previous_cpu_seconds"], 3503.22);
}

TEST(RenderTest, WithoutAComparisonNothingIsSaidOfOne) {
  const json report = json::parse(RenderJson(Example()));
  EXPECT_TRUE(report["previous"].is_null());
  for (const json& object : {report["rows"][0], report["others"], report["totals"]}) {
    EXPECT_FALSE(object.contains("previous_cpu_seconds")) << object;
  }
  // A period without usage has no rows to compare.
  Report quiet;
  quiet.host = "lab01";
  quiet.source = "the store";
  FillRows({}, {.compare_with = aggregate::Period()}, quiet, {{Row(1, "alice", 100)}});
  EXPECT_EQ(RenderTable(quiet),
            "CPU by user on lab01, all time\nfrom the store\n\nNo CPU usage.\n");
  EXPECT_EQ(json::parse(RenderJson(quiet))["previous"]["cpu_seconds"], 1.07);
}

TEST(RenderTest, TimesInOtherRatesAreExact) {
  const std::string text = RenderJson(ByEverything());
  EXPECT_NE(text.find("\"cpu_seconds\": 0.0029296875,"), std::string::npos) << text;
  const json row = json::parse(text)["rows"][0];
  EXPECT_EQ(
      row["ticks"][1],
      json({{"rate", 1024}, {"user", 1}, {"system", 2}, {"elapsed", 1024}, {"largest_cpu", 3}}));
}

TEST(JsonTest, NamesStayWholeAndTheOutputStaysJson) {
  struct Case {
    std::string name;
    std::string user;
  };
  for (const Case& c : {Case{"zoë \"王\"\n", "zoë \"王\"\n"}, Case{"\xff\xfe", "\\xff\\xfe"}}) {
    Report report;
    FillRows({Row(1, c.name, 3)}, {}, report);
    EXPECT_EQ(json::parse(RenderJson(report))["rows"][0]["user"], c.user);
  }
}

}  // namespace
}  // namespace cpuagg::notify
