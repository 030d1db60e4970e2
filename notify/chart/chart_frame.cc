#include "notify/chart/chart_frame.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "notify/chart/distinct_labels.h"

namespace cpuagg::notify {
namespace {

constexpr Box kTitle{kChartMargin, 32, kChartContentWidth, 60};
constexpr Box kSubtitle{kChartMargin, 92, kChartContentWidth, 44};
constexpr double kBelowHeadings = 142;

constexpr Font kLegendFont{.pixels = 28};
constexpr double kLegendLine = 42;
constexpr double kSwatchWidth = 44;
constexpr double kSwatchHeight = 26;
constexpr double kSwatchGap = 12;
constexpr double kEntryGap = 36;
// Three entries fit on a line, each in whole pixels.
constexpr int kMaxEntryWidth = static_cast<int>((kChartContentWidth - 2 * kEntryGap) / 3);

// Draws a heading. If it is too long, the font becomes smaller first; only then is the text
// shortened, at its end: it begins with what the chart is about.
void DrawHeading(Canvas& canvas, absl::string_view text, Font font, const Box& box, Color color) {
  constexpr double kSmallest = 0.7;
  constexpr double kUnlimited = 10 * kChartWidth;
  const double width = canvas.Line(text, font, kUnlimited).width();
  if (width > box.width) font.pixels *= std::max(kSmallest, box.width / width);
  canvas.DrawText(canvas.Line(text, font, box.width, Shorten::kEnd), box, Align::kLeft, color);
}

}  // namespace

absl::StatusOr<Canvas> BeginChart(absl::string_view title, absl::string_view subtitle,
                                  PictureForm form) {
  absl::StatusOr<Canvas> canvas = Canvas::Create(kChartWidth, kChartHeight, kBackground, form);
  if (!canvas.ok()) return canvas.status();
  DrawHeading(*canvas, title, {.pixels = 44, .bold = true}, kTitle, kText);
  DrawHeading(*canvas, subtitle, {.pixels = 30}, kSubtitle, kMutedText);
  return canvas;
}

void DrawNoUsage(Canvas& canvas) {
  canvas.DrawText(
      canvas.Line("No CPU usage in this period", {.pixels = 40}, kChartContentWidth),
      {kChartMargin, kBelowHeadings, kChartContentWidth, kChartHeight - kBelowHeadings - 48},
      Align::kCenter, kMutedText);
}

double DrawLegend(Canvas& canvas, const std::vector<LegendEntry>& entries) {
  constexpr double kSpace = 18;
  double x = kChartMargin;
  double y = kBelowHeadings;
  constexpr double kLabelRoom = kMaxEntryWidth - kSwatchWidth - kSwatchGap;
  std::vector<std::string> labels;
  labels.reserve(entries.size());
  for (const LegendEntry& entry : entries) labels.push_back(entry.label);
  labels = DistinctLabels(labels, [&](size_t, const std::string& text) {
    return canvas.Line(text, kLegendFont, kChartContentWidth).width() <= kLabelRoom;
  });
  for (size_t i = 0; i < entries.size(); ++i) {
    const LegendEntry& entry = entries[i];
    const TextLine label = canvas.Line(labels[i], kLegendFont, kLabelRoom);
    const double width = kSwatchWidth + kSwatchGap + std::ceil(label.width());
    if (x > kChartMargin && x + width > kChartMargin + kChartContentWidth) {
      x = kChartMargin;
      y += kLegendLine;
    }
    const Box swatch{x, y + (kLegendLine - kSwatchHeight) / 2, kSwatchWidth, kSwatchHeight};
    if (entry.ground.has_value()) {
      canvas.DrawStripedBar(swatch, 0, entry.color, *entry.ground);
    } else {
      canvas.DrawBar(swatch, 0, entry.color);
    }
    if (entry.end.has_value()) {
      canvas.DrawBar(
          {swatch.x + swatch.width - kFaintBarEndWidth, swatch.y, kFaintBarEndWidth, swatch.height},
          0, *entry.end);
    }
    canvas.DrawText(label, {x + kSwatchWidth + kSwatchGap, y, label.width(), kLegendLine},
                    Align::kLeft, kMutedText);
    x += width + kEntryGap;
  }
  return (entries.empty() ? kBelowHeadings : y + kLegendLine) + kSpace;
}

}  // namespace cpuagg::notify
