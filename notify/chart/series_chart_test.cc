#include "notify/chart/series_chart.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/usage/calendar.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/chart_pictures.h"
#include "notify/chart/series_pictures.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using aggregate::CalendarUnit;
using testing::ColumnsOf;
using testing::Draw;
using testing::ExpectEmptyBorder;
using testing::kBackground;
using testing::kMonday;
using testing::Picture;
using testing::PixelBox;
using testing::Series;

constexpr uint32_t kBlue = 0x0072b2;
constexpr uint32_t kOrange = 0xe69f00;
constexpr uint32_t kGrey = 0x959da6;
constexpr uint32_t kGapGround = 0xf1f3f5;
constexpr uint64_t kHour = 360'000;

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

// The groups of ink in a line of labels: what is at least `apart` pixels from its neighbours.
std::vector<PixelBox> LabelsIn(const Picture& picture, int top, int bottom, int apart) {
  std::vector<PixelBox> labels;
  for (int x = 0; x < picture.width(); ++x) {
    if (picture.InkIn(x, x + 1, top, bottom, kBackground).width == 0) continue;
    if (labels.empty() || x - (labels.back().x + labels.back().width) >= apart) {
      labels.push_back({.x = x, .y = top, .width = 0, .height = bottom - top});
    }
    labels.back().width = x + 1 - labels.back().x;
  }
  return labels;
}

// The last of these hours has a label, which the margin moves onto the one before it.
TEST(SeriesChartTest, ALabelThatWouldTouchTheOneBeforeIsLeftOut) {
  const Picture picture =
      Draw(Series(CalendarUnit::kHour, std::vector<std::vector<uint64_t>>(34, {40})));
  const PixelBox bar = ColumnsOf(picture, kBlue).at(0);
  const int axis = bar.y + bar.height;
  const std::vector<PixelBox> labels = LabelsIn(picture, axis + 12, axis + 48, /*apart=*/8);
  ASSERT_EQ(labels.size(), 11u) << "from 00:00 to 06:00 of the next day";
  for (const PixelBox& label : labels) EXPECT_NEAR(label.width, labels[0].width, 8) << label.x;
}

TEST(SeriesChartTest, OfManyBarsTheHighestHasItsValue) {
  SeriesData data = Series(CalendarUnit::kHour, std::vector<std::vector<uint64_t>>(60, {40}));
  data.bars[30].cpu = {Ticks(80 * kHour)};
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = ColumnsOf(picture, kBlue);
  ASSERT_EQ(bars.size(), 60u);
  const auto ink_above = [&](const PixelBox& bar) {
    return picture.InkIn(bar.x - 20, bar.x + bar.width + 20, bar.y - 34, bar.y - 8, kBackground)
        .width;
  };
  EXPECT_GT(ink_above(bars[30]), 30);
  // Nothing but a line of the axis may be there.
  for (const size_t other : {size_t{1}, size_t{10}, size_t{58}}) {
    EXPECT_EQ(picture
                  .InkIn(bars[other].x, bars[other].x + bars[other].width, bars[other].y - 34,
                         bars[other].y - 8, kBackground)
                  .height,
              0)
        << other;
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
