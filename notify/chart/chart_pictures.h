// What tests of charts draw, and what they look for in the picture.

#ifndef CPUAGG_NOTIFY_CHART_CHART_PICTURES_H_
#define CPUAGG_NOTIFY_CHART_CHART_PICTURES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "notify/chart/chart.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify::testing {

inline constexpr uint32_t kBackground = 0xffffff;
inline constexpr uint32_t kUserBar = 0x0072b2;
inline constexpr uint32_t kGroupBar = 0x959da6;
inline constexpr uint32_t kFaint = 0xd6dee6;
inline constexpr uint32_t kFaintEnd = 0x848d97;
inline constexpr int kBelowHeadings = 140;
// The position of the legend's entries.
inline constexpr int kLegendTop = 145;
inline constexpr int kLegendBottom = 182;

// `count` users with count, count - 1, ..., 1 hours.
ChartData Users(size_t count);

ChartData WithLabels(std::vector<std::string> labels);

std::string Png(const ChartData& data);

Picture Draw(const ChartData& data);

// The margins are empty, except that a letter may extend beyond its box at the sides.
void ExpectEmptyBorder(const Picture& picture);

// Every row has a label that ends before its bar and a value after it, and nothing touches.
void ExpectLabelledBars(const Picture& picture, const std::vector<PixelBox>& bars);

// The bars that begin at the axis, without the swatches of the legend.
std::vector<PixelBox> BarsBelowLegend(const Picture& picture, uint32_t color);

// The number of pixels of this color in row `y`, from `x` on.
int RunOf(const Picture& picture, int x, int y, uint32_t color);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_CHART_CHART_PICTURES_H_
