#include "notify/words/labels.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;

TEST(LabelsTest, ARowIsNamedByWhatTheReportTellsApart) {
  aggregate::ReportRow row{.uid = acct::Uid(4294967293u),
                           .gid = acct::Gid(100),
                           .group = "us\ners",
                           .command = "c\x1b++",
                           .tty = 0x8803,
                           .begin = 1'800'000'000};
  aggregate::Report report;
  report.time_zone = absl::FixedTimeZone(3600);
  EXPECT_EQ(LabelOf(row, Dimension::kUser, report), "4294967293");
  EXPECT_EQ(LabelOf(row, Dimension::kGroup, report), "us\\ners");
  EXPECT_EQ(LabelOf(row, Dimension::kCommand, report), "c\\x1b++");
  EXPECT_EQ(LabelOf(row, Dimension::kTty, report), "pts/3");
  EXPECT_EQ(LabelOf(row, Dimension::kHour, report), "2027-01-15 09:00");
  EXPECT_EQ(LabelOf(row, Dimension::kDay, report), "2027-01-15");
  EXPECT_EQ(LabelOf(row, Dimension::kWeek, report), "2027-01-11");
  EXPECT_EQ(LabelOf(row, Dimension::kMonth, report), "2027-01");
  EXPECT_EQ(LabelOf(row, Dimension::kSignal, report), "none");
  row.signal = 11;
  EXPECT_EQ(LabelOf(row, Dimension::kSignal, report), "SEGV");
  row.signal = 40;
  EXPECT_EQ(LabelOf(row, Dimension::kSignal, report), "40") << "a real-time signal has no name";
  row.user = "a\nb";
  EXPECT_EQ(RowLabel(row, report), "a\\nb");
  report.by = {Dimension::kUser, Dimension::kTty};
  EXPECT_EQ(RowLabel(row, report), "a\\nb · pts/3");
}

TEST(LabelsTest, OfTwoHoursWithOneNameEachHasItsOffset) {
  const auto label = [](const char* zone_name, int64_t begin) {
    aggregate::Report report;
    EXPECT_TRUE(absl::LoadTimeZone(zone_name, &report.time_zone)) << zone_name;
    aggregate::ReportRow row;
    row.begin = begin;
    return LabelOf(row, Dimension::kHour, report);
  };
  constexpr int64_t kHour = 3600;
  constexpr int64_t kOctober25 = 1'792'879'200;  // 2026-10-25 00:00 in Berlin
  EXPECT_EQ(label("Europe/Berlin", kOctober25 + kHour), "2026-10-25 01:00");
  EXPECT_EQ(label("Europe/Berlin", kOctober25 + 2 * kHour), "2026-10-25 02:00 +02:00");
  EXPECT_EQ(label("Europe/Berlin", kOctober25 + 3 * kHour), "2026-10-25 02:00 +01:00");
  EXPECT_EQ(label("Europe/Berlin", kOctober25 + 4 * kHour), "2026-10-25 03:00");
  EXPECT_EQ(label("UTC", kOctober25 + 2 * kHour), "2026-10-25 00:00");
  constexpr int64_t kNovember1 = 1'793'500'200;  // 2026-11-01 00:00 in St. John's
  EXPECT_EQ(label("America/St_Johns", kNovember1 + kHour), "2026-11-01 01:00 -02:30");
  EXPECT_EQ(label("America/St_Johns", kNovember1 + 2 * kHour), "2026-11-01 01:00 -03:30");
}

TEST(LabelsTest, AWeekIsNamedByItsFirstDayAndAMonthByItsYear) {
  aggregate::Report report;
  report.by = {Dimension::kWeek, Dimension::kUser};
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &report.time_zone));
  const auto row_of = [&](int year, int month, int day) {
    return aggregate::ReportRow{.begin = absl::ToUnixSeconds(absl::FromCivil(
                                    absl::CivilDay(year, month, day), report.time_zone))};
  };
  report.rows = {row_of(2026, 10, 26), row_of(2026, 11, 2)};
  EXPECT_EQ(LabelOf(report.rows[0], Dimension::kWeek, report), "2026-10-26");
  EXPECT_EQ(BriefLabels(report).Of(report.rows[0], Dimension::kWeek), "10-26");
  EXPECT_EQ(BriefLabels(report).Of(report.rows[0], Dimension::kMonth), "2026-10");
  // The days of a week are of two years.
  report.rows = {row_of(2027, 1, 1)};
  EXPECT_EQ(LabelOf(report.rows[0], Dimension::kWeek, report), "2026-12-28");
  EXPECT_EQ(LabelOf(report.rows[0], Dimension::kMonth, report), "2027-01");
  // The store keeps old commands by month.
  report.rows[0].stretch = {absl::FromCivil(absl::CivilDay(2026, 12, 1), report.time_zone),
                            absl::FromCivil(absl::CivilDay(2027, 1, 1), report.time_zone)};
  EXPECT_EQ(LabelOf(report.rows[0], Dimension::kWeek, report), "2026-12-01 – 2026-12-31");
}

TEST(LabelsTest, WholeDaysAmongHoursAreDays) {
  aggregate::Report report;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &report.time_zone));
  const auto day = [&](int month, int number) {
    return absl::FromCivil(absl::CivilDay(2026, month, number), report.time_zone);
  };
  aggregate::ReportRow row;
  row.begin = absl::ToUnixSeconds(day(10, 25));
  row.stretch = {day(10, 25), day(10, 26)};
  EXPECT_EQ(LabelOf(row, Dimension::kHour, report), "2026-10-25");
  row.stretch = {day(10, 1), day(11, 1)};
  EXPECT_EQ(LabelOf(row, Dimension::kHour, report), "2026-10-01 – 2026-10-31");
  EXPECT_EQ(LabelOf(row, Dimension::kDay, report), "2026-10-01 – 2026-10-31");
  row.stretch = {day(10, 25), day(10, 26) - absl::Seconds(1)};
  EXPECT_EQ(LabelOf(row, Dimension::kHour, report), "2026-10-25 00:00:00 – 23:59:59");
  // The label shows the ends of the report's period, if the row extends beyond it.
  report.period = {day(10, 25) + absl::Hours(3), day(10, 25) + absl::Hours(12)};
  EXPECT_EQ(LabelOf(row, Dimension::kHour, report), "2026-10-25 02:00 – 11:00");
  EXPECT_EQ(BriefLabels(report).Of(row, Dimension::kHour), "10-25 02:00–11:00");
  row.stretch = {day(10, 25), day(10, 26)};
  EXPECT_EQ(LabelOf(row, Dimension::kHour, report), "2026-10-25");
  EXPECT_EQ(BriefLabels(report).Of(row, Dimension::kHour), "10-25");
}

TEST(LabelsTest, BriefTimesLeaveOutWhatAllHaveInCommon) {
  constexpr int64_t kHour = 3600;
  constexpr int64_t kDay = 24 * kHour;
  constexpr int64_t kNoon = 1'795'348'800;  // 2026-11-22
  aggregate::Report report;
  report.by = {Dimension::kHour, Dimension::kDay};
  const auto labels = [&](std::vector<int64_t> begins) {
    report.rows.clear();
    for (const int64_t begin : begins) report.rows.push_back({.begin = begin});
    const BriefLabels brief(report);
    return absl::StrCat(brief.Of(report.rows[0], Dimension::kHour), ", ",
                        brief.Of(report.rows[0], Dimension::kDay));
  };
  EXPECT_EQ(labels({kNoon, kNoon + 2 * kHour}), "12:00, 11-22");
  EXPECT_EQ(labels({kNoon, kNoon - kDay}), "11-22 12:00, 11-22");
  EXPECT_EQ(labels({kNoon, kNoon + 40 * kDay}), "2026-11-22 12:00, 2026-11-22");

  // Below the heading "2026-11-01 – 2026-11-30" it does not tell which day.
  const absl::Time noon = absl::FromUnixSeconds(kNoon);
  const auto day = absl::Hours(24);
  report.period = {.begin = noon - absl::Hours(12), .end = noon + absl::Hours(12)};
  EXPECT_EQ(labels({kNoon, kNoon + 2 * kHour}), "12:00, 11-22");
  for (const aggregate::Period& period :
       {aggregate::Period{report.period.begin, report.period.end + day},
        aggregate::Period{report.period.begin - day, report.period.end}}) {
    report.period = period;
    EXPECT_EQ(labels({kNoon, kNoon + 2 * kHour}), "11-22 12:00, 11-22");
  }
  report.period = {};

  const auto ends = [&](absl::Duration begin, absl::Duration end) {
    report.rows = {{.begin = kNoon, .stretch = aggregate::Period{noon + begin, noon + end}}};
    return BriefLabels(report).Of(report.rows[0], Dimension::kHour);
  };
  EXPECT_EQ(ends(absl::Minutes(30), absl::Minutes(90)), "12:30–13:30");
  EXPECT_EQ(ends(absl::Minutes(30), absl::Seconds(4007)), "12:30–13:06:47");
  EXPECT_EQ(ends(-absl::Hours(12), absl::Hours(12)), "11-22");
  EXPECT_EQ(ends(absl::Minutes(690), absl::Minutes(750)), "11-22 23:30–00:30");
  EXPECT_EQ(ends(absl::Minutes(30), absl::Minutes(30) + absl::Hours(24)),
            "11-22 12:30–11-23 12:30");
  EXPECT_EQ(ends(absl::Hours(12), absl::Hours(60)), "11-23–11-24");
  // Midnight at its end is of the day before.
  EXPECT_EQ(ends(absl::Hours(11), absl::Hours(12)), "23:00–00:00");
  const auto new_years_eve = 39 * absl::Hours(24);
  EXPECT_EQ(ends(new_years_eve - absl::Hours(12), new_years_eve + absl::Hours(12)), "12-31");
  EXPECT_EQ(ends(new_years_eve - absl::Hours(12), new_years_eve + absl::Hours(36)),
            "2026-12-31–2027-01-01");
}

TEST(LabelsTest, ThePeriodBeforeHasAName) {
  struct Case {
    const char* period_name;
    const char* previous_name;
  };
  for (const Case& c : {Case{"day", "the day before"}, Case{"last-day", "the day before"},
                        Case{"last-month", "the month before"}, Case{"", "the period before"}}) {
    aggregate::Report report;
    report.period_name = c.period_name;
    EXPECT_EQ(PreviousName(report), c.previous_name);
    const absl::Time noon = absl::FromUnixSeconds(1'795'348'800);
    report.period = {noon, noon + absl::Hours(24)};
    report.previous = {.period = {noon - absl::Hours(24), noon}};
    EXPECT_EQ(PreviousName(report), c.previous_name);
    report.previous = {.period = {noon - absl::Hours(24), noon - absl::Hours(3)}};
    EXPECT_EQ(PreviousName(report), absl::StrCat("the same part of ", c.previous_name));
  }
}

TEST(LabelsTest, TheSubjectSaysWhatTheReportIsLimitedTo) {
  aggregate::Report report;
  EXPECT_EQ(Subject(report), "CPU by user");
  report.by = {Dimension::kUser, Dimension::kCommand};
  EXPECT_EQ(Subject(report), "CPU by user and command");
  report.by.push_back(Dimension::kDay);
  EXPECT_EQ(Subject(report), "CPU by user, command and day");
  report.by = {Dimension::kUser};
  report.only_users = {"alice"};
  EXPECT_EQ(Subject(report), "CPU by user (only alice)");
  report.only_commands = {"gcc", "\x1b[2J"};
  EXPECT_EQ(Subject(report), "CPU by user (only alice, command gcc, command \\x1b[2J)");
  report.only_users = {"alice", "bob", "carol", "dave"};
  EXPECT_EQ(Subject(report), "CPU by user (only alice, bob, carol and 3 more)");
  report.only_users = {};
  report.only_people = true;
  report.only_groups = {"staff"};
  report.only_commands = {};
  report.processes.signal = 11;
  EXPECT_EQ(Subject(report), "CPU by user (only people, group staff, processes ended by SEGV)");
  report.only_users = {std::string(100, 'x')};
  EXPECT_LT(Subject(report).size(), 80u);
}

TEST(LabelsTest, RowsThatAreNoHoursOrCommandsAreRows) {
  aggregate::Report report;
  report.by = {aggregate::Dimension::kHour};
  report.rows.resize(2);
  EXPECT_EQ(RowNoun(report), "hour");
  report.rows[1].stretch = aggregate::Period();
  EXPECT_EQ(RowNoun(report), "row");
  report.by = {aggregate::Dimension::kCommand};
  report.rows[1] = {};
  EXPECT_EQ(RowNoun(report), "command");
  report.rows[0].command.reset();
  EXPECT_EQ(RowNoun(report), "row");
}

TEST(LabelsTest, WhichRowsAreShownIsSaidUnlessTheyAreThoseWithTheMostCpuTime) {
  using aggregate::Dimension;
  using aggregate::SortOrder;
  struct Case {
    aggregate::Grouping by;
    SortOrder sort;
    SortOrder top_by;
    uint64_t shown;  // of 24
    const char* text;
  };
  const Case cases[] = {
      {{Dimension::kUser}, SortOrder::kCpu, SortOrder::kCpu, 24, ""},
      {{Dimension::kUser}, SortOrder::kCpu, SortOrder::kCpu, 3, ""},
      {{Dimension::kHour}, SortOrder::kTime, SortOrder::kCpu, 24, ""},
      {{Dimension::kHour}, SortOrder::kTime, SortOrder::kCpu, 3, "the 3 busiest of 24 hours"},
      {{Dimension::kHour}, SortOrder::kTime, SortOrder::kCpu, 1, "the busiest of 24 hours"},
      {{Dimension::kHour}, SortOrder::kTime, SortOrder::kTime, 3, "the first 3 of 24 hours"},
      {{Dimension::kHour}, SortOrder::kCpu, SortOrder::kCpu, 3, ""},
      {{Dimension::kUser, Dimension::kDay},
       SortOrder::kTime,
       SortOrder::kCpu,
       3,
       "the 3 busiest of 24 rows"},
      {{Dimension::kUser}, SortOrder::kMemory, SortOrder::kMemory, 24, "sorted by memory"},
      {{Dimension::kUser}, SortOrder::kMean, SortOrder::kMean, 24, "sorted by mean CPU time"},
      {{Dimension::kUser},
       SortOrder::kChange,
       SortOrder::kChange,
       24,
       "sorted by change of CPU time"},
      {{Dimension::kUser},
       SortOrder::kMemory,
       SortOrder::kMemory,
       3,
       "the first 3 of 24 users by memory"},
      {{Dimension::kUser}, SortOrder::kName, SortOrder::kName, 1, "the first of 24 users by name"},
  };
  for (const Case& c : cases) {
    aggregate::Report report;
    report.by = c.by;
    report.sort = c.sort;
    report.top_by = c.top_by;
    report.rows.resize(20);
    report.remaining_rows.rows = 4;
    EXPECT_EQ(ChoiceText(report, c.shown), c.text);
  }
}

TEST(LabelsTest, TheHeadingHasTheLeastCpuTimeOfRows) {
  aggregate::Report report;
  report.rows.resize(3);
  report.remaining_rows.rows = 2;
  report.min_cpu = acct::Ticks(36'000 * acct::kTicksPerSecond);
  EXPECT_EQ(ChoiceText(report, 3), "only with at least 10h 00m of CPU time");
  report.sort = aggregate::SortOrder::kMemory;
  EXPECT_EQ(ChoiceText(report, 3), "only with at least 10h 00m of CPU time, by memory");
}

}  // namespace
}  // namespace cpuagg::notify
