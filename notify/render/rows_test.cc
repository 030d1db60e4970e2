// Tests the renderings of a report as rows for programs: CSV, TSV and JSON Lines.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/render/csv.h"
#include "notify/render/example_report.h"
#include "notify/render/json.h"
#include "notify/render/jsonl.h"
#include "notify/render/tsv.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using nlohmann::json;

// The last is empty after the last newline.
std::vector<std::string> LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

std::vector<json> ParsedLines(const std::string& text) {
  std::vector<json> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.push_back(json::parse(line.begin(), line.end()));
  }
  return lines;
}

// A comma between thousands would be one between cells.
TEST(RowsTest, AThousandOthersAreOneCell) {
  Report report;
  std::vector<aggregate::ReportRow> rows;
  for (uint32_t i = 0; i < 1101; ++i) {
    rows.push_back({.uid = acct::Uid(i), .usage = {.processes = 1, .ticks = {.user = i}}});
  }
  FillRows(std::move(rows), {.top = 1}, report);
  EXPECT_EQ(LinesOf(RenderCsv(report))[2].substr(0, 19), ",+ 1100 others,1100");
  EXPECT_EQ(LinesOf(RenderTsv(report))[2].substr(0, 20), "\t+ 1100 others\t1100\t");
}

TEST(RowsTest, JsonHasNoLineBreaksNorControlCharacters) {
  Report report;
  FillRows({{.uid = acct::Uid(1), .user = "a\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xc3\xa9"}},
           {}, report);
  EXPECT_NE(RenderJson(report).find("\"a\\u0085\\u2028\\u202e\\u2066\xc3\xa9\""), std::string::npos)
      << RenderJson(report);
  EXPECT_EQ(ParsedLines(RenderJsonLines(report))[0]["user"], *report.rows[0].user);
}

// Two hours of three commands, of which the first two rows are shown, in a zone east of Greenwich.
Report ByCommandAndHour() {
  Report report;
  report.host = "lab01";
  report.time_zone = absl::FixedTimeZone(3600);
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'007'200)};
  std::vector<aggregate::ReportRow> rows;
  for (uint64_t i = 0; i < 4; ++i) {
    rows.push_back({.command = std::string(1, static_cast<char>('a' + i)),
                    .begin = 1'800'000'000 + static_cast<int64_t>(i % 2) * 3600,
                    .usage = {.processes = 1, .ticks = {.user = 400 - i * 100}}});
  }
  FillRows(std::move(rows), {.by = {Dimension::kCommand, Dimension::kHour}, .top = 2}, report);
  return report;
}

TEST(RowsTest, TheOthersAreTheLastLineOfCsvAndTsv) {
  const std::vector<std::string> csv = LinesOf(RenderCsv(ByCommandAndHour()));
  ASSERT_EQ(csv.size(), 5u);
  EXPECT_EQ(csv[2].substr(0, 40), "b,2027-01-15T10:00:00+01:00,1,3.00,0.00,");
  EXPECT_EQ(csv[3], "+ 2 others,,2,3.00,0.00,3.00,0.300000,0.00,0,0,0,0,1.50,0.00,0,0.00,,,");
  const std::vector<std::string> tsv = LinesOf(RenderTsv(ByCommandAndHour()));
  ASSERT_EQ(tsv.size(), 5u);
  EXPECT_EQ(tsv[3].substr(0, 18), "+ 2 others\t\t2\t3.00");
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(std::count(csv[i].begin(), csv[i].end(), ','), 18) << csv[i];
    EXPECT_EQ(std::count(tsv[i].begin(), tsv[i].end(), '\t'), 18) << tsv[i];
  }
}

TEST(RowsTest, TheLineOfTheOthersHasNoIdAndNoUserCanPassForItInCsv) {
  Report report;
  FillRows({Row(1, "+ 1 other", 300), Row(2, "bob", 200), Row(3, "zed", 100)}, {.top = 1}, report);
  const std::vector<std::string> lines = LinesOf(RenderCsv(report));
  EXPECT_EQ(lines[1].substr(0, 18), "1,'+ 1 other,1234,");
  EXPECT_EQ(lines[2].substr(0, 17), ",+ 2 others,2468,");
}

TEST(RowsTest, WithoutOthersThereIsNoLineOfThem) {
  Report report;
  FillRows({Row(1, "alice", 300)}, {.top = 1}, report);
  EXPECT_EQ(LinesOf(RenderCsv(report)).size(), 3u);
  EXPECT_EQ(LinesOf(RenderTsv(report)).size(), 3u);
  EXPECT_EQ(ParsedLines(RenderJsonLines(report)).size(), 1u);
}

TEST(RowsTest, OfTheOthersThePreviousTimeIsShownToo) {
  Report report;
  FillRows({Row(1, "alice", 300), Row(2, "bob", 200)},
           {.top = 1, .compare_with = aggregate::Period()}, report,
           {{Row(1, "alice", 100), Row(2, "bob", 50)}});
  EXPECT_TRUE(absl::EndsWith(RenderCsv(report), ",4096,0.00,0.57\n")) << RenderCsv(report);
  EXPECT_EQ(ParsedLines(RenderJsonLines(report))[1]["previous_cpu_seconds"], 0.57);
}

TEST(RowsTest, ATimeHasTheSameTextInEveryForm) {
  const Report report = ByCommandAndHour();
  const json row = json::parse(RenderJson(report))["rows"][0];
  EXPECT_EQ(row["hour"], "2027-01-15T09:00:00+01:00");
  EXPECT_EQ(row["start"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(row["end"], "2027-01-15T09:00:00Z");
  for (const json& line : {ParsedLines(RenderJsonLines(report))[0]}) {
    EXPECT_EQ(line["hour"], row["hour"]);
    EXPECT_EQ(line["start"], row["start"]);
    EXPECT_EQ(line["end"], row["end"]);
  }
  const std::string csv = LinesOf(RenderCsv(report))[1];
  EXPECT_EQ(csv.substr(0, 28), "a,2027-01-15T09:00:00+01:00,");
  EXPECT_TRUE(absl::EndsWith(csv, ",2027-01-15T08:00:00Z,2027-01-15T09:00:00Z")) << csv;
  const std::string tsv = LinesOf(RenderTsv(report))[1];
  EXPECT_TRUE(absl::EndsWith(tsv, "\t2027-01-15T08:00:00Z\t2027-01-15T09:00:00Z")) << tsv;
}

TEST(TsvTest, HasTheColumnsOfCsv) {
  for (const Report& report : {Example(), ByCommandAndHour()}) {
    std::string csv = LinesOf(RenderCsv(report))[0];
    std::replace(csv.begin(), csv.end(), ',', '\t');
    EXPECT_EQ(LinesOf(RenderTsv(report))[0], csv);
  }
}

TEST(TsvTest, ANameCannotEndItsFieldAndCanBeReadBack) {
  struct Case {
    std::string name;
    const char* field;
  };
  const Case cases[] = {
      {"alice", "alice"},
      {"a\tb", "a\\tb"},
      {"a\nb\r", "a\\nb\\r"},
      {"a\\tb", "a\\\\tb"},
      {"\\", "\\\\"},
      {"a,\"b\";c", "a,\"b\";c"},
      // For a program. A spreadsheet would take it for a formula; CSV is for those.
      {"=1+1", "=1+1"},
      {"\x1b[2J", "\\x1b[2J"},
      {"\xff", "\\xff"},
      {"\xe2\x80\xae", "\\u202e"},
      {"王", "王"},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(TsvField(c.name), c.field);
  Report report;
  FillRows({Row(1, "a\t\\\nb", 1)}, {}, report);
  EXPECT_EQ(LinesOf(RenderTsv(report))[1].substr(0, 17), "1\ta\\t\\\\\\nb\t1234\t0");
}

TEST(JsonLinesTest, ALineHasTheMembersOfItsRowAndWhatMakesItSelfContained) {
  const Report report = Example();
  const std::vector<json> lines = ParsedLines(RenderJsonLines(report));
  const json rows = json::parse(RenderJson(report))["rows"];
  ASSERT_EQ(lines.size(), rows.size() + 1);
  for (size_t i = 0; i < rows.size(); ++i) {
    json expected = rows[i];
    expected["schema"] = 1;
    expected["host"] = "lab01";
    expected["period_start"] = "2027-01-15T08:00:00Z";
    expected["period_end"] = "2027-01-15T09:00:00Z";
    EXPECT_EQ(lines[i], expected);
  }
}

TEST(JsonLinesTest, TheOthersHaveNoGroupAndTheirNumber) {
  const Report report = ByCommandAndHour();
  json others = ParsedLines(RenderJsonLines(report)).back();
  EXPECT_TRUE(others.at("command").is_null());
  EXPECT_TRUE(others.at("hour").is_null());
  EXPECT_EQ(others.at("others"), 2);
  EXPECT_EQ(others.at("cpu_seconds"), 3.00);
  EXPECT_EQ(others.at("host"), "lab01");
  EXPECT_FALSE(ParsedLines(RenderJsonLines(report))[0].contains("others"));
}

TEST(JsonLinesTest, ANameStaysOnItsLine) {
  Report report;
  report.host = "a\nb";
  FillRows({Row(1, "x\n{\"uid\": 0}", 1), Row(2, std::nullopt, 1)}, {}, report);
  const std::vector<json> lines = ParsedLines(RenderJsonLines(report));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["user"], "x\n{\"uid\": 0}");
  EXPECT_EQ(lines[0]["host"], "a\nb");
  EXPECT_TRUE(lines[0]["period_start"].is_null());
  EXPECT_TRUE(lines[1]["user"].is_null());
}

TEST(JsonLinesTest, AnEmptyReportHasNoLines) { EXPECT_EQ(RenderJsonLines(Report()), ""); }

}  // namespace
}  // namespace cpuagg::notify
