#include "notify/chart/series_pictures.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::notify::testing {

SeriesData Series(aggregate::CalendarUnit unit, const std::vector<std::vector<uint64_t>>& hours,
                  std::vector<SeriesLayer> layers) {
  SeriesData data{.title = "CPU by day · lab01",
                  .subtitle = "16 – 22 Nov 2026 (UTC)",
                  .unit = unit,
                  .layers = std::move(layers)};
  constexpr uint64_t kTicksOfHour = 360'000;
  absl::Time begin = kMonday;
  for (const std::vector<uint64_t>& slot : hours) {
    data.slots.push_back(begin);
    data.bars.push_back({.time = PeriodOf(unit, begin, data.zone)});
    for (const uint64_t cpu : slot) data.bars.back().cpu.push_back(acct::Ticks(cpu * kTicksOfHour));
    begin = data.bars.back().time.end;
  }
  return data;
}

Picture Draw(const SeriesData& data) {
  const absl::StatusOr<std::string> png = RenderSeriesChart(data);
  EXPECT_TRUE(png.ok()) << png.status();
  return Picture::Decode(png.value_or(""));
}

std::vector<PixelBox> ColumnsOf(const Picture& picture, uint32_t color) {
  std::vector<PixelBox> columns;
  for (const PixelBox& box : picture.Transposed().BarsOf(color)) {
    columns.push_back({.x = box.y, .y = box.x, .width = box.height, .height = box.width});
  }
  constexpr int kBelowLegend = 240;
  std::erase_if(columns, [](const PixelBox& box) { return box.y + box.height < kBelowLegend; });
  return columns;
}

}  // namespace cpuagg::notify::testing
