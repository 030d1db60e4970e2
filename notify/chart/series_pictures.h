// What tests of series draw, and what they look for in the picture.

#ifndef CPUAGG_NOTIFY_CHART_SERIES_PICTURES_H_
#define CPUAGG_NOTIFY_CHART_SERIES_PICTURES_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"
#include "notify/chart/series_chart.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify::testing {

inline const absl::Time kMonday = absl::FromUnixSeconds(1'794'787'200);  // 2026-11-16

// Slots from kMonday on with these heights, in hours, for each of `layers`.
SeriesData Series(aggregate::CalendarUnit unit, const std::vector<std::vector<uint64_t>>& hours,
                  std::vector<SeriesLayer> layers = {{.label = ""}});

Picture Draw(const SeriesData& data);

// The vertical bars from left to right, without the swatches of the legend.
std::vector<PixelBox> ColumnsOf(const Picture& picture, uint32_t color);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_CHART_SERIES_PICTURES_H_
