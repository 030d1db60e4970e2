#include "notify/chart/report_chart.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/fleet.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "notify/chart/canvas.h"
#include "notify/chart/time_axis.h"
#include "notify/words/labels.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using acct::ExactTime;
using aggregate::CalendarUnit;
using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;

// With more bars than this, they are too thin to read on a phone.
constexpr size_t kReportBars = 10;

// What comes last is the first to be cut, and may be as long as the name of an engine.
std::string ChartHostText(const Report& report) {
  if (!report.fleet.has_value() || report.fleet->is_one_host) return HostText(report);
  return absl::StrCat(Pluralize(report.fleet->hosts, "host"), " of ",
                      Printable(report.fleet->engine));
}

std::string TitleOf(const Report& report, absl::string_view subject) {
  const std::string host = ChartHostText(report);
  return absl::StrCat(subject, host.empty() ? "" : " · ", host);
}

// `choice` says which rows are drawn, if necessary, and replaces the total.
std::string SubtitleOf(const Report& report, absl::string_view choice = "") {
  const std::string period = PeriodName(report.period, report.time_zone);
  if (!choice.empty()) return absl::StrCat(period, " · ", choice);
  return absl::StrCat(period, " · total ", TimeInWords(report.totals.cpu_time()));
}

void AddTo(std::optional<ExactTime>& sum, std::optional<ExactTime> time) {
  if (time.has_value()) sum = sum.value_or(ExactTime()) + *time;
}

// A short label for the time of a row; empty if the rows are not by time.
std::string TimesLabel(const ReportRow& row, const Report& report, const BriefLabels& labels) {
  std::vector<std::string> times;
  for (const Dimension dimension : report.by) {
    if (IsTime(dimension)) times.push_back(labels.Of(row, dimension));
  }
  return absl::StrJoin(times, " · ");
}

// The row's label in the other dimensions than time.
std::string LayerLabel(const ReportRow& row, const Report& report) {
  std::vector<std::string> labels;
  for (const Dimension dimension : report.by) {
    if (!IsTime(dimension)) labels.push_back(LabelOf(row, dimension, report));
  }
  return absl::StrJoin(labels, " · ");
}

// The subject of the picture, whose bars may cover longer times than the rows.
std::string SeriesSubject(const Report& report, CalendarUnit unit) {
  std::vector<std::string> names;
  for (const Dimension dimension : report.by) {
    if (!IsTime(dimension)) names.emplace_back(DimensionName(dimension));
  }
  names.emplace_back(NameOf(unit));
  return absl::StrCat("CPU by ", Enumerated(names), LimitText(report));
}

// Whether the row covers more than one of these units, or parts of two.
bool IsOfSeveral(const ReportRow& row, CalendarUnit unit, const Report& report) {
  if (!row.stretch.has_value()) return false;
  const aggregate::Period whole =
      PeriodOf(unit, absl::FromUnixSeconds(row.begin), report.time_zone);
  return row.stretch->end - row.stretch->begin > (whole.end - whole.begin) * 3 / 2;
}

// The layers of a report, and the layer of each row.
class Layers {
 public:
  explicit Layers(const Report& report) {
    std::map<std::string, ExactTime> sums;
    for (const ReportRow& row : report.rows) {
      sums[LayerLabel(row, report)] += row.usage.cpu_time();
    }
    std::vector<std::pair<std::string, ExactTime>> largest(sums.begin(), sums.end());
    std::stable_sort(largest.begin(), largest.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (size_t i = 0; i < largest.size(); ++i) {
      index_[largest[i].first] = std::min(i, kMaxSeriesLayers);
      if (i < kMaxSeriesLayers) layers_.push_back({.label = largest[i].first});
    }
    if (largest.size() <= kMaxSeriesLayers) return;
    const size_t others = largest.size() - kMaxSeriesLayers;
    layers_.push_back({.label = others == 1 ? largest.back().first
                                            : absl::StrCat("+ ", Pluralize(others, "other")),
                       .is_group = true});
  }

  const std::vector<SeriesLayer>& layers() const { return layers_; }
  size_t IndexOf(const std::string& label) const { return index_.at(label); }

 private:
  std::vector<SeriesLayer> layers_;
  std::map<std::string, size_t> index_;
};

// The finest unit, not finer than `finest`, of which `extent` has few enough to draw.
std::optional<CalendarUnit> UnitFor(const aggregate::Period& extent, CalendarUnit finest,
                                    absl::TimeZone zone) {
  const double hours = absl::ToDoubleHours(extent.end - extent.begin);
  // Estimates the number as if the clock never changed, and then counts exactly.
  constexpr std::pair<CalendarUnit, double> kShortest[] = {{CalendarUnit::kHour, 1},
                                                           {CalendarUnit::kDay, 24},
                                                           {CalendarUnit::kWeek, 24 * 7},
                                                           {CalendarUnit::kMonth, 24 * 28},
                                                           {CalendarUnit::kYear, 24 * 365}};
  for (const auto& [unit, unit_hours] : kShortest) {
    // Weeks are not parts of months and years.
    if ((unit == CalendarUnit::kWeek) != (finest == CalendarUnit::kWeek)) continue;
    if (unit >= finest && hours / unit_hours <= kMaxSeriesSlots &&
        TimeSlots(extent.begin, extent.end, unit, zone).size() <= kMaxSeriesSlots) {
      return unit;
    }
  }
  return std::nullopt;
}

// The period and unit of a series.
struct Extent {
  aggregate::Period period;
  CalendarUnit unit;
};

// The report's period, including units of time without rows. But only the time of the rows, if the
// period has no end or is so much longer that it would need a longer unit.
std::optional<Extent> ExtentOf(const Report& report, CalendarUnit row_unit) {
  const auto [first, last] =
      std::minmax_element(report.rows.begin(), report.rows.end(),
                          [](const ReportRow& a, const ReportRow& b) { return a.begin < b.begin; });
  aggregate::Period known = {
      .begin = absl::FromUnixSeconds(first->begin),
      .end = PeriodOf(row_unit, absl::FromUnixSeconds(last->begin), report.time_zone).end};
  if (first->stretch.has_value()) known.begin = first->stretch->begin;
  if (last->stretch.has_value()) known.end = last->stretch->end;
  const aggregate::Period asked = {.begin = std::min(known.begin, report.period.begin),
                                   .end = std::max(known.end, report.period.end)};
  const std::optional<CalendarUnit> unit = UnitFor(known, row_unit, report.time_zone);
  if (!unit.has_value()) return std::nullopt;
  return Extent{UnitFor(asked, row_unit, report.time_zone) == unit ? asked : known, *unit};
}

}  // namespace

ChartData ChartOf(const Report& report, size_t bars) {
  // A group of a single row would take the room of that row's bar.
  const bool last_fits = bars + 1 == report.rows.size() && report.remaining_rows.rows == 0;
  const size_t most = last_fits ? bars + 1 : std::min(bars, report.rows.size());
  ChartData data{.title = TitleOf(report, Subject(report)),
                 .subtitle = SubtitleOf(report, ChoiceText(report, most)),
                 .previous_name = PreviousName(report)};
  std::vector<bool> is_shown(report.rows.size());
  const std::vector<size_t> by_choice = ByChoice(report);
  for (size_t i = 0; i < most; ++i) is_shown[by_choice[i]] = true;
  const BriefLabels labels(report);
  aggregate::RowGroup others = report.remaining_rows;
  for (size_t i = 0; i < report.rows.size(); ++i) {
    const ReportRow& row = report.rows[i];
    if (is_shown[i]) {
      data.bars.push_back({.label = LayerLabel(row, report),
                           .time = TimesLabel(row, report, labels),
                           .cpu = row.usage.cpu_time(),
                           .running = row.usage.running_time(),
                           .previous = row.previous_cpu});
    } else {
      ++others.rows;
      others.usage += row.usage;
      AddTo(others.previous_cpu, row.previous_cpu);
    }
  }
  if (others.rows > 0) {
    data.bars.push_back({.label = absl::StrCat("+ ", Pluralize(others.rows, "other")),
                         .cpu = others.usage.cpu_time(),
                         .running = others.usage.running_time(),
                         .previous = others.previous_cpu,
                         .is_group = true});
  }
  return data;
}

std::optional<SeriesData> SeriesOf(const Report& report) {
  if (!HasTime(report.by) || report.remaining_rows.rows > 0) return std::nullopt;
  SeriesData data{.title = TitleOf(report, Subject(report)),
                  .subtitle = SubtitleOf(report),
                  .zone = report.time_zone};
  if (report.rows.empty()) return data;
  const CalendarUnit row_unit = aggregate::BucketUnit(report.by);
  // A day that is stored as a whole would be drawn as an hour.
  if (std::any_of(report.rows.begin(), report.rows.end(),
                  [&](const ReportRow& row) { return IsOfSeveral(row, row_unit, report); })) {
    return std::nullopt;
  }
  const std::optional<Extent> extent = ExtentOf(report, row_unit);
  if (!extent.has_value()) return std::nullopt;
  data.unit = extent->unit;
  data.title = TitleOf(report, SeriesSubject(report, data.unit));

  const Layers layers(report);
  data.layers = layers.layers();
  data.slots = TimeSlots(extent->period.begin, extent->period.end, data.unit, data.zone);
  std::map<absl::Time, SeriesBar> bars;  // by their beginning
  for (const ReportRow& row : report.rows) {
    const aggregate::Period unit = PeriodOf(data.unit, absl::FromUnixSeconds(row.begin), data.zone);
    const aggregate::Period time = data.unit == row_unit ? row.stretch.value_or(unit) : unit;
    SeriesBar& bar = bars[time.begin];
    bar.time = time;
    bar.cpu.resize(data.layers.size());
    bar.cpu[layers.IndexOf(LayerLabel(row, report))] += row.usage.cpu_time();
    bar.running += row.usage.running_time();
  }
  for (auto& [begin, bar] : bars) data.bars.push_back(std::move(bar));
  for (const aggregate::Gap& gap : report.gaps) data.gaps.push_back(gap.period);
  return data;
}

namespace {

// The names in the chart, each once. They may be any bytes.
std::vector<std::string> DrawnNames(const Report& report) {
  std::vector<std::string> names = {report.host};
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  if (const std::optional<SeriesData> series = SeriesOf(report); series.has_value()) {
    for (const SeriesLayer& layer : series->layers) add(layer.label);
  } else {
    for (const ChartBar& bar : ChartOf(report, kReportBars).bars) add(bar.label);
  }
  return names;
}

}  // namespace

std::string MissingLetters(const Report& report) {
  constexpr size_t kMostNamed = 3;
  constexpr size_t kWidth = 24;
  const absl::StatusOr<Canvas> canvas = Canvas::Create(1, 1, Color());
  if (!canvas.ok()) return "";
  std::vector<std::string> missing;
  for (const std::string& name : DrawnNames(report)) {
    if (!canvas->CanWriteAll(name)) missing.push_back(Shortened(Printable(name), kWidth));
  }
  if (missing.empty()) return "";
  if (missing.size() > kMostNamed) {
    const size_t more = missing.size() - kMostNamed;
    missing.resize(kMostNamed);
    missing.push_back(absl::StrCat(WithThousands(more), " more"));
  }
  return absl::StrCat("the chart has boxes for letters that no installed font has, in ",
                      Enumerated(missing), "; ", kFontRemedy);
}

absl::StatusOr<std::string> RenderReportChart(const Report& report, PictureForm form) {
  const std::optional<SeriesData> series = SeriesOf(report);
  return series.has_value() ? RenderSeriesChart(*series, form)
                            : RenderChart(ChartOf(report, kReportBars), form);
}

}  // namespace cpuagg::notify
