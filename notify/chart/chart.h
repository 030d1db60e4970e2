// RenderChart: CPU time per user as a picture that is readable on a phone.
//
//   ChartData data{.title = "CPU by user · lab01", .subtitle = "16 – 22 Nov 2026 UTC"};
//   data.bars.push_back({.label = "alice", .cpu = acct::Ticks(22044000)});
//   absl::StatusOr<std::string> png = RenderChart(data);
//
// Each user has a horizontal bar, with the name on its left and the time on its right. Few bars are
// drawn as large as the picture allows. The part of jobs that still run is striped. A pale bar
// behind shows the previous period; it is slightly taller so that it stays visible when it is
// shorter.

#ifndef CPUAGG_NOTIFY_CHART_CHART_H_
#define CPUAGG_NOTIFY_CHART_CHART_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/record/exact_time.h"
#include "notify/chart/canvas.h"

namespace cpuagg::notify {

// With more bars, names would be illegible on a phone.
inline constexpr size_t kMaxChartBars = 16;

struct ChartBar {
  // Any bytes. Invalid UTF-8, control characters and overrides of the text direction are drawn as
  // U+FFFD. A long label is shortened in the middle with "…".
  std::string label;
  // The time that the bar is for, drawn after the label ("11-22 14:00"). Never shortened.
  std::string time;
  acct::ExactTime cpu;
  acct::ExactTime running;  // the part of `cpu` of jobs that still run
  // The time in the previous period, if there is a comparison.
  std::optional<acct::ExactTime> previous = std::nullopt;
  // Several users together ("+ 195 others"): grey, and does not set the scale.
  bool is_group = false;
};

struct ChartData {
  // Any bytes, as in a label.
  std::string title;
  std::string subtitle;
  // The name of the previous period in the legend: "the day before".
  std::string previous_name;
  // Drawn in this order. If there are more than kMaxChartBars, the last ones are drawn as one
  // group, "all others", so that the sum of the bars stays the same.
  std::vector<ChartBar> bars;
};

// Draws the chart as an opaque PNG of kChartWidth by kChartHeight pixels. The same data and fonts
// give the same bytes.
//
// The lengths of bars show the current CPU time. The longest bar that is not a group has at least
// half of the width. A bar of a group, or of the previous period, that is more than twice as long
// is cut at the right end and marked with "»".
//
// Characters that no font has are drawn as boxes; most names stay recognisable. FailedPrecondition
// if no font is installed, or if most labels would be boxes; the message names packages to install.
// Internal if cairo fails.
absl::StatusOr<std::string> RenderChart(const ChartData& data,
                                        PictureForm form = PictureForm::kPng);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CHART_H_
