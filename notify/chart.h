// RenderChart: CPU time per user as a picture, drawn to be read on a phone.
//
//   ChartData data{.title = "lab01 · CPU by user", .subtitle = "16 – 22 Nov 2026 UTC"};
//   data.bars.push_back({.label = "alice", .cpu = acct::Ticks(22044000)});
//   absl::StatusOr<std::string> png = RenderChart(data);
//
// A horizontal bar for each user, the name before it and the time behind it. Telegram shows a photo
// at the width of the phone, a third of the picture's: letters are three times as large as on
// paper.

#ifndef CPUAGG_NOTIFY_CHART_H_
#define CPUAGG_NOTIFY_CHART_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/units.h"

namespace cpuagg::notify {

// Pixels: what Telegram keeps without scaling a photo down.
inline constexpr int kChartWidth = 1280;
inline constexpr int kChartHeight = 720;

// As many bars as have legible names on a phone.
inline constexpr size_t kMaxChartBars = 16;

struct ChartBar {
  // Any bytes. What is not UTF-8, control characters and overrides of the text's direction are
  // drawn as U+FFFD; a long label has "…" in its middle.
  std::string label;
  acct::Ticks cpu;
  // Several users together ("+195 others"): grey.
  bool is_group = false;
};

struct ChartData {
  // Any bytes, as in a label.
  std::string title;
  std::string subtitle;
  // Drawn in this order. From more than kMaxChartBars the last ones are drawn as one group,
  // "all others", so that the sum of the bars stays what it is.
  std::vector<ChartBar> bars;
};

// The chart as a PNG of kChartWidth by kChartHeight, opaque. The same data and the same fonts give
// the same bytes. Characters that no font has are drawn as boxes.
// Errors: FailedPrecondition if no font is installed, naming the package to install; Internal if
// cairo fails.
absl::StatusOr<std::string> RenderChart(const ChartData& data);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_H_
