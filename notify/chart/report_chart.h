// RenderReportChart: the picture that suits a report. Reports by hours, days, weeks or months
// become a series; reports by users, commands and the like become bars.

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

// A PNG or an SVG. Returns the errors of RenderChart().
absl::StatusOr<std::string> RenderReportChart(const aggregate::Report& report,
                                              PictureForm form = PictureForm::kPng);

// A sentence about the characters in the chart of `report` that no installed font has. It names the
// labels in which they appear as boxes, and the remedy. Empty if there are none, or if no chart can
// be drawn.
std::string MissingLetters(const aggregate::Report& report);

// The first `bars` rows in the order of choice (aggregate::ByChoice()), drawn in their own order,
// and the others as one bar. Times are written as in BriefLabels. The subtitle says how the rows
// were chosen, if not by the most CPU time.
ChartData ChartOf(const aggregate::Report& report, size_t bars);

// The rows of a report by a unit of time, from the beginning of its period to the end, including
// empty slots. Leading and trailing empty slots are cut if they would squeeze the rest. Other
// dimensions, such as users, are stacked: the kMaxSeriesLayers with the most CPU time, and the
// others together. Hours of more than a month are drawn as days, days of more than two years as
// months or years, and months of more than some decades as years.
//
// nullopt if the report is not a series, if it has left out rows whose times are no longer known
// (ReportOptions::top), or if it spans more years than can be drawn.
std::optional<SeriesData> SeriesOf(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_REPORT_CHART_H_
