// The series that a report by hour or day becomes: its slots, its layers, and whether there is one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_reports.h"
#include "notify/chart/report_chart.h"
#include "notify/chart/series_chart.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using aggregate::CalendarUnit;
using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;
using testing::kDay;
using testing::kHour;
using testing::kMondaySeconds;
using testing::ReportOf;
using testing::Row;
using testing::SeriesReport;

// The usage in each slot.
std::vector<uint64_t> Sums(const SeriesData& data) {
  std::vector<uint64_t> sums(data.slots.size());
  for (const SeriesBar& bar : data.bars) {
    const auto slot = std::upper_bound(data.slots.begin(), data.slots.end(), bar.time.begin);
    uint64_t& sum = sums[static_cast<size_t>(slot - data.slots.begin()) - 1];
    for (const acct::ExactTime cpu : bar.cpu) sum += cpu.ticks().count();
  }
  return sums;
}

TEST(SeriesOfTest, HasEverySlotOfThePeriod) {
  Report report = SeriesReport(
      {Row(0, "", 10, kMondaySeconds + kDay), Row(0, "", 20, kMondaySeconds + 4 * kDay)},
      {Dimension::kDay});
  EXPECT_EQ(Sums(*SeriesOf(report)), (std::vector<uint64_t>{10, 0, 0, 20}))
      << "of all time what is known";
  report.period = {absl::FromUnixSeconds(kMondaySeconds),
                   absl::FromUnixSeconds(kMondaySeconds + 7 * kDay)};
  const std::optional<SeriesData> data = SeriesOf(report);
  EXPECT_EQ(Sums(*data), (std::vector<uint64_t>{0, 10, 0, 0, 20, 0, 0}));
  EXPECT_EQ(data->title, "CPU by day · lab01");
  EXPECT_EQ(data->unit, CalendarUnit::kDay);
  EXPECT_EQ(data->layers.size(), 1u);
  EXPECT_EQ(data->slots[0], absl::FromUnixSeconds(kMondaySeconds));
  EXPECT_EQ(data->slots[6], absl::FromUnixSeconds(kMondaySeconds + 6 * kDay));
}

TEST(SeriesOfTest, HoursThatHaveOneNameStayApart) {
  Report report = SeriesReport({}, {Dimension::kHour});
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &report.time_zone));
  // 00:00 to 04:00 of 2026-10-25, when 02:00 comes twice.
  const int64_t midnight = 1'792'879'200;
  std::vector<ReportRow> rows;
  for (int64_t i = 0; i < 5; ++i) {
    rows.push_back(Row(0, "", 10 + static_cast<uint64_t>(i), midnight + i * kHour));
  }
  FillRows(rows, {.by = report.by, .sort = aggregate::SortOrder::kTime}, report);
  EXPECT_EQ(Sums(*SeriesOf(report)), (std::vector<uint64_t>{10, 11, 12, 13, 14}));
}

// The store's hours in UTC, on a clock that is half an hour off.
TEST(SeriesOfTest, HoursOfAnotherClockAreWhereTheyAre) {
  Report report;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Kolkata", &report.time_zone));
  const absl::Time midnight = absl::FromCivil(absl::CivilDay(2026, 11, 22), report.time_zone);
  std::vector<ReportRow> rows;
  for (int hour = 9; hour < 12; ++hour) {
    const absl::Time begin = midnight + absl::Hours(hour);
    rows.push_back(Row(0, "", 10, absl::ToUnixSeconds(begin)));
    rows.back().stretch = {begin + absl::Minutes(30), begin + absl::Minutes(90)};
  }
  FillRows(rows, {.by = {Dimension::kHour}, .sort = aggregate::SortOrder::kTime}, report);
  const std::optional<SeriesData> data = SeriesOf(report);
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(data->slots.front(), midnight + absl::Hours(9));
  EXPECT_EQ(data->slots.size(), 4u) << "up to half past noon";
  ASSERT_EQ(data->bars.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(data->bars[i].time, *rows[i].stretch);
}

TEST(SeriesOfTest, StacksTheUsersWithMostTimeAndTheOthers) {
  std::vector<ReportRow> rows;
  for (uint32_t user = 0; user < 8; ++user) {
    for (int64_t day = 0; day < 3; ++day) {
      rows.push_back(
          Row(user, absl::StrCat("user", user), 100 * (user + 1), kMondaySeconds + day * kDay));
    }
  }
  rows.back().usage.running_user = 50;
  const std::optional<SeriesData> data =
      SeriesOf(SeriesReport(rows, {Dimension::kUser, Dimension::kDay}));
  EXPECT_EQ(data->title, "CPU by user and day · lab01");
  ASSERT_EQ(data->layers.size(), kMaxSeriesLayers + 1);
  EXPECT_EQ(data->layers[0].label, "user7");
  EXPECT_EQ(data->layers[4].label, "user3");
  EXPECT_FALSE(data->layers[4].is_group);
  EXPECT_EQ(data->layers[5].label, "+ 3 others");
  EXPECT_TRUE(data->layers[5].is_group);
  ASSERT_EQ(data->slots.size(), 3u);
  EXPECT_EQ(data->bars[1].cpu,
            (std::vector<acct::ExactTime>{Ticks(800), Ticks(700), Ticks(600), Ticks(500),
                                          Ticks(400), Ticks(100 + 200 + 300)}));
  EXPECT_EQ(data->bars[2].running, Ticks(50));

  // A single other row keeps its name.
  rows.erase(rows.begin(), rows.begin() + 2 * 3);
  const std::optional<SeriesData> six =
      SeriesOf(SeriesReport(rows, {Dimension::kUser, Dimension::kDay}));
  ASSERT_EQ(six->layers.size(), 6u);
  EXPECT_EQ(six->layers[5].label, "user2");
}

TEST(SeriesOfTest, WeeksAndMonthsHaveSlotsOfTheirOwn) {
  const std::vector<ReportRow> rows = {Row(0, "", 10, kMondaySeconds),
                                       Row(0, "", 20, kMondaySeconds + 21 * kDay)};
  const std::optional<SeriesData> weeks = SeriesOf(SeriesReport(rows, {Dimension::kWeek}));
  EXPECT_EQ(weeks->title, "CPU by week · lab01");
  EXPECT_EQ(weeks->unit, CalendarUnit::kWeek);
  EXPECT_EQ(Sums(*weeks), (std::vector<uint64_t>{10, 0, 0, 20}));
  constexpr int64_t kNovember = kMondaySeconds - 15 * kDay;
  const std::optional<SeriesData> months =
      SeriesOf(SeriesReport({Row(1, "alice", 10, kNovember), Row(2, "bob", 5, kNovember),
                             Row(1, "alice", 20, kNovember + 61 * kDay)},
                            {Dimension::kUser, Dimension::kMonth}));
  EXPECT_EQ(months->title, "CPU by user and month · lab01");
  EXPECT_EQ(Sums(*months), (std::vector<uint64_t>{15, 0, 20}));
  EXPECT_EQ(months->layers.size(), 2u);
}

TEST(SeriesOfTest, WeeksAreNotDrawnAsMonths) {
  const auto after = [](int64_t weeks) {
    return SeriesOf(SeriesReport(
        {Row(0, "", 10, kMondaySeconds - 7 * kDay * weeks), Row(0, "", 20, kMondaySeconds)},
        {Dimension::kWeek}));
  };
  EXPECT_EQ(after(749)->unit, CalendarUnit::kWeek);
  EXPECT_FALSE(after(750).has_value()) << "bars of the busiest weeks";
}

TEST(SeriesOfTest, WhatIsTooLongForItsUnitIsDrawnInALongerOne) {
  struct Case {
    aggregate::Grouping by;
    int64_t days;
    CalendarUnit unit;
    const char* title;
  };
  const Case cases[] = {
      {{Dimension::kHour}, 31, CalendarUnit::kHour, "CPU by hour · lab01"},
      {{Dimension::kHour}, 33, CalendarUnit::kDay, "CPU by day · lab01"},
      {{Dimension::kDay}, 700, CalendarUnit::kDay, "CPU by day · lab01"},
      {{Dimension::kUser, Dimension::kDay},
       1000,
       CalendarUnit::kMonth,
       "CPU by user and month · lab01"},
      {{Dimension::kUser, Dimension::kCommand, Dimension::kDay},
       7,
       CalendarUnit::kDay,
       "CPU by user, command and day · lab01"},
      {{Dimension::kHour}, 20'000, CalendarUnit::kMonth, "CPU by month · lab01"},
      {{Dimension::kDay}, 40'000, CalendarUnit::kYear, "CPU by year · lab01"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.days);
    const std::optional<SeriesData> data = SeriesOf(
        SeriesReport({Row(1, "a", 10, kMondaySeconds), Row(1, "a", 20, kMondaySeconds + 25 * kDay),
                      Row(1, "a", 30, kMondaySeconds + (c.days - 1) * kDay)},
                     c.by));
    ASSERT_TRUE(data.has_value());
    EXPECT_EQ(data->unit, c.unit);
    EXPECT_EQ(data->title, c.title);
    EXPECT_LE(data->slots.size(), kMaxSeriesSlots);
    uint64_t sum = 0;
    for (const uint64_t slot : Sums(*data)) sum += slot;
    EXPECT_EQ(sum, 60u);
  }
}

TEST(SeriesOfTest, APeriodThatIsMuchLongerThanWhatIsKnownIsCutToThat) {
  Report report =
      SeriesReport({Row(0, "", 10, kMondaySeconds), Row(0, "", 20, kMondaySeconds + 2 * kDay)},
                   {Dimension::kDay});
  report.period.end = absl::FromUnixSeconds(kMondaySeconds + 3 * kDay);
  for (const int64_t days : {300, 700}) {
    report.period.begin = absl::FromUnixSeconds(kMondaySeconds - days * kDay);
    EXPECT_EQ(SeriesOf(report)->slots.size(), static_cast<size_t>(days + 3));
  }
  for (const int64_t days : {800, 3'000, 2'000'000}) {
    report.period.begin = absl::FromUnixSeconds(kMondaySeconds - days * kDay);
    EXPECT_EQ(Sums(*SeriesOf(report)), (std::vector<uint64_t>{10, 0, 20}));
  }
}

TEST(SeriesOfTest, IsNoneWhereTimesAreNotKnownOrThereIsNoSuchThing) {
  const std::vector<ReportRow> rows = {Row(1, "a", 10, kMondaySeconds),
                                       Row(1, "a", 20, kMondaySeconds + kDay)};
  EXPECT_TRUE(SeriesOf(SeriesReport(rows, {Dimension::kDay})).has_value());
  EXPECT_FALSE(SeriesOf(SeriesReport(rows, {Dimension::kDay}, /*top=*/1)).has_value());
  EXPECT_FALSE(SeriesOf(ReportOf({Row(1, "a", 10)})).has_value());
  // From a forged file.
  EXPECT_FALSE(SeriesOf(SeriesReport({Row(1, "a", 10, 0), Row(1, "a", 10, int64_t{1} << 40)},
                                     {Dimension::kDay}))
                   .has_value());
  EXPECT_TRUE(SeriesOf(SeriesReport({}, {Dimension::kDay}))->slots.empty());
}

TEST(SeriesOfTest, KeepsTheGaps) {
  Report report = SeriesReport({Row(0, "", 10, kMondaySeconds)}, {Dimension::kDay});
  report.gaps = {{.period = {absl::FromUnixSeconds(kMondaySeconds),
                             absl::FromUnixSeconds(kMondaySeconds + 9)}}};
  ASSERT_EQ(SeriesOf(report)->gaps.size(), 1u);
  EXPECT_EQ(SeriesOf(report)->gaps[0], report.gaps[0].period);
}

}  // namespace
}  // namespace cpuagg::notify
