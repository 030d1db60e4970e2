// Tests the renderings of one report as table, CSV and JSON.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/render/csv.h"
#include "notify/render/example_report.h"
#include "notify/render/json.h"
#include "notify/render/table.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using nlohmann::json;

TEST(CsvTest, OneLineAUserWithExactSeconds) {
  EXPECT_EQ(RenderCsv(Example()),
            "uid,user,processes,user_seconds,system_seconds,cpu_seconds,share,elapsed_seconds,"
            "memory_kib,io,minor_faults,major_faults,mean_cpu_seconds,largest_cpu_seconds,"
            "largest_memory_kib,running_cpu_seconds,previous_cpu_seconds\n"
            "1001,alice,1234,3600.00,0.07,3600.07,0.972916,1.00,2000,5,6,8,2.92,1800.00,4096,0.00,"
            "\n"
            "1003,carolinelongname,1234,100.00,0.07,100.07,0.027044,1.00,2000,5,6,8,0.08,50.00,"
            "4096,0.00,\n"
            "1005,,1234,0.01,0.07,0.08,0.000022,1.00,2000,5,6,8,0.00,0.00,4096,0.00,\n"
            ",+ 1 other,1234,0.00,0.07,0.07,0.000019,1.00,2000,5,6,8,0.00,0.00,4096,0.00,\n");
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

TEST(JsonTest, CapacityAndCoverageAreExactAndNullIfUnknown) {
  Report report;
  EXPECT_TRUE(json::parse(RenderJson(report))["capacity"].is_null());
  EXPECT_TRUE(json::parse(RenderJson(report))["coverage"].is_null());
  report.capacity = {.processors = 2,
                     .busy = acct::Ticks(400),
                     .idle = acct::Ticks(301),
                     .stolen = acct::Ticks(20),
                     .period_seconds = 4,
                     .known_seconds = 4};
  report.totals.ticks.user = 101;
  EXPECT_NE(RenderJson(report).find(
                "\"capacity\": {\"processors\": 2, \"cpu_seconds\": 7.21, \"busy_seconds\": 4.00, "
                "\"stolen_seconds\": 0.20, \"period_seconds\": 4, \"known_seconds\": 4},\n"
                "  \"coverage\": {\"accounted_seconds\": 1.01, \"unaccounted_seconds\": 2.99, "
                "\"share\": 0.252500},\n"),
            std::string::npos)
      << RenderJson(report);
  report.capacity->known_seconds = 3;
  EXPECT_EQ(json::parse(RenderJson(report))["capacity"]["known_seconds"], 3);
  EXPECT_TRUE(json::parse(RenderJson(report))["coverage"].is_null());
}

// A hostile file cannot make the output as long as it likes, nor can several.
TEST(JsonTest, OfManyDamagedPlacesTheFirstAreListedAndAllAreCounted) {
  acct::ByteAccount input;
  for (uint64_t at = 0; at < 2 * acct::ByteAccount::kMaxListed; at += 2) {
    input.AddSkipped(at * 64, at * 64 + 64, acct::SkipReason::kZeros);
  }
  Report report;
  report.inputs = {input, input};
  const json parsed = json::parse(RenderJson(report))["input"];
  EXPECT_EQ(parsed["skipped"].size(), acct::ByteAccount::kMaxListed);
  EXPECT_EQ(parsed["skipped_regions"], 2 * acct::ByteAccount::kMaxListed);
  EXPECT_EQ(parsed["skipped_bytes"], 2 * 64 * acct::ByteAccount::kMaxListed);
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
  report.host = "lab01";
  report.time_zone = absl::FixedTimeZone(-5 * 3600);
  aggregate::ReportRow row{.uid = acct::Uid(1001),
                           .user = "alice",
                           .gid = acct::Gid(100),
                           .command = "c,c",
                           .tty = 0x8803,
                           .signal = 11,
                           .begin = 1'800'000'000,
                           .usage = {.processes = 1}};
  row.usage.other_rates[1024] = {.user = 1, .system = 2, .elapsed = 1024, .largest_cpu = 3};
  FillRows({row},
           {.by = {aggregate::Dimension::kUser, aggregate::Dimension::kGroup,
                   aggregate::Dimension::kCommand, aggregate::Dimension::kTty,
                   aggregate::Dimension::kSignal, aggregate::Dimension::kHour,
                   aggregate::Dimension::kDay, aggregate::Dimension::kWeek,
                   aggregate::Dimension::kMonth}},
           report);
  return report;
}

TEST(RenderTest, RowsSayWhatTheyTellApart) {
  const Report report = ByEverything();
  const std::string table = RenderTable(report);
  EXPECT_NE(
      table.find("CPU by user, group, command, tty, signal, hour, day, week and month on lab01"),
      std::string::npos);
  EXPECT_NE(table.find(
                "\nalice  100    c,c      pts/3  SEGV    2027-01-15 03:00  2027-01-15  2027-01-11  "
                "2027-01  0:00:00.00"),
            std::string::npos)
      << table;
  EXPECT_NE(RenderCsv(report).find(
                "uid,user,gid,group,command,tty,signal,hour,day,week,month,processes,"),
            std::string::npos);
  EXPECT_NE(
      RenderCsv(report).find("\n1001,alice,100,,\"c,c\",pts/"
                             "3,SEGV,2027-01-15T03:00:00-05:00,2027-01-15,2027-01-11,2027-01,1,"
                             "0.0009765625,0.001953125,0.0029296875,"),
      std::string::npos)
      << RenderCsv(report);
  const json parsed = json::parse(RenderJson(report));
  EXPECT_EQ(parsed["by"],
            json({"user", "group", "command", "tty", "signal", "hour", "day", "week", "month"}));
  const json row = parsed["rows"][0];
  EXPECT_EQ(row["gid"], 100);
  EXPECT_TRUE(row["group"].is_null());
  EXPECT_EQ(row["command"], "c,c");
  EXPECT_EQ(row["tty"], "pts/3");
  EXPECT_EQ(row["hour"], "2027-01-15T03:00:00-05:00");
  EXPECT_EQ(row["day"], "2027-01-15");
  EXPECT_EQ(row["week"], "2027-01-11");
  EXPECT_EQ(row["month"], "2027-01");
  EXPECT_EQ(row["signal"], "SEGV");
  EXPECT_EQ(parsed["totals"]["rows"], 1);
}

TEST(RenderTest, WhatStillRunsIsMarked) {
  Report report;
  aggregate::ReportRow job = Row(1, "alice", 100);
  job.usage.processes = 1;
  job.usage.running_user = 360'000;
  job.usage.running_system = 50;
  FillRows({job, Row(2, "bob", 100)}, {}, report);
  report.is_of_store = true;
  const std::string table = RenderTable(report);
  EXPECT_NE(table.find("LARGEST     RUNNING\n"), std::string::npos) << table;
  EXPECT_NE(table.find("\nalice  1:00:01.57   >99%       -          1  0:00:00.50  1:00:00.50\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("\nbob    0:00:01.07    <1%       -      1,234  0:00:00.50  0:00:00.00\n"),
            std::string::npos)
      << table;
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
  report.is_of_store = true;
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
            "USER                CPU TIME  SHARE  CHANGE  PROCESSES     LARGEST     RUNNING\n"
            "alice             1:00:00.07    97%    +20%      1,234  0:30:00.00  0:00:00.00\n"
            "carolinelongname  0:01:40.00     3%    -50%      1,234  0:00:49.96  0:00:00.00\n"
            "dave              0:00:00.08    <1%    -97%      1,234  0:00:00.00  0:00:00.00\n"
            "1005              0:00:00.08    <1%     new      1,234  0:00:00.00  0:00:00.00\n"
            "bob               0:00:00.00     0%   -100%          0  0:00:00.00  0:00:00.00\n"
            "total             1:01:40.23   100%     +6%      4,936  0:30:00.00  0:00:00.00\n");
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
  // A period without usage has the rows of the one before.
  Report quiet;
  quiet.host = "lab01";
  quiet.source = "the store";
  FillRows({}, {.compare_with = aggregate::Period()}, quiet, {{Row(1, "alice", 100)}});
  EXPECT_EQ(RenderTable(quiet),
            "CPU by user on lab01, all time\nfrom the store\ncompared with all time\n\n"
            "USER     CPU TIME  SHARE  CHANGE  PROCESSES  MEAN TIME     LARGEST\n"
            "alice  0:00:00.00     0%   -100%          0          -  0:00:00.00\n"
            "total  0:00:00.00     0%   -100%          0          -  0:00:00.00\n");
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
