// Which chart a report becomes, and its bars. Series of hours and days are in
// report_chart_series_test.cc.

#include "notify/chart/report_chart.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"
#include "notify/chart/chart.h"
#include "notify/chart/chart_pictures.h"
#include "notify/chart/chart_reports.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;
using testing::BarsBelowLegend;
using testing::kDay;
using testing::kHour;
using testing::kMondaySeconds;
using testing::ReportOf;
using testing::Row;
using testing::SeriesReport;

constexpr uint32_t kUserBar = 0x0072b2;

TEST(ChartOfTest, TheTitleOfAFleetEndsWithTheNameOfItsEngine) {
  Report report = ReportOf({Row(1, "a", 40)}, {});
  report.host = "fleet at mimir.example:8080 (3 hosts)";
  report.fleet = {.engine = "mimir.example:8080", .hosts = 3};
  EXPECT_EQ(ChartOf(report, 2).title, "CPU by user · 3 hosts of mimir.example:8080");
  report.host = "lab01";
  report.fleet->is_one_host = true;
  EXPECT_EQ(ChartOf(report, 2).title, "CPU by user · lab01");
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
  FillRows({Row(0, "", 10, kMondaySeconds), Row(0, "", 40, kMondaySeconds + kDay),
            Row(0, "", 20, kMondaySeconds + 2 * kDay), Row(0, "", 30, kMondaySeconds + 3 * kDay),
            Row(0, "", 5, kMondaySeconds + 4 * kDay)},
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
  ReportRow row = Row(1, "alice", 10, kMondaySeconds);
  row.command = "gcc";
  const Report report =
      ReportOf({row, Row(2, "bob", 5, kMondaySeconds + kHour)},
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
    rows.push_back(Row(i, absl::StrCat("user", i, "\uE000"), 100 - i, kMondaySeconds));
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
  for (uint32_t i = 0; i < 4; ++i) rows.push_back(Row(i, "a", 1000, kMondaySeconds + i * kDay));
  EXPECT_EQ(bars(ReportOf(rows), /*vertical=*/false).size(), 4u);
  EXPECT_EQ(bars(SeriesReport(rows, {Dimension::kDay}), /*vertical=*/true).size(), 4u);
  EXPECT_EQ(bars(SeriesReport(rows, {Dimension::kDay}, /*top=*/3), /*vertical=*/false).size(), 3u)
      << "days in bars, and one in grey";
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

    const std::vector<testing::PixelBox> users = BarsBelowLegend(picture, kUserBar);
    const std::vector<testing::PixelBox> others = BarsBelowLegend(picture, kGroupBar);
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
