#include "notify/chart/chart_pictures.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_frame.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify::testing {

using acct::Ticks;

// `count` users with count, count - 1, ..., 1 hours.
ChartData Users(size_t count) {
  ChartData data{.title = "lab01 · CPU by user", .subtitle = "16 – 22 Nov 2026 (UTC)"};
  for (size_t i = 0; i < count; ++i) {
    data.bars.push_back({.label = absl::StrCat("user", i), .cpu = Ticks(360000 * (count - i))});
  }
  return data;
}

ChartData WithLabels(std::vector<std::string> labels) {
  ChartData data = Users(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) data.bars[i].label = labels[i];
  return data;
}

std::string Png(const ChartData& data) {
  const absl::StatusOr<std::string> png = RenderChart(data);
  EXPECT_TRUE(png.ok()) << png.status();
  return png.value_or("");
}

Picture Draw(const ChartData& data) { return Picture::Decode(Png(data)); }

// The margins are empty, except that a letter may extend beyond its box at the sides.
void ExpectEmptyBorder(const Picture& picture) {
  constexpr int kSide = static_cast<int>(kChartMargin) - 4;
  constexpr int kEnd = 16;
  const int width = picture.width();
  const int height = picture.height();
  EXPECT_EQ(picture.InkIn(0, width, 0, kEnd, kBackground).width, 0);
  EXPECT_EQ(picture.InkIn(0, width, height - kEnd, height, kBackground).width, 0);
  EXPECT_EQ(picture.InkIn(0, kSide, 0, height, kBackground).width, 0);
  EXPECT_EQ(picture.InkIn(width - kSide, width, 0, height, kBackground).width, 0);
}

// Every row has a label that ends before its bar and a value after it, and nothing touches.
void ExpectLabelledBars(const Picture& picture, const std::vector<PixelBox>& bars) {
  for (const PixelBox& bar : bars) {
    const int end = bar.x + bar.width;
    const int bottom = bar.y + bar.height;
    const PixelBox label = picture.InkIn(0, bar.x - 4, bar.y, bottom, kBackground);
    EXPECT_GT(label.width, 5) << bar.y;
    EXPECT_NEAR(bar.x - (label.x + label.width), 16, 6) << bar.y;
    EXPECT_EQ(picture.InkIn(end, end + 8, bar.y, bottom, kBackground).width, 0) << bar.y;
    EXPECT_GT(picture.InkIn(end, picture.width(), bar.y, bottom, kBackground).width, 5) << bar.y;
  }
}

// The bars that begin at the axis, without the swatches of the legend.
std::vector<PixelBox> BarsBelowLegend(const Picture& picture, uint32_t color) {
  std::vector<PixelBox> bars = picture.BarsOf(color);
  std::erase_if(bars, [](const PixelBox& bar) { return bar.y < kLegendBottom; });
  return bars;
}

// The number of pixels of this color in row `y`, from `x` on.
int RunOf(const Picture& picture, int x, int y, uint32_t color) {
  int end = x;
  while (end < picture.width() && picture.at(end, y) == color) ++end;
  return end - x;
}

}  // namespace cpuagg::notify::testing
