#include "notify/render/message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/words/html_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::ReportRow;

ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t ticks) {
  return {.uid = acct::Uid(uid),
          .user = std::move(name),
          .usage = {.processes = 1, .ticks = {.user = ticks}}};
}

Report ReportOf(std::vector<ReportRow> rows, const aggregate::ReportOptions& options = {}) {
  Report report;
  report.host = "web<01>";
  report.id = "web01-1";
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'003'600)};
  FillRows(std::move(rows), options, report);
  return report;
}

TEST(MessageTest, ReadsWell) {
  const Report report = ReportOf({Row(1, "postgres", 22'044'000), Row(2, "ci-runner", 11'760'000),
                                  Row(3, "alice.lovelace-byron", 6'492'000), Row(0, "root", 6'000)},
                                 {.ignored_users = {"root"}});
  EXPECT_EQ(RenderMessage(report, kCaptionLimit).html,
            "<b>web&lt;01&gt;</b> · CPU by user\n"
            "2027-01-15 08:00 – 09:00 UTC\n"
            "Total 111h 56m · 3 users\n"
            "<pre>USER                 TIME    %\n"
            "postgres          61h 14m  55%\n"
            "ci-runner         32h 40m  29%\n"
            "alice.lo…e-byron  18h 02m  16%\n"
            "</pre>Left out: 1 user with 1m 00s\n"
            "web01-1");
}

TEST(MessageTest, HowMuchOfTheMachineWasUsedIsBelowTheTotal) {
  Report report = ReportOf({Row(1, "postgres", 10'044'000), Row(2, "ci-runner", 11'760'000)});
  report.capacity = {.processors = 64,
                     .busy = acct::Ticks(22'000'000),
                     .idle = acct::Ticks(1'040'000),
                     .period_seconds = 3600,
                     .known_seconds = 3600};
  const std::string html = RenderMessage(report, kCaptionLimit).html;
  EXPECT_NE(html.find("\nTotal 60h 34m · 2 users\n"
                      "61:07 of 64:00 CPU hours busy (95%), 99% of that accounted for\n<pre>"),
            std::string::npos)
      << html;
}

TEST(MessageTest, TheTotalIsComparedWithThatOfThePeriodBefore) {
  struct Case {
    const char* period_name;
    uint64_t before;  // in hundredths of a second
    const char* total;
  };
  const Case cases[] = {
      {"day", 1'680'000, "Total 5h 12m · 2 users · +11 % against the day before\n"},
      {"last-day", 1'672'000, "Total 5h 12m · 2 users · +12 % against the day before\n"},
      {"week", 2'000'000, "Total 5h 12m · 2 users · -6 % against the week before\n"},
      {"last-month", 156'000, "Total 5h 12m · 2 users · x 12 against the month before\n"},
      {"", 1'872'000, "Total 5h 12m · 2 users · 0 % against the period before\n"},
      {"last-hour", 0, "Total 5h 12m · 1 user · nothing the hour before\n"},
      {"day", 5'000, "Total 5h 12m · 2 users · +5:11:10 against the day before\n"},
  };
  for (const Case& c : cases) {
    Report report;
    report.period_name = c.period_name;
    FillRows({Row(1, "alice", 1'872'000)}, {.compare_with = aggregate::Period()}, report,
             {{Row(2, "bob", c.before)}});
    const std::string message = RenderMessage(report, kCaptionLimit).html;
    EXPECT_NE(message.find(c.total), std::string::npos) << message;
  }
}

TEST(MessageTest, AQuietPeriodIsSaidAndWhyItIs) {
  Report report = ReportOf({});
  report.known = report.period;
  EXPECT_EQ(RenderMessage(report, kTextLimit).html,
            "<b>web&lt;01&gt;</b> · No CPU usage · 2027-01-15 08:00 – 09:00 UTC\n"
            "No process ended in this period\nweb01-1");
  report.excludes_running = true;
  EXPECT_EQ(RenderMessage(report, kTextLimit).html,
            "<b>web&lt;01&gt;</b> · No CPU usage · 2027-01-15 08:00 – 09:00 UTC\n"
            "Not all jobs that still run are included\n"
            "No process ended in this period\nweb01-1");
}

TEST(MessageTest, EveryRowIsComparedAndJobsThatStillRunAreMarked) {
  ReportRow alice = Row(1, "alice", 22'044'000);
  alice.usage.running_user = 360'000;
  Report report = ReportOf({});
  report.period_name = "last-day";
  report.host = "web01";
  FillRows({alice, Row(2, "ci-runner-with-a-name", 11'760'000), Row(3, "new", 6'492'000)},
           {.compare_with = aggregate::Period()}, report,
           {{Row(1, "alice", 20'000'000), Row(2, "ci-runner-with-a-name", 11'760'000)}});
  EXPECT_EQ(RenderMessage(report, kCaptionLimit).html,
            "<b>web01</b> · CPU by user\n"
            "2027-01-15 08:00 – 09:00 UTC\n"
            "Total 112h 56m · 3 users · +28 % against the day before\n"
            "* of it 1h 00m by jobs that still run\n"
            "<pre>USER           TIME     %    +/-\n"
            "alice       62h 14m*  55%   +12%\n"
            "ci-ru…name  32h 40m   29%     0%\n"
            "new         18h 02m   16%    new\n"
            "</pre>web01-1");
}

TEST(MessageTest, GapsAndDamageAreSaid) {
  Report report = ReportOf({Row(1, "a", 100)});
  report.gaps = {5, {.period = report.period, .reason = "x"}};
  acct::ByteAccount input;
  input.bytes = 128;
  input.AddSkipped(0, 64, acct::SkipReason::kZeros);
  input.cut_short = "it ends early";
  report.inputs = {input};
  EXPECT_NE(RenderMessage(report, kCaptionLimit)
                .html.find("⚠ incomplete 2027-01-15 08:00 – 09:00 UTC\n"
                           "⚠ incomplete 2027-01-15 08:00 – 09:00 UTC\n"
                           "⚠ incomplete 2027-01-15 08:00 – 09:00 UTC\n"
                           "⚠ and 2 more gaps\n"
                           "⚠ 64 damaged bytes not counted\n"
                           "⚠ 1 file could not be read to the end\n"),
            std::string::npos);
}

TEST(MessageTest, ASeriesHasItsOwnWords) {
  Report report = ReportOf({});
  report.by = {aggregate::Dimension::kDay};
  FillRows({{.begin = 1'800'000'000, .usage = {.ticks = {.user = 100}}}},
           {.by = report.by, .sort = aggregate::SortOrder::kTime}, report);
  const std::string message = RenderMessage(report, kCaptionLimit).html;
  EXPECT_NE(message.find(" · CPU by day\n"), std::string::npos) << message;
  EXPECT_NE(message.find(" · 1 day\n<pre>DAY "), std::string::npos) << message;
}

// If there are too many hours, the busiest ones are shown, in the order of time.
TEST(MessageTest, ASeriesThatIsTooLongHasItsBusiestHours) {
  constexpr int64_t kBegin = 1'800'000'000;
  constexpr int kHours = 500;
  for (const size_t limit : {kCaptionLimit, kTextLimit}) {
    Report report = ReportOf({});
    std::vector<ReportRow> rows;
    for (int i = 0; i < kHours; ++i) {
      // Later hours are busier.
      rows.push_back({.begin = kBegin + int64_t{3600} * i,
                      .usage = {.ticks = {.user = 360'000 + uint64_t{6000} * i}}});
    }
    FillRows(std::move(rows),
             {.by = {aggregate::Dimension::kHour},
              .sort = aggregate::SortOrder::kTime,
              .top_by = aggregate::SortOrder::kCpu},
             report);
    const Message message = RenderMessage(report, limit);
    const std::string visible = VisibleText(message.html);
    EXPECT_LE(Utf16Length(visible), limit);
    EXPECT_GT(Utf16Length(visible), limit - 64);
    const uint64_t shown = kHours - message.hidden_rows;
    EXPECT_GT(shown, limit / 50);
    EXPECT_NE(
        visible.find(" · 500 hours\nthe " + std::to_string(shown) + " busiest of 500 hours\nHOUR "),
        std::string::npos)
        << visible;
    EXPECT_NE(visible.find("\n+" + std::to_string(message.hidden_rows) + " others "),
              std::string::npos)
        << visible;
    const size_t table = visible.find("\nHOUR ");
    size_t last = 0;
    for (int i = 0; i < kHours; ++i) {
      const size_t place = visible.find(
          "\n" + absl::FormatTime("%m-%d %H:%M ", absl::FromUnixSeconds(kBegin + int64_t{3600} * i),
                                  absl::UTCTimeZone()),
          table);
      const bool is_shown = i >= kHours - static_cast<int>(shown);
      ASSERT_EQ(place != std::string::npos, is_shown) << i << visible;
      if (!is_shown) continue;
      ASSERT_GT(place, last);
      last = place;
    }
  }
}

TEST(MessageTest, AFileIsSaidToHaveTheRowsThatItHas) {
  std::vector<ReportRow> rows;
  for (uint32_t i = 0; i < 5; ++i) rows.push_back(Row(i, "user", 360'000));
  Report report = ReportOf(rows);
  EXPECT_NE(RenderFileCaption(report).find(" · all 5 users\n"), std::string::npos);
  Report top = ReportOf({});
  FillRows(rows, {.top = 3}, top);
  EXPECT_NE(RenderFileCaption(top).find(" · 3 of 5 users\n"), std::string::npos);
}

// A name in a right-to-left script must not reverse the line.
TEST(MessageTest, NamesFromRightToLeftStayInTheirColumn) {
  const std::string message =
      RenderMessage(ReportOf({Row(1, "دانیال", 360'000)}), kCaptionLimit).html;
  EXPECT_NE(message.find("\n\u200eدانیال\u200e"), std::string::npos) << message;
}

TEST(MessageTest, AHostOfAnyBytesLeavesRoomForTheTable) {
  Report report = ReportOf({Row(1, "alice", 360'000)});
  std::string combining;
  for (int i = 0; i < 5000; ++i) combining += "\u0301";
  for (const std::string& host : {std::string(5000, '\xff'), combining}) {
    report.host = host;
    report.id = host;
    const std::string message = RenderMessage(report, kCaptionLimit).html;
    EXPECT_LE(Utf16Length(VisibleText(message)), kCaptionLimit);
    EXPECT_NE(message.find("alice"), std::string::npos);
  }
}

// Users of the same machine as somebody with such a name still appear in the table.
TEST(MessageTest, RowsWithThousandsOfMarksKeepTheirPlace) {
  std::string marks;
  for (int i = 0; i < 5000; ++i) marks += "\u0301";
  std::vector<ReportRow> rows;
  for (uint32_t i = 0; i < 12; ++i) {
    rows.push_back(Row(i, i % 3 == 0 ? "a" + marks : absl::StrCat("user", i), 360'000 * (20 - i)));
  }
  const Message message = RenderMessage(ReportOf(std::move(rows)), kCaptionLimit);
  EXPECT_EQ(message.hidden_rows, 0u) << message.html;
  EXPECT_LE(Utf16Length(VisibleText(message.html)), kCaptionLimit);
  EXPECT_NE(message.html.find("user11 "), std::string::npos);
}

TEST(MessageTest, TimesOfEverySizeCanBeReadAndATotalIsNeverNothing) {
  Report report = ReportOf({Row(1, "a", 360'000), Row(2, "b", 12'345), Row(3, "c", 42)});
  EXPECT_NE(RenderMessage(report, kCaptionLimit)
                .html.find("Total 1h 02m · 3 users\n"
                           "<pre>USER                 TIME    %\n"
                           "a                  1h 00m  97%\n"
                           "b                  2m 03s   3%\n"
                           "c                   0.42s  &lt;1%\n"),
            std::string::npos)
      << RenderMessage(report, kCaptionLimit).html;
  // From a kernel with 1024 ticks per second.
  ReportRow row = Row(1, "a", 0);
  row.usage.other_rates[1024].user = 3;
  EXPECT_NE(RenderMessage(ReportOf({row}), kCaptionLimit).html.find("Total &lt;0.01s · 1 user\n"),
            std::string::npos);
  EXPECT_NE(RenderMessage(ReportOf({Row(1, "a", 14)}), kCaptionLimit).html.find("Total 0.14s"),
            std::string::npos);
}

TEST(MessageTest, WhoUsesNothingAnyMoreIsShown) {
  Report report = ReportOf({});
  report.period_name = "last-day";
  FillRows({Row(1, "alice", 360'000)}, {.compare_with = aggregate::Period()}, report,
           {{Row(1, "alice", 360'000), Row(2, "bob", 720'000)}});
  EXPECT_NE(RenderMessage(report, kCaptionLimit)
                .html.find("Total 1h 00m · 2 users · -67 % against the day before\n"
                           "<pre>USER            TIME    %    +/-\n"
                           "alice         1h 00m 100%     0%\n"
                           "bob               0s   0%  -100%\n"),
            std::string::npos)
      << RenderMessage(report, kCaptionLimit).html;
}

TEST(MessageTest, NotesLeaveRoomForTheTable) {
  Report report = ReportOf({Row(1, "alice", 360'000)});
  for (int i = 0; i < 100; ++i) {
    report.unmatched.push_back(
        {.kind = aggregate::Unmatched::Kind::kUser, .asked = absl::StrCat("user", i)});
  }
  report.unmatched.push_back(
      {.kind = aggregate::Unmatched::Kind::kUser, .asked = std::string(5000, 'x')});
  for (const size_t limit : {kCaptionLimit, kTextLimit}) {
    const std::string message = RenderMessage(report, limit).html;
    EXPECT_LE(Utf16Length(VisibleText(message)), limit);
    EXPECT_NE(message.find("alice "), std::string::npos) << message;
    EXPECT_NE(message.find(" more notes\n"), std::string::npos) << message;
  }
  report.rows.clear();
  EXPECT_LE(Utf16Length(VisibleText(RenderMessage(report, kCaptionLimit).html)), kCaptionLimit);
}

// Each takes a line, which ends with a character of its own.
TEST(MessageTest, NotesTakeNoMoreThanHalfOfTheRoom) {
  Report report = ReportOf({Row(1, "alice", 360'000)});
  for (const char* user : {"a", "bob", "carol", "dave", "erin", "mallory"}) {
    report.unmatched.push_back({.kind = aggregate::Unmatched::Kind::kUser, .asked = user});
  }
  size_t most_notes = 0;
  for (size_t limit = 200; limit < 700; ++limit) {
    const std::string html = RenderMessage(report, limit).html;
    const size_t head = Utf16Length(VisibleText(html.substr(0, html.find("<pre>"))));
    std::string notes = html.substr(html.find("</pre>") + 6);
    ASSERT_TRUE(absl::EndsWith(notes, report.id)) << html;
    notes.resize(notes.size() - report.id.size());
    // What says that there are more is not counted.
    notes.resize(std::min(notes.size(), notes.find("⚠ and ")));
    EXPECT_LE(Utf16Length(VisibleText(notes)), (limit - head - report.id.size()) / 2) << html;
    most_notes = std::max(most_notes, notes.size());
  }
  EXPECT_GT(most_notes, 100u);
}

// Whatever the names are, the visible text stays within the limit, rows stay whole, columns stay
// aligned, and the table accounts for all CPU time.
TEST(MessageTest, AnyNumberOfAnyNamesFitsTheLimit) {
  const std::vector<std::string> names = {"user",
                                          "<b>&amp;</b>",
                                          "\xff\xfe",
                                          "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂",
                                          "王小明王小明王小明王小明",
                                          "\u202eevil",
                                          std::string(32, 'm')};
  for (const size_t limit : {kCaptionLimit, kTextLimit}) {
    for (const uint32_t users : {1u, 15u, 25u, 26u, 27u, 28u, 29u, 30u, 31u, 200u, 1000u}) {
      for (const std::string& name : names) {
        std::vector<ReportRow> rows;
        for (uint32_t i = 0; i < users; ++i) {
          rows.push_back(Row(i, absl::StrCat(name, i), 360'000 * (users - i)));
        }
        const std::string message = RenderMessage(ReportOf(std::move(rows)), limit).html;
        ASSERT_TRUE(IsUtf8(message));
        const std::string visible = VisibleText(message);
        ASSERT_LE(Utf16Length(visible), limit) << users << " x " << name;
        ASSERT_LE(message.size(), 32'768u) << "the server refuses more, whatever is seen of it";

        const size_t begin = message.find("<pre>") + 5;
        const std::string table =
            VisibleText(message.substr(begin, message.find("</pre>") - begin));
        uint64_t hours = 0;
        for (const absl::string_view line : absl::StrSplit(table, '\n', absl::SkipEmpty())) {
          ASSERT_EQ(DisplayWidth(line), 30u) << line;
          if (line.substr(0, 4) == "USER") continue;
          const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
          ASSERT_EQ(words[words.size() - 2], "00m") << line;
          hours += std::stoull(absl::StrReplaceAll(words[words.size() - 3], {{",", ""}}));
        }
        ASSERT_EQ(hours, uint64_t{users} * (users + 1) / 2) << message;
      }
    }
  }
}

TEST(MessageTest, AsManyRowsAsFitAreShown) {
  std::vector<ReportRow> rows;
  for (uint32_t i = 0; i < 200; ++i) rows.push_back(Row(i, "user", 360'000));
  const std::string visible =
      VisibleText(RenderMessage(ReportOf(std::move(rows)), kCaptionLimit).html);
  EXPECT_GT(Utf16Length(visible), kCaptionLimit - 32);
  EXPECT_NE(visible.find("+172 others"), std::string::npos) << visible;
}

// Every row is complete in one of the parts, and each part makes sense alone.
TEST(MessageTest, TheWholeTableInParts) {
  for (const uint32_t users : {1u, 29u, 30u, 200u, 1000u}) {
    for (const std::string& name :
         {std::string("user"), std::string("<b>&amp;</b>"),
          std::string("🙂🙂🙂🙂🙂🙂🙂🙂"), std::string("דוד")}) {
      std::vector<ReportRow> rows;
      for (uint32_t i = 0; i < users; ++i) {
        rows.push_back(Row(i, absl::StrCat(i, name), 360'000 * (users - i)));
      }
      const std::vector<std::string> parts =
          RenderTableParts(ReportOf(std::move(rows)), kCaptionLimit);
      uint32_t seen = 0;
      for (size_t i = 0; i < parts.size(); ++i) {
        const std::string visible = VisibleText(parts[i]);
        ASSERT_LE(Utf16Length(visible), kCaptionLimit);
        const std::vector<std::string> lines = absl::StrSplit(visible, '\n');
        ASSERT_EQ(lines[0], absl::StrCat("web<01> · CPU by user · ", i + 1, "/", parts.size()));
        ASSERT_EQ(lines[1].substr(0, 5), "USER ");
        ASSERT_EQ(lines.back(), "web01-1");
        for (size_t line = 2; line + 1 < lines.size(); ++line) {
          ASSERT_EQ(DisplayWidth(lines[line]), 30u) << lines[line];
          const absl::string_view row =
              absl::StripPrefix(lines[line], "\u200e");  // around right-to-left names
          ASSERT_TRUE(absl::StartsWith(row, absl::StrCat(seen, ""))) << row;
          ++seen;
        }
      }
      ASSERT_EQ(seen, users);
    }
  }
  EXPECT_TRUE(RenderTableParts(ReportOf({}), kTextLimit).empty());
}

}  // namespace
}  // namespace cpuagg::notify
