#include "notify/chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/units.h"
#include "notify/canvas.h"
#include "notify/cpu_unit.h"

namespace cpuagg::notify {
namespace {

// Blue and grey differ in lightness too: they stay apart for every kind of colour blindness and in
// print. White stands out as a card in a dark chat and disappears in a light one.
constexpr Color kBackground{0xffffff};
constexpr Color kText{0x1f2328};
constexpr Color kMutedText{0x59636e};
constexpr Color kUserBar{0x0072b2};
constexpr Color kGroupBar{0x959da6};
constexpr Color kAxis{0xd1d9e0};

constexpr double kMargin = 48;
constexpr double kContentWidth = kChartWidth - 2 * kMargin;
constexpr Box kTitle{kMargin, 32, kContentWidth, 60};
constexpr Box kSubtitle{kMargin, 92, kContentWidth, 44};
constexpr Box kPlot{kMargin, 160, kContentWidth, kChartHeight - 160 - 32};
constexpr double kMaxLabelWidth = kChartWidth * 0.32;
constexpr double kGap = 16;  // between a label and its bar, a bar and its value

// Rows share the plot, but few of them do not fill it with blocks.
constexpr double kMaxRowHeight = 108;
constexpr double kMaxBarHeight = 60;
constexpr double kMaxFontPixels = 38;

// A heading: where it is too long it becomes smaller first, and loses its middle only then.
void DrawHeading(Canvas& canvas, absl::string_view text, Font font, const Box& box, Color color) {
  constexpr double kSmallest = 0.7;
  constexpr double kUnlimited = 10 * kChartWidth;
  const double width = canvas.Line(text, font, kUnlimited).width();
  if (width > box.width) font.pixels *= std::max(kSmallest, box.width / width);
  canvas.DrawText(canvas.Line(text, font, box.width), box, Align::kLeft, color);
}

// The bars that are drawn: `bars`, or the first of them and the rest as one.
std::vector<ChartBar> DrawnBars(const std::vector<ChartBar>& bars) {
  if (bars.size() <= kMaxChartBars) return bars;
  const auto rest = bars.begin() + (kMaxChartBars - 1);
  std::vector<ChartBar> drawn(bars.begin(), rest);
  ChartBar group{.label = "all others", .is_group = true};
  for (auto bar = rest; bar != bars.end(); ++bar) group.cpu += bar->cpu;
  drawn.push_back(group);
  return drawn;
}

struct Row {
  TextLine label;
  TextLine value;
  double share;  // of the largest bar, 0 to 1
  Color color;
};

std::vector<Row> LayOutRows(const Canvas& canvas, const std::vector<ChartBar>& bars,
                            double font_pixels) {
  acct::Ticks largest;
  for (const ChartBar& bar : bars) largest = std::max(largest, bar.cpu);
  const CpuUnit unit = CpuUnit::For(largest);
  std::vector<Row> rows;
  rows.reserve(bars.size());
  for (const ChartBar& bar : bars) {
    const double share = bar.cpu == acct::Ticks(0) ? 0
                                                   : static_cast<double>(bar.cpu.count()) /
                                                         static_cast<double>(largest.count());
    rows.push_back({.label = canvas.Line(bar.label, {.pixels = font_pixels}, kMaxLabelWidth),
                    .value = canvas.Line(unit.Format(bar.cpu),
                                         {.pixels = font_pixels, .bold = true}, kContentWidth),
                    .share = share,
                    .color = bar.is_group ? kGroupBar : kUserBar});
  }
  return rows;
}

void DrawRows(Canvas& canvas, const std::vector<Row>& rows, double row_height) {
  double label_width = 0;
  double value_width = 0;
  for (const Row& row : rows) {
    label_width = std::max(label_width, row.label.width());
    value_width = std::max(value_width, row.value.width());
  }
  // Whole pixels, for sharp edges.
  const double bar_x = std::round(kPlot.x + label_width + kGap);
  const double longest = std::floor(kPlot.x + kPlot.width - value_width - kGap - bar_x);
  const double bar_height = std::round(std::min(kMaxBarHeight, row_height * 0.64));
  const double rows_height = row_height * static_cast<double>(rows.size());
  const double top = kPlot.y + (kPlot.height - rows_height) / 2;

  constexpr double kAxisWidth = 2;
  canvas.DrawBar({bar_x - kAxisWidth, std::round(top), kAxisWidth, std::round(rows_height)}, 0,
                 kAxis);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const double y = top + row_height * static_cast<double>(i);
    canvas.DrawText(row.label, {kPlot.x, y, label_width, row_height}, Align::kRight, kText);
    double length = 0;
    if (row.share > 0) {
      constexpr double kShortest = 2;  // some use is never drawn as none
      length = std::max(kShortest, std::round(row.share * longest));
      const double radius = std::min(length, bar_height) / 8;
      canvas.DrawBar({bar_x, std::round(y + (row_height - bar_height) / 2), length, bar_height},
                     radius, row.color);
    }
    canvas.DrawText(row.value, {bar_x + length + kGap, y, value_width, row_height}, Align::kLeft,
                    kText);
  }
}

}  // namespace

absl::StatusOr<std::string> RenderChart(const ChartData& data) {
  absl::StatusOr<Canvas> canvas = Canvas::Create(kChartWidth, kChartHeight, kBackground);
  if (!canvas.ok()) return canvas.status();
  DrawHeading(*canvas, data.title, {.pixels = 44, .bold = true}, kTitle, kText);
  DrawHeading(*canvas, data.subtitle, {.pixels = 30}, kSubtitle, kMutedText);
  if (data.bars.empty()) {
    canvas->DrawText(canvas->Line("No CPU usage in this period", {.pixels = 40}, kPlot.width),
                     kPlot, Align::kCenter, kMutedText);
    return canvas->EncodePng();
  }
  const std::vector<ChartBar> bars = DrawnBars(data.bars);
  const double row_height =
      std::min(kMaxRowHeight, kPlot.height / static_cast<double>(bars.size()));
  const double font_pixels = std::min(kMaxFontPixels, row_height * 0.72);
  DrawRows(*canvas, LayOutRows(*canvas, bars, font_pixels), row_height);
  return canvas->EncodePng();
}

}  // namespace cpuagg::notify
