// RenderSeriesChart: CPU time over the hours or days of a period as a picture.
//
//   SeriesData data{.title = "CPU by day · lab01", .subtitle = "…", .zone = zone};
//   data.slots = TimeSlots(period.begin, period.end, data.unit, zone);
//   data.bars.push_back({.time = monday, .cpu = {acct::Ticks(22044000)}});
//   absl::StatusOr<std::string> png = RenderSeriesChart(data);
//
// A vertical bar for each hour or day, in order, with lines at round times behind them. Where a
// user's hours or days are rows, the bars are stacked, the user with the most time at the bottom.
// However many there are, all bars are equally wide.

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

// As many as have a colour of their own that everybody can tell from the others.
inline constexpr size_t kMaxSeriesLayers = 5;

// More would be narrower than a pixel and a half: the hours of a month.
inline constexpr size_t kMaxSeriesSlots = 750;

struct SeriesBar {
  // A slot, or a time of about its length that begins within one, as an hour of another clock does:
  // the bar stands where that is.
  aggregate::Period time;
  std::vector<acct::ExactTime> cpu;  // one for each layer, the lowest first
  acct::ExactTime running;           // the part of all of them of jobs that still run
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
  // At most kMaxSeriesLayers, and a group. A single one has no name in the picture, but its running
  // part is striped.
  std::vector<SeriesLayer> layers;
  // When the hours or days begin that the time axis has, as of TimeSlots(): without holes, at most
  // kMaxSeriesSlots.
  std::vector<absl::Time> slots;
  // What was used in them, in the order of time. None overlaps another one, or reaches out of the
  // slots.
  std::vector<SeriesBar> bars;
  // What nobody has read; may reach out of the slots.
  std::vector<aggregate::Period> gaps;
};

// The chart as a picture like that of RenderChart(), with its errors; but names that no font has
// are boxes, since the axes tell most of it.
absl::StatusOr<std::string> RenderSeriesChart(const SeriesData& data,
                                              PictureForm form = PictureForm::kPng);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_SERIES_CHART_H_
