// RenderChart: CPU time per user as a picture, drawn to be read on a phone.
//
//   ChartData data{.title = "CPU by user · lab01", .subtitle = "16 – 22 Nov 2026 UTC"};
//   data.bars.push_back({.label = "alice", .cpu = acct::Ticks(22044000)});
//   absl::StatusOr<std::string> png = RenderChart(data);
//
// A horizontal bar for each user, the name before it and the time behind it. Few of them are as
// large as the picture allows. The part of jobs that still run is striped. A faint bar behind, as
// much higher as makes it visible where it is shorter, is what there was in the period before.

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

// As many bars as have legible names on a phone.
inline constexpr size_t kMaxChartBars = 16;

struct ChartBar {
  // Any bytes. What is not UTF-8, control characters and overrides of the text's direction are
  // drawn as U+FFFD; a long label has "…" in its middle.
  std::string label;
  // Of what time the bar is, behind the label ("11-22 14:00"): never shortened.
  std::string time;
  acct::ExactTime cpu;
  acct::ExactTime running;  // the part of it of jobs that still run; at most `cpu`
  // In the period before, if there is a comparison.
  std::optional<acct::ExactTime> previous = std::nullopt;
  // Several users together ("+ 195 others"): grey, and it does not set the scale.
  bool is_group = false;
};

struct ChartData {
  // Any bytes, as in a label.
  std::string title;
  std::string subtitle;
  // What the period before is called in the legend: "the day before".
  std::string previous_name;
  // Drawn in this order. From more than kMaxChartBars the last ones are drawn as one group,
  // "all others", so that the sum of the bars stays what it is.
  std::vector<ChartBar> bars;
};

// The chart as a PNG of kChartWidth by kChartHeight, opaque. The same data and the same fonts give
// the same bytes.
//
// Bars show what each used now. The longest that is no group has at least half of the width: a
// group, and a time of the period before that is more than twice as long, goes to the end where it
// is longer than that, and has a "»" there.
//
// Characters that no font has are drawn as boxes, which leaves most names recognisable. Errors:
// FailedPrecondition if no font is installed, or if most labels would be boxes, naming packages to
// install; Internal if cairo fails.
absl::StatusOr<std::string> RenderChart(const ChartData& data,
                                        PictureForm form = PictureForm::kPng);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CHART_H_
