// RenderSeriesChart: CPU time over the hours or days of a period, as a picture.
//
//   SeriesData data{.title = "CPU by day · lab01", .subtitle = "…", .zone = zone};
//   data.slots = TimeSlots(period.begin, period.end, data.unit, zone);
//   data.bars.push_back({.time = monday, .cpu = {acct::Ticks(22044000)}});
//   absl::StatusOr<std::string> png = RenderSeriesChart(data);
//
// Each hour or day has a vertical bar, in order of time, in front of lines at round times. If the
// rows are the hours or days of users, the bars are stacked, with the largest user at the bottom.
// All bars have the same width, however many there are.

#ifndef CPUAGG_NOTIFY_CHART_SERIES_CHART_H_
#define CPUAGG_NOTIFY_CHART_SERIES_CHART_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"
#include "notify/chart/canvas.h"

namespace cpuagg::notify {

// The number of layers that have a colour which everybody can tell from the others.
inline constexpr size_t kMaxSeriesLayers = 5;

// With more slots (the hours of a month), bars would be narrower than one and a half pixels.
inline constexpr size_t kMaxSeriesSlots = 750;

struct SeriesBar {
  // A slot, or a time of about the same length that begins inside a slot, such as an hour of
  // another time zone. The bar is drawn at that time.
  aggregate::Period time;
  std::vector<acct::ExactTime> cpu;  // one for each layer, lowest first
  acct::ExactTime running;           // the part of the sum of jobs that still run
};

struct SeriesLayer {
  std::string label;      // any bytes
  bool is_group = false;  // several together ("+ 195 others"): grey
};

struct SeriesData {
  // Any bytes.
  std::string title;
  std::string subtitle;
  aggregate::CalendarUnit unit = aggregate::CalendarUnit::kDay;
  absl::TimeZone zone = absl::UTCTimeZone();
  // At most kMaxSeriesLayers, and a group. A single layer has no name in the picture, but its
  // running part is striped.
  std::vector<SeriesLayer> layers;
  // The beginnings of the hours or days of the time axis, as TimeSlots() returns them: consecutive,
  // at most kMaxSeriesSlots.
  std::vector<absl::Time> slots;
  // The usage in the slots, in order of time. Bars do not overlap, and stay inside the slots.
  std::vector<SeriesBar> bars;
  // Times without data. They may extend beyond the slots.
  std::vector<aggregate::Period> gaps;
};

// Draws the chart as a picture, with the errors of RenderChart(). But names that no font has become
// boxes, since the axes show most of the information.
absl::StatusOr<std::string> RenderSeriesChart(const SeriesData& data,
                                              PictureForm form = PictureForm::kPng);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_SERIES_CHART_H_
