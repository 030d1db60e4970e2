#include "notify/chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/units.h"
#include "notify/canvas.h"
#include "notify/chart_frame.h"
#include "notify/cpu_unit.h"

namespace cpuagg::notify {
namespace {

constexpr double kBottomMargin = 32;
constexpr double kMaxLabelWidth = kChartWidth * 0.32;
constexpr double kGap = 16;  // between a label and its bar, a bar and its value

// Rows share the plot, but few of them do not fill it with blocks.
constexpr double kMaxRowHeight = 108;
constexpr double kMaxBarHeight = 60;
constexpr double kMaxFontPixels = 38;

// The faint bar is so much longer than the longest bar at most.
constexpr double kMostPrevious = 2;

// The bars that are drawn: `bars`, or the first of them and the rest as one.
std::vector<ChartBar> DrawnBars(const std::vector<ChartBar>& bars) {
  if (bars.size() <= kMaxChartBars) return bars;
  const auto rest = bars.begin() + (kMaxChartBars - 1);
  std::vector<ChartBar> drawn(bars.begin(), rest);
  ChartBar group{.label = "all others", .is_group = true};
  for (auto bar = rest; bar != bars.end(); ++bar) {
    group.cpu += bar->cpu;
    group.running += bar->running;
    if (bar->previous.has_value()) {
      group.previous = group.previous.value_or(acct::Ticks()) + *bar->previous;
    }
  }
  drawn.push_back(group);
  return drawn;
}

// A name that is mostly boxes tells nobody apart, but the picture is worth having while others can
// be read.
absl::Status CheckLabels(const Canvas& canvas, const std::vector<ChartBar>& bars) {
  const auto boxes = std::count_if(
      bars.begin(), bars.end(), [&](const ChartBar& bar) { return !canvas.CanWrite(bar.label); });
  if (2 * static_cast<size_t>(boxes) <= bars.size()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "no font that is installed has the letters of most names in the chart; install fonts for "
      "their scripts, as in the packages fonts-noto-core and fonts-noto-cjk");
}

std::vector<LegendEntry> LegendOf(const ChartData& data, const std::vector<ChartBar>& bars) {
  std::vector<LegendEntry> legend;
  const auto any = [&](auto has) { return std::any_of(bars.begin(), bars.end(), has); };
  if (any([](const ChartBar& bar) { return bar.running > acct::Ticks(); })) {
    legend.push_back({.label = "jobs that still run", .color = kBar, .ground = kBarGround});
  }
  if (any([](const ChartBar& bar) { return bar.previous.has_value(); })) {
    legend.push_back({.label = data.previous_name, .color = kFaintBar, .end = kFaintBarEnd});
  }
  return legend;
}

// CPU time -> lengths.
class Scale {
 public:
  Scale(const std::vector<ChartBar>& bars, double length) : length_(length) {
    double largest = 0;
    double largest_previous = 0;
    for (const ChartBar& bar : bars) {
      largest = std::max(largest, Number(bar.cpu));
      largest_previous = std::max(largest_previous, Number(bar.previous.value_or(acct::Ticks())));
    }
    full_ = std::max(largest, largest == 0 ? largest_previous
                                           : std::min(largest_previous, kMostPrevious * largest));
  }

  // In whole pixels, for sharp edges. Some use is never drawn as none.
  double LengthOf(acct::Ticks cpu) const {
    constexpr double kShortest = 2;
    if (cpu == acct::Ticks()) return 0;
    return std::clamp(std::round(Number(cpu) / full_ * length_), kShortest, length_);
  }
  bool IsBeyond(acct::Ticks cpu) const { return Number(cpu) > full_; }

 private:
  static double Number(acct::Ticks cpu) { return static_cast<double>(cpu.count()); }

  double length_;
  double full_;
};

struct Row {
  ChartBar bar;
  TextLine label;
  TextLine value;
};

std::vector<Row> LayOutRows(const Canvas& canvas, const std::vector<ChartBar>& bars,
                            double font_pixels) {
  acct::Ticks largest;
  for (const ChartBar& bar : bars) largest = std::max(largest, bar.cpu);
  const CpuUnit unit = CpuUnit::For(largest);
  std::vector<Row> rows;
  rows.reserve(bars.size());
  for (const ChartBar& bar : bars) {
    rows.push_back(
        {.bar = bar,
         .label = canvas.Line(bar.label, {.pixels = font_pixels}, kMaxLabelWidth),
         .value = canvas.Line(unit.Format(bar.cpu), {.pixels = font_pixels, .bold = true},
                              kChartContentWidth)});
  }
  return rows;
}

// Draws what there was before, and returns its length.
double DrawPrevious(Canvas& canvas, const Box& box, acct::Ticks previous, const Scale& scale) {
  const double length = scale.LengthOf(previous);
  if (length == 0) return 0;
  canvas.DrawBar({box.x, box.y, length, box.height}, 0, kFaintBar);
  if (!scale.IsBeyond(previous)) {
    const double end = std::min(length, kFaintBarEndWidth);
    canvas.DrawBar({box.x + length - end, box.y, end, box.height}, 0, kFaintBarEnd);
    return length;
  }
  const TextLine mark = canvas.Line("»", {.pixels = box.height, .bold = true}, length);
  // It is lower than capital letters, whose middle a line of text is placed by.
  canvas.DrawText(
      mark,
      {box.x + length - mark.width() - 4, box.y - 0.08 * box.height, mark.width(), box.height},
      Align::kRight, kFaintBarEnd);
  return length;
}

// Draws the bar, the part of it that still runs at its end.
void DrawUse(Canvas& canvas, const Box& box, const ChartBar& bar, const Scale& scale) {
  const double length = scale.LengthOf(bar.cpu);
  const double radius = std::min(length, box.height) / 8;
  const Color color = bar.is_group ? kGroupBar : kBar;
  if (bar.running == acct::Ticks()) {
    canvas.DrawBar({box.x, box.y, length, box.height}, radius, color);
    return;
  }
  canvas.DrawStripedBar({box.x, box.y, length, box.height}, radius, color,
                        bar.is_group ? kGroupBarGround : kBarGround);
  if (bar.running >= bar.cpu) return;
  constexpr double kShortest = 10;  // in which stripes are seen
  const double running = std::min(length, std::max(kShortest, scale.LengthOf(bar.running)));
  canvas.DrawBar({box.x, box.y, length - running, box.height}, 0, color);
}

void DrawRows(Canvas& canvas, const std::vector<ChartBar>& bars, const Box& plot,
              double row_height) {
  const std::vector<Row> rows =
      LayOutRows(canvas, bars, std::min(kMaxFontPixels, row_height * 0.72));
  double label_width = 0;
  double value_width = 0;
  for (const Row& row : rows) {
    label_width = std::max(label_width, row.label.width());
    value_width = std::max(value_width, row.value.width());
  }
  const double bar_x = std::round(plot.x + label_width + kGap);
  const Scale scale(bars, std::floor(plot.x + plot.width - value_width - kGap - bar_x));
  const double bar_height = std::round(std::min(kMaxBarHeight, row_height * 0.64));
  const double previous_height = std::round(std::min(bar_height + 16, row_height * 0.92));
  const double rows_height = row_height * static_cast<double>(rows.size());
  const double top = plot.y + (plot.height - rows_height) / 2;

  constexpr double kAxisWidth = 2;
  canvas.DrawBar({bar_x - kAxisWidth, std::round(top), kAxisWidth, std::round(rows_height)}, 0,
                 kAxis);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const double y = top + row_height * static_cast<double>(i);
    const auto bar_box = [&](double height) {
      return Box{bar_x, std::round(y + (row_height - height) / 2), plot.width, height};
    };
    canvas.DrawText(row.label, {plot.x, y, label_width, row_height}, Align::kRight, kText);
    double previous_length = 0;
    if (row.bar.previous.has_value()) {
      previous_length = DrawPrevious(canvas, bar_box(previous_height), *row.bar.previous, scale);
    }
    DrawUse(canvas, bar_box(bar_height), row.bar, scale);
    // The value stands at its own bar, also upon the faint one, unless the end of that is there.
    constexpr double kRoomForEnd = 48;
    double length = scale.LengthOf(row.bar.cpu);
    if (length < previous_length &&
        previous_length < length + kGap + row.value.width() + kRoomForEnd) {
      length = previous_length;
    }
    canvas.DrawText(row.value, {bar_x + length + kGap, y, value_width, row_height}, Align::kLeft,
                    kText);
  }
}

}  // namespace

absl::StatusOr<std::string> RenderChart(const ChartData& data) {
  absl::StatusOr<Canvas> canvas = BeginChart(data.title, data.subtitle);
  if (!canvas.ok()) return canvas.status();
  if (data.bars.empty()) {
    DrawNoUsage(*canvas);
    return canvas->EncodePng();
  }
  const std::vector<ChartBar> bars = DrawnBars(data.bars);
  if (absl::Status labels = CheckLabels(*canvas, bars); !labels.ok()) return labels;
  const double top = DrawLegend(*canvas, LegendOf(data, bars));
  const Box plot{kChartMargin, top, kChartContentWidth, kChartHeight - top - kBottomMargin};
  DrawRows(*canvas, bars, plot,
           std::min(kMaxRowHeight, plot.height / static_cast<double>(bars.size())));
  return canvas->EncodePng();
}

}  // namespace cpuagg::notify
