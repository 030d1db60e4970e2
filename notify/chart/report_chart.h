// RenderReportChart: the picture that suits a report: bars for users, commands and the like, a
// series for hours and days.

#ifndef CPUAGG_NOTIFY_CHART_REPORT_CHART_H_
#define CPUAGG_NOTIFY_CHART_REPORT_CHART_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "notify/chart/canvas.h"
#include "notify/chart/chart.h"
#include "notify/chart/series_chart.h"

namespace cpuagg::notify {

// A PNG or an SVG. Errors as of RenderChart().
absl::StatusOr<std::string> RenderReportChart(const aggregate::Report& report,
                                              PictureForm form = PictureForm::kPng);

// What there is to be said of the letters in the chart of `report` that no installed font has: a
// sentence that names the labels in which they are boxes, and the remedy. Empty if there are none,
// or if no chart can be drawn.
std::string MissingLetters(const aggregate::Report& report);

// The `bars` rows that are chosen first (aggregate::ByChoice()) in their order, and the others in
// one bar. Times are as of BriefLabels. The subtitle says which they are, where that is not those
// with the most CPU time.
ChartData ChartOf(const aggregate::Report& report, size_t bars);

// The rows of a report by hour or day, from the beginning of its period to the end, also where
// there are none; without what is before and behind all of them if that is so long that they would
// hardly be seen. What else they tell apart, as users, is stacked: the kMaxSeriesLayers with the
// most CPU time, and the others together. Hours of more than a month are drawn as days, and days of
// more than two years as months or years.
//
// None if the report is no series, or has left out rows whose times are not known any more
// (ReportOptions::top), or spans more years than can be drawn.
std::optional<SeriesData> SeriesOf(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_REPORT_CHART_H_
