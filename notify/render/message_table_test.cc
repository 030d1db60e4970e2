#include "notify/render/message_table.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;

ReportRow Row(uint32_t uid, std::string name, uint64_t ticks) {
  return {.uid = acct::Uid(uid),
          .user = std::move(name),
          .usage = {.processes = 1, .ticks = {.user = ticks}}};
}

ReportRow AtTime(ReportRow row, absl::Time begin) {
  row.begin = absl::ToUnixSeconds(begin);
  return row;
}

std::string TableOf(std::vector<ReportRow> rows, aggregate::Grouping by) {
  Report report;
  FillRows(std::move(rows), {.by = std::move(by)}, report);
  const MessageTable table(report, ByChoice(report));
  std::string text = table.Header();
  for (const ReportRow& row : report.rows) text += table.RowLine(row);
  return text;
}

TEST(MessageTableTest, SeveralDimensionsShortenTheNameAndNeverTheTime) {
  const absl::Time noon = absl::FromUnixSeconds(1'795'348'800);  // 2026-11-22
  const ReportRow alice = Row(1, "alice.lovelace-byron", 7200);
  const ReportRow bob = Row(2, "bob", 600);
  EXPECT_EQ(TableOf({AtTime(alice, noon), AtTime(bob, noon + absl::Hours(1))},
                    {Dimension::kUser, Dimension::kHour}),
            "USER         HOUR    TIME    %\n"
            "alice.…byron 12:00 1m 12s  92%\n"
            "bob          13:00     6s   8%\n");
  EXPECT_EQ(TableOf({AtTime(alice, noon), AtTime(bob, noon - absl::Hours(24))},
                    {Dimension::kUser, Dimension::kHour}),
            "USER     HOUR          TIME    %\n"
            "alic…ron 11-22 12:00 1m 12s  92%\n"
            "bob      11-21 12:00     6s   8%\n");
  EXPECT_EQ(TableOf({AtTime(alice, noon), AtTime(bob, noon - absl::Hours(24))},
                    {Dimension::kUser, Dimension::kDay}),
            "USER         DAY     TIME    %\n"
            "alice.…byron 11-22 1m 12s  92%\n"
            "bob          11-21     6s   8%\n");
  // Shows the year if it differs between rows.
  EXPECT_EQ(TableOf({AtTime(alice, noon), AtTime(bob, noon - absl::Hours(24 * 365))},
                    {Dimension::kDay, Dimension::kUser}),
            "DAY        USER       TIME    %\n"
            "2026-11-22 alic…ron 1m 12s  92%\n"
            "2025-11-22 bob          6s   8%\n");
  ReportRow with_command = alice;
  with_command.command = "x86_64-gnu-gcc";
  EXPECT_EQ(TableOf({with_command}, {Dimension::kUser, Dimension::kCommand}),
            "USER     COMMAND     TIME    %\n"
            "alic…ron x86_…-gcc 1m 12s 100%\n");
}

// Rows of the store's hours on a clock that is half an hour off, or of days among hours.
TEST(MessageTableTest, TimesWithTwoEndsAreWhole) {
  const absl::Time noon = absl::FromUnixSeconds(1'795'348'800);
  const absl::Time midnight = noon - absl::Hours(12);
  ReportRow shifted = AtTime(Row(1, "alice.lovelace-byron", 7200), noon);
  shifted.stretch = {noon + absl::Minutes(30), noon + absl::Minutes(90)};
  ReportRow day = AtTime(Row(2, "bob", 600), midnight - absl::Hours(24));
  day.stretch = {midnight - absl::Hours(24), midnight};
  EXPECT_EQ(TableOf({shifted, day}, {Dimension::kUser, Dimension::kHour}),
            "USER     HOUR                TIME    %\n"
            "alic…ron 11-22 12:30–13:30 1m 12s  92%\n"
            "bob      11-21                 6s   8%\n");
}

// All lines have the same width, whatever the times are.
TEST(MessageTableTest, ColumnsStayInPlaceForTimesOfEverySize) {
  Report report;
  std::vector<ReportRow> rows;
  for (uint64_t ticks = 1; ticks < uint64_t{1} << 45; ticks = ticks * 7 + 3) {
    rows.push_back(Row(static_cast<uint32_t>(rows.size()), "user", ticks));
    FillRows(rows, {}, report);
    const MessageTable table(report, ByChoice(report));
    for (const ReportRow& row : report.rows) {
      ASSERT_EQ(DisplayWidth(table.RowLine(row)), DisplayWidth(table.Header())) << ticks;
    }
    aggregate::RowGroup others;
    for (size_t i = report.rows.size() / 2; i < report.rows.size(); ++i) {
      ++others.rows;
      others.usage += report.rows[i].usage;
    }
    ASSERT_EQ(DisplayWidth(table.GroupLine(others)), DisplayWidth(table.Header())) << ticks;
    report = Report();
  }
}

}  // namespace
}  // namespace cpuagg::notify
