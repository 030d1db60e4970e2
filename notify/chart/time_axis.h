// The time axis of a series: its slots, which are hours, days, weeks, months or years of equal
// width, and the labels below them.
//
//   const auto slots = TimeSlots(period.begin, period.end, CalendarUnit::kDay, zone);
//   const TimeAxis axis = LabelTimeAxis(slots, CalendarUnit::kDay, zone, 40, measure);
//   axis.near;  // "16", "18", "20", ...
//   axis.far;   // "November 2026", "December 2026"

#ifndef CPUAGG_NOTIFY_CHART_TIME_AXIS_H_
#define CPUAGG_NOTIFY_CHART_TIME_AXIS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::notify {

// The beginnings of the hours, days, weeks, months or years of `zone`'s clock that overlap [begin,
// end), in order. When clocks are put back an hour occurs twice; when they are put forward one is
// missing.
std::vector<absl::Time> TimeSlots(absl::Time begin, absl::Time end, aggregate::CalendarUnit unit,
                                  absl::TimeZone zone);

// A label centered below the slots [first, end), which make up the hour, day, week, month or year
// that it names.
struct TimeLabel {
  size_t first = 0;
  size_t end = 0;
  std::string text;
};

struct TimeAxis {
  // The upper line: as many labels of one kind as fit without touching.
  std::vector<TimeLabel> near;
  // The lower line, which names the larger units: days below hours, months below days.
  std::vector<TimeLabel> far;
};

// The labels of adjacent `slots` with the width `slot_width`. `width_of` returns the width of a
// text in the same unit.
TimeAxis LabelTimeAxis(const std::vector<absl::Time>& slots, aggregate::CalendarUnit unit,
                       absl::TimeZone zone, double slot_width,
                       const std::function<double(absl::string_view)>& width_of);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_TIME_AXIS_H_
