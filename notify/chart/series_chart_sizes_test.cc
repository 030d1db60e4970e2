// Series of every size: how many slots there may be, and how long names are.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/record/units.h"
#include "acct/testing/sanitized.h"
#include "aggregate/usage/calendar.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/chart_pictures.h"
#include "notify/chart/series_chart.h"
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
using testing::kGroupBar;
using testing::kUserBar;
using testing::Picture;
using testing::PixelBox;
using testing::Series;

TEST(SeriesChartSizesTest, FewOrManySlotsStayInside) {
  for (const CalendarUnit unit : {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kMonth}) {
    if (acct::testing::kIsSanitized && unit != CalendarUnit::kDay) continue;
    for (const size_t count : {1u, 2u, 7u, 23u, 24u, 25u, 31u, 48u, 168u, 744u, 750u}) {
      SCOPED_TRACE(absl::StrCat(count, " of ", static_cast<int>(unit)));
      std::vector<std::vector<uint64_t>> hours(count, {40});
      hours.front() = {100};
      hours.back() = {100};
      const Picture picture = Draw(Series(unit, hours));
      ExpectEmptyBorder(picture);
      const std::vector<PixelBox> bars = ColumnsOf(picture, kUserBar);
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
TEST(SeriesChartSizesTest, ManyBarsAreEven) {
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

// Also where the last slot is one of those that have a label.
TEST(SeriesChartSizesTest, LabelsStayWithinTheMargins) {
  for (const size_t count : {1u, 2u, 3u, 7u, 13u, 19u, 25u, 31u, 37u, 43u, 49u}) {
    SCOPED_TRACE(count);
    ExpectEmptyBorder(
        Draw(Series(CalendarUnit::kHour, std::vector<std::vector<uint64_t>>(count, {100'000}))));
  }
}

TEST(SeriesChartSizesTest, ALegendOfManyOrLongOrStrangeNamesStaysInside) {
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
    EXPECT_EQ(ColumnsOf(picture, kUserBar).size(), 2u);
    EXPECT_FALSE(ColumnsOf(picture, kGroupBar).empty());
    EXPECT_GT(ColumnsOf(picture, kUserBar)[0].height, 60);
  }
}

}  // namespace
}  // namespace cpuagg::notify
