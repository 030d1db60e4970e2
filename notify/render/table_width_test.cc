// RenderTable() for terminals of many widths.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/render/example_report.h"
#include "notify/render/report_columns.h"
#include "notify/render/table.h"
#include "notify/words/table_style.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using Lines = std::vector<std::string>;

// `users` of them: names of several scripts, long ones, and ids without a name.
Report Of(uint32_t users, aggregate::Grouping by = {Dimension::kUser}) {
  const std::vector<std::optional<std::string>> names = {
      "alice",        "王小明",
      "محمد-عبدالله", "carolinelongname-department-of-physics-1",
      std::nullopt,   "carolinelongname-department-of-physics-2",
      "zoë",          "👩\u200d👩\u200d👧-family"};
  std::vector<aggregate::ReportRow> rows;
  for (uint32_t i = 0; i < users; ++i) {
    rows.push_back(Row(1000 + i, i < names.size() ? names[i] : absl::StrCat("user", i), 100 + i));
    rows.back().command = i % 2 == 0 ? "a-long-command1" : "gcc";
  }
  Report report;
  report.host = "lab01";
  report.source = "the store";
  FillRows(std::move(rows), {.by = std::move(by)}, report);
  return report;
}

Lines LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

// The headings of a table, joined by single blanks.
std::string Headings(const std::string& table) {
  for (const std::string& line : LinesOf(table)) {
    if (!absl::StrContains(line, "CPU TIME")) continue;
    return absl::StrJoin(Lines(absl::StrSplit(line, ' ', absl::SkipEmpty())), " ");
  }
  return table;
}

TEST(TableWidthTest, NoLineIsWiderThanTheTerminal) {
  for (const uint32_t users : {3u, 15u, 200u}) {
    for (const aggregate::Grouping& by :
         {aggregate::Grouping{Dimension::kUser},
          aggregate::Grouping{Dimension::kUser, Dimension::kCommand}}) {
      const Report report = Of(users, by);
      for (size_t columns = 40; columns <= 200; columns += 4) {
        const TableStyle style = {.terminal_columns = columns};
        for (const std::string& line :
             LinesOf(RenderTable(report, style) + RenderNotes(Example(), style))) {
          EXPECT_LE(DisplayWidth(line), columns) << line;
          EXPECT_TRUE(IsUtf8(line)) << line;
        }
      }
    }
  }
}

TEST(TableWidthTest, TheWidthChoosesTheColumns) {
  const Report report = Of(200);
  const auto headings = [&](size_t columns) {
    return Headings(RenderTable(report, {.terminal_columns = columns}));
  };
  EXPECT_EQ(headings(40), "USER CPU TIME SHARE");
  EXPECT_EQ(headings(80), "USER CPU TIME SHARE PROCESSES MEAN TIME LARGEST");
  EXPECT_EQ(headings(120), "USER CPU TIME SHARE USER TIME SYSTEM TIME PROCESSES MEAN TIME LARGEST");
  EXPECT_EQ(headings(200),
            "USER CPU TIME SHARE USER TIME SYSTEM TIME PROCESSES MEAN TIME LARGEST ELAPSED MEAN "
            "SIZE LARGEST SIZE");
}

TEST(TableWidthTest, AFileHasTheSameColumnsWhateverIsInIt) {
  Report few = Of(3);
  Report many = Of(200);
  const std::string of_files = "USER CPU TIME SHARE PROCESSES MEAN TIME LARGEST";
  EXPECT_EQ(Headings(RenderTable(few)), of_files);
  EXPECT_EQ(Headings(RenderTable(many)), of_files);
  EXPECT_TRUE(absl::StrContains(RenderTable(many), "\ncarolinelongname-department-of-physics-1  "));
  // From the store, whether it knows the time before or not, and whether anything still runs.
  few.is_of_store = true;
  const std::string of_store = "USER CPU TIME SHARE CHANGE PROCESSES LARGEST RUNNING";
  EXPECT_EQ(Headings(RenderTable(few)), of_store);
  few.previous = aggregate::Comparison();
  EXPECT_EQ(Headings(RenderTable(few)), of_store);
  few.rows[0].usage.running_user = 100;
  EXPECT_EQ(Headings(RenderTable(few)), of_store);
  few.period_name = "all";
  EXPECT_EQ(Headings(RenderTable(few)), "USER CPU TIME SHARE PROCESSES LARGEST RUNNING");
}

TEST(TableWidthTest, ColumnsWithoutContentAreLeftOutOnlyInATerminal) {
  Report report = Of(3);
  for (aggregate::ReportRow& row : report.rows) row.usage.major_faults = 0;
  const std::string in_terminal = RenderTable(report, {.terminal_columns = 80, .is_wide = true});
  const std::string in_file = RenderTable(report, {.is_wide = true});
  for (const char* const heading : {"CHANGE", "TIME BEFORE", "RUNNING", "MAJOR FAULTS"}) {
    EXPECT_FALSE(absl::StrContains(in_terminal, heading)) << heading;
    EXPECT_TRUE(absl::StrContains(in_file, heading)) << heading;
  }
  EXPECT_TRUE(absl::EndsWith(Headings(in_terminal), " LARGEST SIZE MINOR FAULTS IO"))
      << in_terminal;
  report.is_of_store = true;
  EXPECT_FALSE(absl::StrContains(RenderTable(report, {.terminal_columns = 80}), "RUNNING"));
  report.rows[0].usage.running_user = 100;
  EXPECT_TRUE(absl::StrContains(RenderTable(report, {.terminal_columns = 80}), "  RUNNING"));
}

TEST(TableWidthTest, TheSortKeyStandsInEveryWidth) {
  Report report = Of(3);
  report.sort = aggregate::SortOrder::kMemory;
  EXPECT_EQ(Headings(RenderTable(report, {.terminal_columns = 40})), "USER CPU TIME MEAN SIZE");
  report.sort = aggregate::SortOrder::kId;
  EXPECT_EQ(Headings(RenderTable(report, {.terminal_columns = 40})), "USER UID CPU TIME SHARE");
}

TEST(TableWidthTest, NamesAreCutOnlyIfTheyMustBe) {
  const Report report = Of(15);
  const auto has = [&](size_t columns, const char* text) {
    return absl::StrContains(RenderTable(report, {.terminal_columns = columns}), text);
  };
  EXPECT_TRUE(has(200, "\ncarolinelongname-department-of-physics-1  "));
  EXPECT_FALSE(has(200, "…"));
  EXPECT_TRUE(has(80, "\ncarolinelongn…of-physics-1  0:"))
      << RenderTable(report, {.terminal_columns = 80});
  EXPECT_FALSE(has(80, "--wide")) << "their ends tell them apart";
}

TEST(TableWidthTest, NamesThatLookTheSamePointToWide) {
  Report report;
  FillRows({Row(1, "carolinelongname-physics-1-department", 3),
            Row(2, "carolinelongname-physics-2-department", 2)},
           {}, report);
  const std::string narrow = RenderTable(report, {.terminal_columns = 40});
  EXPECT_TRUE(absl::EndsWith(narrow,
                             "\n\nSome names look the same because they\n"
                             "are cut; --wide shows all of each.\n"))
      << narrow;
  for (const TableStyle& style : {TableStyle{}, TableStyle{.terminal_columns = 40, .is_wide = true},
                                  TableStyle{.terminal_columns = 200}}) {
    EXPECT_FALSE(absl::StrContains(RenderTable(report, style), "--wide"));
  }
}

TEST(TableWidthTest, AUserOfSeveralRowsDoesNotLookLikeAnother) {
  Report report;
  report.by = {aggregate::Dimension::kUser, aggregate::Dimension::kDay};
  aggregate::ReportRow first = Row(1, "carolinelongname-physics-1-department", 3);
  aggregate::ReportRow second = first;
  first.begin = 1'700'000'000;
  second.begin = 1'700'086'400;
  FillRows({first, second}, {}, report);
  const std::string narrow = RenderTable(report, {.terminal_columns = 50});
  EXPECT_TRUE(absl::StrContains(narrow, "…")) << narrow;
  EXPECT_FALSE(absl::StrContains(narrow, "--wide")) << narrow;
}

TEST(TableWidthTest, ChosenColumnsStandInTheirOrder) {
  const Report report = Of(2);
  const auto table = [&](std::vector<std::string> columns) {
    const std::string text =
        RenderTable(report, {.terminal_columns = 80, .columns = std::move(columns)});
    return text.substr(text.find("\n\n") + 2);
  };
  EXPECT_EQ(table({"share", "user", "change", "uid"}),
            "SHARE  USER    CHANGE  UID\n"
            "  50%  王小明       -  1001\n"
            "  50%  alice        -  1000\n"
            " 100%  total        -\n");
  EXPECT_EQ(table({"processes"}), "PROCESSES\n    1,234\n    1,234\n    2,468\n");
  // Every name has a column.
  const Lines headings = LinesOf(table(ReportColumnNames(report.by)));
  EXPECT_TRUE(absl::StrContains(headings[0], "LARGEST SIZE  MINOR FAULTS")) << headings[0];
}

TEST(TableWidthTest, ChangesAreInPercent) {
  struct Case {
    uint64_t before;
    uint64_t now;
    const char* change;
  };
  for (const Case& c :
       {Case{100, 153, "+53%"}, Case{100, 93, "-7%"}, Case{1000, 1001, "0%"}, Case{100, 100, "0%"},
        Case{0, 5, "new"}, Case{5, 0, "-100%"}, Case{1, 10, "+900%"}, Case{1, 12, ">+999%"},
        Case{1000, 3, ">-100%"}, Case{1000, 1005, "+1%"}, Case{1000, 1004, "0%"}}) {
    Report report;
    aggregate::ReportRow row = Row(1, "alice", c.now);
    row.usage.ticks.system = 0;
    aggregate::ReportRow before = row;
    before.usage.ticks.user = c.before;
    FillRows({row}, {.compare_with = aggregate::Period()}, report, {{before}});
    const std::string table = RenderTable(report, {.columns = {"user", "change"}});
    EXPECT_TRUE(absl::StrContains(table, absl::StrCat(" ", c.change, "\n"))) << table;
  }
}

TEST(TableWidthTest, AsciiHasNothingElse) {
  Report report = Of(15);
  report.host = "zoë";
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'003'600)};
  for (const size_t columns : {size_t{0}, size_t{40}, size_t{80}}) {
    const TableStyle style = {.terminal_columns = columns, .is_ascii = true};
    const std::string text = RenderTable(report, style) + RenderNotes(Example(), style);
    for (const char c : text) EXPECT_TRUE(absl::ascii_isascii(static_cast<unsigned char>(c)));
    EXPECT_TRUE(absl::StrContains(text, "\\u738b\\u5c0f\\u660e")) << text;
    EXPECT_TRUE(absl::StrContains(text, "zo\\u00eb")) << text;
    EXPECT_TRUE(absl::StrContains(text, "08:00 - ")) << text;
  }
  EXPECT_TRUE(
      absl::StrContains(RenderTable(report, {.terminal_columns = 40, .is_ascii = true}), "..."));
}

TEST(TableWidthTest, DamageAndGapsAreColored) {
  const std::string notes = RenderNotes(Example(), {.has_colour = true});
  EXPECT_TRUE(absl::StrContains(notes, "\n\x1b[33mGap: ")) << notes;
  EXPECT_TRUE(absl::StrContains(notes, "\n\x1b[31mDamage: ")) << notes;
  EXPECT_TRUE(absl::EndsWith(notes, "not counted.\x1b[0m\n")) << notes;
  EXPECT_TRUE(absl::StartsWith(notes, "Left out: "));
  EXPECT_FALSE(absl::StrContains(RenderNotes(Example()), "\x1b"));
  EXPECT_FALSE(absl::StrContains(RenderTable(Of(15), {.has_colour = true}), "\x1b"));
}

}  // namespace
}  // namespace cpuagg::notify
