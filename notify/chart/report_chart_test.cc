// Which chart a report becomes. The file is long because its cases share a few small reports.

#include "notify/chart/report_chart.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/chart/chart.h"
#include "notify/chart/series_chart.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using aggregate::CalendarUnit;
using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;

constexpr uint32_t kUserBar = 0x0072b2;
constexpr int64_t kMonday = 1'794'787'200;  // 2026-11-16 UTC
constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;

ReportRow Row(uint32_t uid, std::string name, uint64_t ticks, int64_t begin = 0) {
  return {.uid = acct::Uid(uid),
          .user = std::move(name),
          .begin = begin,
          .usage = {.processes = 1, .ticks = {.user = ticks}}};
}

Report ReportOf(std::vector<ReportRow> rows, const aggregate::ReportOptions& options = {},
                std::optional<std::vector<ReportRow>> previous = std::nullopt) {
  Report report;
  report.host = "lab01";
  report.by = options.by;
  FillRows(std::move(rows), options, report, std::move(previous));
  return report;
}

Report SeriesReport(std::vector<ReportRow> rows, aggregate::Grouping by, size_t top = 0) {
  return ReportOf(std::move(rows),
                  {.by = std::move(by), .sort = aggregate::SortOrder::kTime, .top = top});
}

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

TEST(ChartOfTest, TakesTheFirstUsersAndSumsTheOthers) {
  const Report report =
      ReportOf({Row(1, "a", 40), Row(2, "b", 30), Row(3, "c", 20), Row(4, "d", 10)}, {.top = 3});
  const ChartData data = ChartOf(report, 2);
  EXPECT_EQ(data.title, "CPU by user · lab01");
  ASSERT_EQ(data.bars.size(), 3u);
  EXPECT_EQ(data.bars[0].label, "a");
  EXPECT_EQ(data.bars[1].cpu, Ticks(30));
  EXPECT_EQ(data.bars[2].label, "+ 2 others");
  EXPECT_EQ(data.bars[2].cpu, Ticks(30));
  EXPECT_TRUE(data.bars[2].is_group);
  EXPECT_FALSE(data.bars[0].previous.has_value());
}

TEST(ChartOfTest, AGroupOfOneIsTheUserInstead) {
  const ChartData data = ChartOf(ReportOf({Row(1, "a", 40), Row(2, "b", 30), Row(3, "c", 20)}), 2);
  ASSERT_EQ(data.bars.size(), 3u);
  EXPECT_EQ(data.bars[2].label, "c");
  EXPECT_FALSE(data.bars[2].is_group);
}

TEST(ChartOfTest, OfHoursThatWereChosenTheBusiestAreInTheOrderOfTime) {
  Report report;
  FillRows(
      {Row(0, "", 10, kMonday), Row(0, "", 40, kMonday + kDay), Row(0, "", 20, kMonday + 2 * kDay),
       Row(0, "", 30, kMonday + 3 * kDay), Row(0, "", 5, kMonday + 4 * kDay)},
      {.by = {Dimension::kDay},
       .sort = aggregate::SortOrder::kTime,
       .top = 4,
       .top_by = aggregate::SortOrder::kCpu},
      report);
  ASSERT_FALSE(SeriesOf(report).has_value());
  const ChartData data = ChartOf(report, 3);
  std::vector<uint64_t> cpu;
  for (const ChartBar& bar : data.bars) cpu.push_back(bar.cpu.ticks().count());
  EXPECT_EQ(cpu, (std::vector<uint64_t>{40, 20, 30, 15}));
  EXPECT_EQ(data.bars.back().label, "+ 2 others");
  EXPECT_NE(data.subtitle.find(" · the 3 busiest of 5 days"), std::string::npos) << data.subtitle;
}

TEST(ChartOfTest, ATimeStandsBehindTheName) {
  ReportRow row = Row(1, "alice", 10, kMonday);
  row.command = "gcc";
  const Report report =
      ReportOf({row, Row(2, "bob", 5, kMonday + kHour)},
               {.by = {Dimension::kUser, Dimension::kHour, Dimension::kCommand}, .top = 1});
  const ChartData data = ChartOf(report, 10);
  EXPECT_EQ(data.title, "CPU by user, hour and command · lab01");
  EXPECT_EQ(data.bars[0].label, "alice · gcc");
  EXPECT_EQ(data.bars[0].time, "00:00");
  EXPECT_EQ(data.bars[1].label, "+ 1 other");
  EXPECT_EQ(data.bars[1].time, "");
}

TEST(ChartOfTest, HasWhatStillRunsAndThePeriodBeforeOfTheOthersToo) {
  std::vector<ReportRow> rows;
  std::vector<ReportRow> previous;
  for (uint32_t i = 0; i < 5; ++i) {
    rows.push_back(Row(i, absl::StrCat("user", i), 1000 - i));
    rows.back().usage.running_user = 100;
    previous.push_back(Row(i, absl::StrCat("user", i), 10 + i));
  }
  Report report = ReportOf(rows, {.top = 4, .compare_with = aggregate::Period()}, previous);
  report.period_name = "last-day";
  const ChartData data = ChartOf(report, 2);
  EXPECT_EQ(data.previous_name, "the day before");
  ASSERT_EQ(data.bars.size(), 3u);
  EXPECT_EQ(data.bars[0].cpu, Ticks(1100));
  EXPECT_EQ(data.bars[0].running, Ticks(100));
  EXPECT_EQ(data.bars[0].previous, Ticks(10));
  EXPECT_EQ(data.bars[2].running, Ticks(300));
  EXPECT_EQ(data.bars[2].previous, Ticks(12 + 13 + 14));
}

TEST(SeriesOfTest, HasEverySlotOfThePeriod) {
  Report report = SeriesReport({Row(0, "", 10, kMonday + kDay), Row(0, "", 20, kMonday + 4 * kDay)},
                               {Dimension::kDay});
  EXPECT_EQ(Sums(*SeriesOf(report)), (std::vector<uint64_t>{10, 0, 0, 20}))
      << "of all time what is known";
  report.period = {absl::FromUnixSeconds(kMonday), absl::FromUnixSeconds(kMonday + 7 * kDay)};
  const std::optional<SeriesData> data = SeriesOf(report);
  EXPECT_EQ(Sums(*data), (std::vector<uint64_t>{0, 10, 0, 0, 20, 0, 0}));
  EXPECT_EQ(data->title, "CPU by day · lab01");
  EXPECT_EQ(data->unit, CalendarUnit::kDay);
  EXPECT_EQ(data->layers.size(), 1u);
  EXPECT_EQ(data->slots[0], absl::FromUnixSeconds(kMonday));
  EXPECT_EQ(data->slots[6], absl::FromUnixSeconds(kMonday + 6 * kDay));
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
      rows.push_back(Row(user, absl::StrCat("user", user), 100 * (user + 1), kMonday + day * kDay));
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
    const std::optional<SeriesData> data =
        SeriesOf(SeriesReport({Row(1, "a", 10, kMonday), Row(1, "a", 20, kMonday + 25 * kDay),
                               Row(1, "a", 30, kMonday + (c.days - 1) * kDay)},
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
  Report report = SeriesReport({Row(0, "", 10, kMonday), Row(0, "", 20, kMonday + 2 * kDay)},
                               {Dimension::kDay});
  report.period.end = absl::FromUnixSeconds(kMonday + 3 * kDay);
  for (const int64_t days : {300, 700}) {
    report.period.begin = absl::FromUnixSeconds(kMonday - days * kDay);
    EXPECT_EQ(SeriesOf(report)->slots.size(), static_cast<size_t>(days + 3));
  }
  for (const int64_t days : {800, 3'000, 2'000'000}) {
    report.period.begin = absl::FromUnixSeconds(kMonday - days * kDay);
    EXPECT_EQ(Sums(*SeriesOf(report)), (std::vector<uint64_t>{10, 0, 20}));
  }
}

TEST(SeriesOfTest, IsNoneWhereTimesAreNotKnownOrThereIsNoSuchThing) {
  const std::vector<ReportRow> rows = {Row(1, "a", 10, kMonday), Row(1, "a", 20, kMonday + kDay)};
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
  Report report = SeriesReport({Row(0, "", 10, kMonday)}, {Dimension::kDay});
  report.gaps = {{.period = {absl::FromUnixSeconds(kMonday), absl::FromUnixSeconds(kMonday + 9)}}};
  ASSERT_EQ(SeriesOf(report)->gaps.size(), 1u);
  EXPECT_EQ(SeriesOf(report)->gaps[0], report.gaps[0].period);
}

// U+E000 is in no font.
TEST(ReportChartTest, NamesInWhichLettersAreMissingAreSaid) {
  EXPECT_EQ(MissingLetters(ReportOf({Row(1, "alice", 10), Row(2, "b", 20)})), "");
  const std::string few = MissingLetters(
      ReportOf({Row(1, "alice", 10), Row(2, "b\uE000", 20), Row(3, "c\uE000\uE000\uE000", 20)}));
  EXPECT_NE(few.find("in b\uE000 and c\uE000\uE000\uE000; install fonts"), std::string::npos)
      << few;
  EXPECT_NE(few.find("fonts-noto-cjk"), std::string::npos) << few;
  std::vector<ReportRow> rows;
  for (uint32_t i = 0; i < 6; ++i) {
    rows.push_back(Row(i, absl::StrCat("user", i, "\uE000"), 100 - i, kMonday));
  }
  const std::string many = MissingLetters(ReportOf(rows));
  EXPECT_NE(many.find("in user0\uE000, user1\uE000, user2\uE000 and 3 more;"), std::string::npos)
      << many;
  EXPECT_EQ(MissingLetters(SeriesReport(rows, {Dimension::kUser, Dimension::kDay})), many);
  EXPECT_EQ(MissingLetters(SeriesReport(rows, {Dimension::kDay})), "") << "no name is drawn";
}

TEST(ReportChartTest, TheGroupingDecidesWhichPictureItIs) {
  const auto bars = [](const Report& report, bool vertical) {
    const absl::StatusOr<std::string> png = RenderReportChart(report);
    EXPECT_TRUE(png.ok()) << png.status();
    const testing::Picture picture = testing::Picture::Decode(png.value_or(""));
    return (vertical ? picture.Transposed() : picture).BarsOf(kUserBar);
  };
  std::vector<ReportRow> rows;
  for (uint32_t i = 0; i < 4; ++i) rows.push_back(Row(i, "a", 1000, kMonday + i * kDay));
  EXPECT_EQ(bars(ReportOf(rows), /*vertical=*/false).size(), 4u);
  EXPECT_EQ(bars(SeriesReport(rows, {Dimension::kDay}), /*vertical=*/true).size(), 4u);
  EXPECT_EQ(bars(SeriesReport(rows, {Dimension::kDay}, /*top=*/3), /*vertical=*/false).size(), 3u)
      << "days in bars, and one in grey";
}

// From the axis to the last pixel of the bar, whose edge or solid part has `color`.
std::vector<testing::PixelBox> Bars(const testing::Picture& picture, uint32_t color) {
  constexpr int kBelowLegend = 182;
  std::vector<testing::PixelBox> bars = picture.BarsOf(color);
  std::erase_if(bars, [](const testing::PixelBox& bar) { return bar.y < kBelowLegend; });
  return bars;
}

TEST(ReportChartTest, PicturesOfReportsOfEverySize) {
  struct Case {
    uint32_t users;
    size_t bars;
    bool has_others;
  };
  const Case cases[] = {{0, 0, false},   {1, 1, false},  {3, 3, false},
                        {11, 11, false}, {15, 10, true}, {200, 10, true}};
  constexpr uint32_t kGroupBar = 0x959da6;
  constexpr uint32_t kBackground = 0xffffff;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.users);
    std::vector<ReportRow> rows;
    std::vector<ReportRow> previous;
    for (uint32_t i = 0; i < c.users; ++i) {
      const uint64_t ticks = 22'044'000 / (i + 1);
      rows.push_back(Row(i, absl::StrCat("user", i), ticks));
      rows.back().usage.running_user = static_cast<int64_t>(ticks / 4);
      previous.push_back(Row(i, absl::StrCat("user", i), ticks / 2));
    }
    const Report report = ReportOf(rows, {.compare_with = aggregate::Period()}, previous);
    const absl::StatusOr<std::string> png = RenderReportChart(report);
    ASSERT_TRUE(png.ok()) << png.status();
    const testing::Picture picture = testing::Picture::Decode(*png);

    const std::vector<testing::PixelBox> users = Bars(picture, kUserBar);
    const std::vector<testing::PixelBox> others = Bars(picture, kGroupBar);
    ASSERT_EQ(users.size(), c.bars);
    ASSERT_EQ(others.size(), c.has_others ? 1u : 0u);
    std::vector<testing::PixelBox> all = users;
    all.insert(all.end(), others.begin(), others.end());
    const ChartData data = ChartOf(report, 10);
    ASSERT_EQ(data.bars.size(), all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const testing::PixelBox& bar = all[i];
      const auto of_first = [&](acct::ExactTime cpu) {
        return all[0].width * static_cast<double>(cpu.ticks().count()) /
               static_cast<double>(data.bars[0].cpu.ticks().count());
      };
      if (data.bars[i].is_group) {
        EXPECT_LE(bar.width, all[0].width) << "it does not set the scale";
      } else {
        EXPECT_NEAR(bar.width, of_first(data.bars[i].cpu), all[0].width / 100.0 + 1) << i;
      }
      EXPECT_EQ(bar.x, all[0].x) << i;
      if (i > 1) {
        EXPECT_NEAR(bar.y - all[i - 1].y, all[1].y - all[0].y, 1) << i;
      }
      // A name before it, and a value after it.
      const auto ink = [&](int begin, int end) {
        return picture.InkIn(begin, end, bar.y, bar.y + bar.height, kBackground).width;
      };
      EXPECT_GT(ink(0, bar.x - 10), 60) << i;
      EXPECT_GT(ink(bar.x + bar.width + 10, picture.width()), 60) << i;
    }
    constexpr int kBorder = 20;
    EXPECT_EQ(picture.InkIn(0, kBorder, 0, picture.height(), kBackground).width, 0);
    EXPECT_EQ(
        picture.InkIn(picture.width() - kBorder, picture.width(), 0, picture.height(), kBackground)
            .width,
        0);
    EXPECT_EQ(
        picture.InkIn(0, picture.width(), picture.height() - kBorder, picture.height(), kBackground)
            .width,
        0);
  }
}

}  // namespace
}  // namespace cpuagg::notify
