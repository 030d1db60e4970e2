#include "notify/chart/chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/record/exact_time.h"
#include "notify/chart/canvas.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/distinct_labels.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

constexpr double kBarsBottomMargin = 32;
constexpr double kMaxLabelWidth = kChartWidth * 0.32;
constexpr double kGap = 16;  // between label and bar, and between bar and value

// Rows share the plot. A single row is drawn as a bar, not as a block.
constexpr double kMaxBarHeight = 240;
constexpr double kMaxFontPixels = 56;

// The pale bar is at most this many times as long as the longest bar.
constexpr double kMostPrevious = 2;

// The bars to draw: `bars`, or the first of them and the rest as one.
std::vector<ChartBar> DrawnBars(const std::vector<ChartBar>& bars) {
  if (bars.size() <= kMaxChartBars) return bars;
  const auto rest = bars.begin() + (kMaxChartBars - 1);
  std::vector<ChartBar> drawn(bars.begin(), rest);
  ChartBar group{.label = "all others", .is_group = true};
  for (auto bar = rest; bar != bars.end(); ++bar) {
    group.cpu += bar->cpu;
    group.running += bar->running;
    if (bar->previous.has_value()) {
      group.previous = group.previous.value_or(acct::ExactTime()) + *bar->previous;
    }
  }
  drawn.push_back(group);
  return drawn;
}

// A name that is mostly boxes cannot be recognised, but the picture is useful while others can be
// read.
absl::Status CheckLabels(const Canvas& canvas, const std::vector<ChartBar>& bars) {
  const auto boxes = std::count_if(
      bars.begin(), bars.end(), [&](const ChartBar& bar) { return !canvas.CanWrite(bar.label); });
  if (2 * static_cast<size_t>(boxes) <= bars.size()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("no installed font has the letters of most names in the chart; ", kFontRemedy));
}

std::vector<LegendEntry> LegendOf(const ChartData& data, const std::vector<ChartBar>& bars) {
  std::vector<LegendEntry> legend;
  const auto any = [&](auto has) { return std::any_of(bars.begin(), bars.end(), has); };
  if (any([](const ChartBar& bar) { return bar.running > acct::ExactTime(); })) {
    legend.push_back({.label = "jobs that still run", .color = kBar, .ground = kBarGround});
  }
  if (any([](const ChartBar& bar) { return bar.previous.has_value(); })) {
    legend.push_back({.label = data.previous_name, .color = kFaintBar, .end = kFaintBarEnd});
  }
  return legend;
}

// Converts CPU time to lengths.
class Scale {
 public:
  Scale(const std::vector<ChartBar>& bars, double length) : length_(length) {
    double largest = 0;
    double largest_previous = 0;
    // The size of a group of others says nothing about the bars that are shown.
    const bool are_groups =
        std::all_of(bars.begin(), bars.end(), [](const ChartBar& bar) { return bar.is_group; });
    for (const ChartBar& bar : bars) {
      if (bar.is_group && !are_groups) continue;
      largest = std::max(largest, Number(bar.cpu));
      largest_previous =
          std::max(largest_previous, Number(bar.previous.value_or(acct::ExactTime())));
    }
    full_ = std::max(largest, largest == 0 ? largest_previous
                                           : std::min(largest_previous, kMostPrevious * largest));
  }

  // In whole pixels, for sharp edges. Non-zero usage is always visible.
  double LengthOf(acct::ExactTime cpu) const {
    constexpr double kShortest = 2;
    if (cpu == acct::ExactTime()) return 0;
    if (full_ == 0) return length_;
    return std::clamp(std::round(Number(cpu) / full_ * length_), kShortest, length_);
  }
  bool IsBeyond(acct::ExactTime cpu) const { return Number(cpu) > full_; }

 private:
  static double Number(acct::ExactTime cpu) { return static_cast<double>(cpu.femtoseconds()); }

  double length_;
  double full_;
};

struct Row {
  ChartBar bar;
  TextLine label;
  TextLine time;
  TextLine value;
};

// The rows, and the widths of the texts before and after the bars.
struct Layout {
  std::vector<Row> rows;
  double label_width = 0;
  double time_width = 0;  // including the space before it
  double value_width = 0;

  double text_width() const { return label_width + time_width + value_width + 2 * kGap; }
};

Layout LayOut(const Canvas& canvas, const std::vector<ChartBar>& bars, double font_pixels) {
  Layout layout;
  const Font font{.pixels = font_pixels};
  std::vector<TextLine> times;
  for (const ChartBar& bar : bars) {
    times.push_back(canvas.Line(bar.time, font, kChartContentWidth));
    const double space = bar.label.empty() ? 0 : font_pixels / 2;
    if (!bar.time.empty()) {
      layout.time_width = std::max(layout.time_width, times.back().width() + space);
    }
  }
  const double least = 4 * font_pixels;  // for a name
  const auto room_of = [&](size_t i) {
    return bars[i].time.empty() ? kMaxLabelWidth
                                : std::max(least, kMaxLabelWidth - layout.time_width);
  };
  std::vector<std::string> labels;
  labels.reserve(bars.size());
  for (const ChartBar& bar : bars) labels.push_back(bar.label);
  labels = DistinctLabels(labels, [&](size_t i, const std::string& text) {
    return canvas.Line(text, font, kChartContentWidth).width() <= room_of(i);
  });
  for (size_t i = 0; i < bars.size(); ++i) {
    layout.rows.push_back(
        {.bar = bars[i],
         .label = canvas.Line(labels[i], font, room_of(i)),
         .time = std::move(times[i]),
         .value = canvas.Line(TimeInWords(bars[i].cpu), {.pixels = font_pixels, .bold = true},
                              kChartContentWidth)});
    const Row& row = layout.rows.back();
    // A row without a time, such as a group, has the room of both for its label.
    layout.label_width = std::max(
        layout.label_width, row.label.width() - (bars[i].time.empty() ? layout.time_width : 0));
    layout.value_width = std::max(layout.value_width, row.value.width());
  }
  return layout;
}

// Marks the end of a bar that should be longer.
void DrawBeyond(Canvas& canvas, const Box& bar, Color color) {
  const double pixels = std::min(bar.height, kMaxFontPixels);
  const TextLine mark = canvas.Line("»", {.pixels = pixels, .bold = true}, bar.width);
  // The mark is lower than capital letters, by which a line is centered.
  canvas.DrawText(
      mark, {bar.x + bar.width - mark.width() - 4, bar.y - 0.08 * pixels, mark.width(), bar.height},
      Align::kRight, color);
}

// Draws the bar of the previous period, and returns its length.
double DrawPrevious(Canvas& canvas, const Box& box, acct::ExactTime previous, const Scale& scale) {
  const double length = scale.LengthOf(previous);
  if (length == 0) return 0;
  canvas.DrawBar({box.x, box.y, length, box.height}, 0, kFaintBar);
  if (!scale.IsBeyond(previous)) {
    const double end = std::min(length, kFaintBarEndWidth);
    canvas.DrawBar({box.x + length - end, box.y, end, box.height}, 0, kFaintBarEnd);
    return length;
  }
  DrawBeyond(canvas, {box.x, box.y, length, box.height}, kFaintBarEnd);
  return length;
}

// Draws the bar, with its running part at the end.
void DrawUse(Canvas& canvas, const Box& box, const ChartBar& bar, const Scale& scale) {
  const double length = scale.LengthOf(bar.cpu);
  const double radius = std::min(length, box.height) / 8;
  const Color color = bar.is_group ? kGroupBar : kBar;
  if (bar.running == acct::ExactTime()) {
    canvas.DrawBar({box.x, box.y, length, box.height}, radius, color);
    if (scale.IsBeyond(bar.cpu)) {
      DrawBeyond(canvas, {box.x, box.y, length, box.height}, kBackground);
    }
    return;
  }
  canvas.DrawStripedBar({box.x, box.y, length, box.height}, radius, color,
                        bar.is_group ? kGroupBarGround : kBarGround);
  if (bar.running < bar.cpu) {
    constexpr double kShortest = 10;  // for visible stripes
    const double running = std::min(length, std::max(kShortest, scale.LengthOf(bar.running)));
    canvas.DrawBar({box.x, box.y, length - running, box.height}, 0, color);
  }
  if (scale.IsBeyond(bar.cpu)) DrawBeyond(canvas, {box.x, box.y, length, box.height}, kText);
}

// As large as the rows allow, while the bars keep their share of the width.
double FontFor(const Canvas& canvas, const std::vector<ChartBar>& bars, double row_height) {
  constexpr double kUsual = 38;
  constexpr double kSmallest = 12;
  double pixels =
      std::min(kMaxFontPixels, std::max(std::min(kUsual, row_height * 0.72), row_height * 0.36));
  const auto fits = [&] {
    const double part = pixels > kUsual ? 0.5 : 0.7;
    return LayOut(canvas, bars, pixels).text_width() <= part * kChartContentWidth;
  };
  while (pixels > kSmallest && !fits()) pixels -= 2;
  return pixels;
}

void DrawRows(Canvas& canvas, const std::vector<ChartBar>& bars, const Box& plot,
              double row_height) {
  const double font_pixels = FontFor(canvas, bars, row_height);
  const Layout layout = LayOut(canvas, bars, font_pixels);
  const std::vector<Row>& rows = layout.rows;
  const double label_width = layout.label_width + layout.time_width;
  const double bar_x = std::round(plot.x + label_width + kGap);
  const Scale scale(bars, std::floor(plot.x + plot.width - layout.value_width - kGap - bar_x));
  const double bar_height = std::round(std::min(kMaxBarHeight, row_height * 0.64));
  const double previous_height =
      std::round(std::min(bar_height + std::max(16.0, bar_height / 5), row_height * 0.92));
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
    const double room = row.bar.time.empty() ? label_width : layout.label_width;
    canvas.DrawText(row.label, {plot.x, y, room, row_height}, Align::kRight, kText);
    canvas.DrawText(row.time, {plot.x, y, label_width, row_height}, Align::kRight, kText);
    double previous_length = 0;
    if (row.bar.previous.has_value()) {
      previous_length = DrawPrevious(canvas, bar_box(previous_height), *row.bar.previous, scale);
    }
    DrawUse(canvas, bar_box(bar_height), row.bar, scale);
    // The value is drawn next to its own bar, over the pale bar, unless the end of the pale bar is
    // there.
    constexpr double kRoomForEnd = 48;
    double length = scale.LengthOf(row.bar.cpu);
    if (length < previous_length &&
        previous_length < length + kGap + row.value.width() + kRoomForEnd) {
      length = previous_length;
    }
    canvas.DrawText(row.value, {bar_x + length + kGap, y, layout.value_width, row_height},
                    Align::kLeft, kText);
  }
}

}  // namespace

absl::StatusOr<std::string> RenderChart(const ChartData& data, PictureForm form) {
  absl::StatusOr<Canvas> canvas = BeginChart(data.title, data.subtitle, form);
  if (!canvas.ok()) return canvas.status();
  if (data.bars.empty()) {
    DrawNoUsage(*canvas);
    return canvas->Encode();
  }
  const std::vector<ChartBar> bars = DrawnBars(data.bars);
  if (absl::Status labels = CheckLabels(*canvas, bars); !labels.ok()) return labels;
  const double top = DrawLegend(*canvas, LegendOf(data, bars));
  const Box plot{kChartMargin, top, kChartContentWidth, kChartHeight - top - kBarsBottomMargin};
  DrawRows(*canvas, bars, plot, plot.height / static_cast<double>(bars.size()));
  return canvas->Encode();
}

}  // namespace cpuagg::notify
