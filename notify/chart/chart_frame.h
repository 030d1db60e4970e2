// What all charts have in common: size, colours, title and legend.
//
//   absl::StatusOr<Canvas> canvas = BeginChart(title, subtitle);
//   const double bottom = DrawLegend(*canvas, {{.label = "incomplete", .color = kFaintBar}});
//
// Telegram shows a photo at the width of the phone, a third of the picture's width. So letters are
// three times as large as on paper.

#ifndef CPUAGG_NOTIFY_CHART_CHART_FRAME_H_
#define CPUAGG_NOTIFY_CHART_CHART_FRAME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/chart/canvas.h"

namespace cpuagg::notify {

// In pixels: the largest size that Telegram does not scale down.
inline constexpr int kChartWidth = 1280;
inline constexpr int kChartHeight = 720;

inline constexpr double kChartMargin = 48;
inline constexpr double kChartContentWidth = kChartWidth - 2 * kChartMargin;

// White looks like a card in a dark chat and blends into a light one.
inline constexpr Color kBackground{0xffffff};
inline constexpr Color kText{0x1f2328};
inline constexpr Color kMutedText{0x59636e};
inline constexpr Color kAxis{0xd1d9e0};
inline constexpr Color kGrid{0xe6eaef};

// Blue and grey also differ in lightness, so that they are distinct in print and for every kind of
// colour blindness.
inline constexpr Color kBar{0x0072b2};
inline constexpr Color kGroupBar{0x959da6};
// Between the stripes of running jobs.
inline constexpr Color kBarGround{0xcfe6f5};
inline constexpr Color kGroupBarGround{0xeceef0};
// The bar of the previous period, and the line at its end.
inline constexpr Color kFaintBar{0xd6dee6};
inline constexpr Color kFaintBarEnd{0x848d97};
inline constexpr double kFaintBarEndWidth = 4;

// A white picture with both headings, which may be any bytes. Long headings are drawn smaller.
// Returns the errors of Canvas::Create().
absl::StatusOr<Canvas> BeginChart(absl::string_view title, absl::string_view subtitle,
                                  PictureForm form);

// Writes below the headings that there is nothing to draw.
void DrawNoUsage(Canvas& canvas);

struct LegendEntry {
  std::string label;  // any bytes
  Color color;
  std::optional<Color> ground = std::nullopt;  // for stripes of `color` on this
  std::optional<Color> end = std::nullopt;     // for a line at the end
};

// Draws the entries below the headings, from left to right, on as many lines as necessary: two for
// six entries. Returns the vertical position at which the content below may begin, even without
// entries.
double DrawLegend(Canvas& canvas, const std::vector<LegendEntry>& entries);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CHART_FRAME_H_
