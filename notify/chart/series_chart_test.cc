#include "notify/chart/series_chart.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/usage/calendar.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/chart_pictures.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using aggregate::CalendarUnit;
using testing::ExpectEmptyBorder;
using testing::Picture;
using testing::PixelBox;

constexpr uint32_t kBackground = 0xffffff;
constexpr uint32_t kBlue = 0x0072b2;
constexpr uint32_t kOrange = 0xe69f00;
constexpr uint32_t kGrey = 0x959da6;
constexpr uint32_t kGapGround = 0xf1f3f5;
constexpr uint64_t kHour = 360'000;

const absl::Time kMonday = absl::FromUnixSeconds(1'794'787'200);  // 2026-11-16

// Slots with these heights, in hours, for each of `layers`.
SeriesData Series(CalendarUnit unit, const std::vector<std::vector<uint64_t>>& hours,
                  std::vector<SeriesLayer> layers = {{.label = ""}}) {
  SeriesData data{.title = "CPU by day · lab01",
                  .subtitle = "16 – 22 Nov 2026 (UTC)",
                  .unit = unit,
                  .layers = std::move(layers)};
  absl::Time begin = kMonday;
  for (const std::vector<uint64_t>& slot : hours) {
    data.slots.push_back(begin);
    data.bars.push_back({.time = PeriodOf(unit, begin, data.zone)});
    for (const uint64_t cpu : slot) data.bars.back().cpu.push_back(Ticks(cpu * kHour));
    begin = data.bars.back().time.end;
  }
  return data;
}

Picture Draw(const SeriesData& data) {
  const absl::StatusOr<std::string> png = RenderSeriesChart(data);
  EXPECT_TRUE(png.ok()) << png.status();
  return Picture::Decode(png.value_or(""));
}

// The vertical bars from left to right, without the swatches of the legend.
std::vector<PixelBox> ColumnsOf(const Picture& picture, uint32_t color) {
  std::vector<PixelBox> columns;
  for (const PixelBox& box : picture.Transposed().BarsOf(color)) {
    columns.push_back({.x = box.y, .y = box.x, .width = box.height, .height = box.width});
  }
  constexpr int kBelowLegend = 240;
  std::erase_if(columns, [](const PixelBox& box) { return box.y + box.height < kBelowLegend; });
  return columns;
}

TEST(SeriesChartTest, EveryDayHasItsBarInProportionFromLeftToRight) {
  const Picture picture = Draw(Series(CalendarUnit::kDay, {{8}, {4}, {2}, {6}, {1}, {3}, {5}}));
  EXPECT_EQ(picture.width(), kChartWidth);
  EXPECT_EQ(picture.height(), kChartHeight);
  const std::vector<PixelBox> bars = ColumnsOf(picture, kBlue);
  ASSERT_EQ(bars.size(), 7u);
  const uint64_t hours[] = {8, 4, 2, 6, 1, 3, 5};
  for (size_t i = 0; i < bars.size(); ++i) {
    EXPECT_NEAR(bars[i].height * 8, bars[0].height * static_cast<int>(hours[i]), 16) << i;
    EXPECT_EQ(bars[i].y + bars[i].height, bars[0].y + bars[0].height) << i;
    EXPECT_EQ(bars[i].width, bars[0].width) << i;
    // There is a value above it, and a label below.
    EXPECT_GT(
        picture
            .InkIn(bars[i].x, bars[i].x + bars[i].width, bars[i].y - 30, bars[i].y - 8, kBackground)
            .width,
        50)
        << i;
    EXPECT_GT(picture
                  .InkIn(bars[i].x, bars[i].x + bars[i].width, bars[0].y + bars[0].height + 12,
                         bars[0].y + bars[0].height + 48, kBackground)
                  .width,
              50)
        << i;
  }
  EXPECT_GT(bars[0].height, 300);
  ExpectEmptyBorder(picture);
}

TEST(SeriesChartTest, ADayWithoutUseKeepsItsPlace) {
  const std::vector<PixelBox> all =
      ColumnsOf(Draw(Series(CalendarUnit::kDay, {{4}, {4}, {4}, {4}})), kBlue);
  const std::vector<PixelBox> some =
      ColumnsOf(Draw(Series(CalendarUnit::kDay, {{4}, {}, {0}, {4}})), kBlue);
  ASSERT_EQ(all.size(), 4u);
  ASSERT_EQ(some.size(), 2u);
  EXPECT_EQ(some[0].x, all[0].x);
  EXPECT_EQ(some[1].x, all[3].x);
}

TEST(SeriesChartTest, FewOrManySlotsStayInside) {
  for (const CalendarUnit unit : {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kMonth}) {
    for (const size_t count : {1u, 2u, 7u, 23u, 24u, 25u, 31u, 48u, 168u, 744u, 750u}) {
      SCOPED_TRACE(absl::StrCat(count, " of ", static_cast<int>(unit)));
      std::vector<std::vector<uint64_t>> hours(count, {40});
      hours.front() = {100};
      hours.back() = {100};
      const Picture picture = Draw(Series(unit, hours));
      ExpectEmptyBorder(picture);
      const std::vector<PixelBox> bars = ColumnsOf(picture, kBlue);
      ASSERT_FALSE(bars.empty());
      if (count <= 168) {
        EXPECT_EQ(bars.size(), count) << "apart from each other";
        EXPECT_LE(bars[0].width, 140) << "a block, not a bar";
      }
      EXPECT_GT(bars.back().x + bars.back().width, count == 1 ? 600 : 1000);
    }
  }
}

// The amount of ink in a row of pixels from `begin` to `end`, in pixels that are not white.
double InkOf(const Picture& picture, double begin, double end, int y) {
  double ink = 0;
  for (int x = static_cast<int>(begin); x < end; ++x) {
    const double covered = std::min(end, x + 1.0) - std::max(begin, static_cast<double>(x));
    const double red = picture.at(x, y) >> 16;  // the bars have no red
    ink += covered * (255 - red) / 255;
  }
  return ink;
}

// For every number of hours up to a month, all bars have the same width, and so have all spaces
// between them. If there are no spaces, there are no seams either.
TEST(SeriesChartTest, ManyBarsAreEven) {
  for (const size_t count : {24u, 48u, 96u, 168u, 250u, 300u, 336u, 500u, 720u, 744u}) {
    SCOPED_TRACE(count);
    SeriesData data = Series(CalendarUnit::kHour, std::vector<std::vector<uint64_t>>(count, {40}));
    const Picture all = Draw(data);
    constexpr int kMiddle = 440;  // between two lines of the axis
    const PixelBox ink = all.InkIn(0, kChartWidth, kMiddle, kMiddle + 1, kBackground);
    const double slot = ink.width / static_cast<double>(count);
    for (size_t i = 0; i < data.bars.size(); i += 2) data.bars[i].cpu = {Ticks(0)};
    const Picture every_other = Draw(data);
    double least = slot;
    double most = 0;
    for (size_t i = 1; i + 1 < count; i += 2) {
      const double center = ink.x + (static_cast<double>(i) + 0.5) * slot;
      const double width = InkOf(every_other, center - slot, center + slot, kMiddle);
      least = std::min(least, width);
      most = std::max(most, width);
    }
    EXPECT_LT(most - least, 0.25) << least << " to " << most << " of " << slot;
    if (slot >= 4) continue;
    for (int x = ink.x + 1; x + 1 < ink.x + ink.width; ++x) {
      ASSERT_LT(all.at(x, kMiddle) >> 16, 4u) << x;
    }
  }
}

// For example if the store has hours of UTC and the clock is half an hour off.
TEST(SeriesChartTest, ABarStandsWhereItsTimeIs) {
  SeriesData data = Series(CalendarUnit::kHour, {{4}, {4}, {4}, {4}, {4}});
  const std::vector<PixelBox> usual = ColumnsOf(Draw(data), kBlue);
  ASSERT_EQ(usual.size(), 5u);
  data.bars.pop_back();
  for (SeriesBar& bar : data.bars) {
    bar.time.begin += absl::Minutes(30);
    bar.time.end += absl::Minutes(30);
  }
  data.bars.back().time.end -= absl::Minutes(30);
  const std::vector<PixelBox> shifted = ColumnsOf(Draw(data), kBlue);
  ASSERT_EQ(shifted.size(), 4u);
  const int half = (usual[1].x - usual[0].x) / 2;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(shifted[i].x, usual[i].x + half, 2) << i;
    EXPECT_EQ(shifted[i].width, usual[i].width) << i;
  }
  EXPECT_NEAR(shifted[3].width, usual[3].width / 2, 2);
}

// Also where the last slot is one of those that have a label.
TEST(SeriesChartTest, LabelsStayWithinTheMargins) {
  for (const size_t count : {1u, 2u, 3u, 7u, 13u, 19u, 25u, 31u, 37u, 43u, 49u}) {
    SCOPED_TRACE(count);
    ExpectEmptyBorder(
        Draw(Series(CalendarUnit::kHour, std::vector<std::vector<uint64_t>>(count, {100'000}))));
  }
}

TEST(SeriesChartTest, LayersAreStackedTheFirstAtTheBottom) {
  const Picture picture = Draw(
      Series(CalendarUnit::kDay, {{4, 2, 2}, {0, 4, 0}, {1, 1, 6}},
             {{.label = "alice"}, {.label = "bob"}, {.label = "+ 3 others", .is_group = true}}));
  const std::vector<PixelBox> blue = ColumnsOf(picture, kBlue);
  const std::vector<PixelBox> orange = ColumnsOf(picture, kOrange);
  const std::vector<PixelBox> grey = ColumnsOf(picture, kGrey);
  ASSERT_EQ(blue.size(), 2u);
  ASSERT_EQ(orange.size(), 3u);
  ASSERT_EQ(grey.size(), 2u);
  EXPECT_NEAR(orange[0].y + orange[0].height, blue[0].y, 2);
  EXPECT_LT(orange[0].y + orange[0].height, blue[0].y) << "with a line between them";
  EXPECT_NEAR(grey[0].y + grey[0].height, orange[0].y, 2);
  EXPECT_NEAR(blue[0].height, 2 * orange[0].height, 6);
  EXPECT_EQ(orange[1].y + orange[1].height, blue[0].y + blue[0].height) << "down to the axis";
  EXPECT_NEAR(orange[1].height, blue[0].height, 3);
  EXPECT_NEAR(grey[1].y, grey[0].y, 1) << "eight hours each";
  ExpectEmptyBorder(picture);
}

TEST(SeriesChartTest, ALegendOfManyOrLongOrStrangeNamesStaysInside) {
  for (const std::string& name :
       {std::string("user"), std::string(200, 'W'), std::string(200, '\xff'), std::string("王小明"),
        std::string("محمد عبد الله")}) {
    std::vector<SeriesLayer> layers;
    for (size_t i = 0; i < kMaxSeriesLayers; ++i) layers.push_back({.label = name});
    layers.push_back({.label = "+ 195 others", .is_group = true});
    const SeriesData data =
        Series(CalendarUnit::kDay, {{6, 5, 4, 3, 2, 1}, {1, 1, 1, 1, 1, 1}}, layers);
    const Picture picture = Draw(data);
    ExpectEmptyBorder(picture);
    EXPECT_EQ(ColumnsOf(picture, kBlue).size(), 2u);
    EXPECT_FALSE(ColumnsOf(picture, kGrey).empty());
    EXPECT_GT(ColumnsOf(picture, kBlue)[0].height, 60);
  }
}

TEST(SeriesChartTest, ThePartThatStillRunsIsStripedOnTop) {
  SeriesData data = Series(CalendarUnit::kDay, {{8}, {8}});
  const int without = ColumnsOf(Draw(data), kBlue)[0].y;
  data.bars[1].running = Ticks(2 * kHour);
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = ColumnsOf(picture, kBlue);
  ASSERT_EQ(bars.size(), 2u);
  const int middle = bars[1].x + bars[1].width / 2;
  int y = bars[1].y + bars[1].height - 1;
  while (picture.at(middle, y) == kBlue) --y;
  EXPECT_NEAR(bars[1].y + bars[1].height - y, bars[0].height * 3 / 4, 8);
  EXPECT_GT(bars[0].y, without + 20) << "the legend has a place of its own";
  EXPECT_GT(picture.InkIn(0, kChartWidth, 146, 182, kBackground).width, 200);
}

TEST(SeriesChartTest, AGapIsMarkedWhereItIs) {
  SeriesData data = Series(CalendarUnit::kDay, {{4}, {4}, {0}, {0}, {4}});
  EXPECT_TRUE(ColumnsOf(Draw(data), kGapGround).empty());
  data.gaps = {{.begin = kMonday + absl::Hours(48), .end = kMonday + absl::Hours(96)},
               {.begin = kMonday - absl::Hours(48), .end = kMonday},
               {.begin = kMonday + absl::Hours(120), .end = absl::InfiniteFuture()}};
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = ColumnsOf(picture, kBlue);
  const std::vector<PixelBox> strips = ColumnsOf(picture, kGapGround);
  ASSERT_EQ(bars.size(), 3u);
  ASSERT_FALSE(strips.empty());
  EXPECT_GT(strips.front().x, bars[1].x + bars[1].width);
  EXPECT_LT(strips.back().x + strips.back().width, bars[2].x);
  EXPECT_GT(strips.back().x + strips.back().width - strips.front().x,
            1.7 * (bars[1].x - bars[0].x));

  // Even a very short gap is visible, also at either end, and a gap without an end.
  for (const aggregate::Period& gap :
       {aggregate::Period{kMonday, kMonday + absl::Seconds(1)},
        aggregate::Period{kMonday + absl::Hours(119), kMonday + absl::Hours(120)},
        aggregate::Period{kMonday + absl::Hours(119), absl::InfiniteFuture()},
        aggregate::Period{absl::InfinitePast(), kMonday + absl::Seconds(1)}}) {
    data.gaps = {gap};
    const Picture moment = Draw(data);
    EXPECT_FALSE(ColumnsOf(moment, kGapGround).empty());
    ExpectEmptyBorder(moment);
  }
}

TEST(SeriesChartTest, SomeUseIsNeverDrawnAsNone) {
  SeriesData data = Series(CalendarUnit::kDay, {{9000}, {0}});
  data.bars[1].cpu = {Ticks(1)};
  EXPECT_EQ(ColumnsOf(Draw(data), kBlue).size(), 2u);
}

TEST(SeriesChartTest, NoUseAndTheLargestNumbersAreDrawn) {
  SeriesData data = Series(CalendarUnit::kDay, {{0}, {0}});
  ExpectEmptyBorder(Draw(data));
  EXPECT_TRUE(ColumnsOf(Draw(data), kBlue).empty());
  data.bars[0].cpu = {Ticks(std::numeric_limits<uint64_t>::max())};
  data.bars[1].cpu = {Ticks(std::numeric_limits<uint64_t>::max() / 2)};
  const Picture picture = Draw(data);
  ExpectEmptyBorder(picture);
  const std::vector<PixelBox> bars = ColumnsOf(picture, kBlue);
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_NEAR(bars[0].height, 2 * bars[1].height, 2);
}

TEST(SeriesChartTest, AQuietPeriodSaysSo) {
  const Picture picture = Draw(Series(CalendarUnit::kDay, {}));
  EXPECT_GT(picture.InkIn(0, kChartWidth, 200, kChartHeight, kBackground).width, 400);
  ExpectEmptyBorder(picture);
}

}  // namespace
}  // namespace cpuagg::notify
