// What all charts have in common: their size, their colours, a title and a legend.
//
//   absl::StatusOr<Canvas> canvas = BeginChart(title, subtitle);
//   const double bottom = DrawLegend(*canvas, {{.label = "no data", .color = kFaintBar}});
//
// Telegram shows a photo at the width of the phone, a third of the picture's: letters are three
// times as large as on paper.

#ifndef CPUAGG_NOTIFY_CHART_CHART_FRAME_H_
#define CPUAGG_NOTIFY_CHART_CHART_FRAME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/chart/canvas.h"

namespace cpuagg::notify {

// Pixels: what Telegram keeps without scaling a photo down.
inline constexpr int kChartWidth = 1280;
inline constexpr int kChartHeight = 720;

inline constexpr double kChartMargin = 48;
inline constexpr double kChartContentWidth = kChartWidth - 2 * kChartMargin;

// White stands out as a card in a dark chat and disappears in a light one.
inline constexpr Color kBackground{0xffffff};
inline constexpr Color kText{0x1f2328};
inline constexpr Color kMutedText{0x59636e};
inline constexpr Color kAxis{0xd1d9e0};
inline constexpr Color kGrid{0xe6eaef};

// Blue and grey differ in lightness too: they stay apart for every kind of colour blindness and in
// print.
inline constexpr Color kBar{0x0072b2};
inline constexpr Color kGroupBar{0x959da6};
// Between the stripes of what still runs.
inline constexpr Color kBarGround{0xcfe6f5};
inline constexpr Color kGroupBarGround{0xeceef0};
// What there was before, and where it ends.
inline constexpr Color kFaintBar{0xd6dee6};
inline constexpr Color kFaintBarEnd{0x848d97};
inline constexpr double kFaintBarEndWidth = 4;

// A white picture with both headings, any bytes, which become smaller where they are too long.
// Errors as of Canvas::Create().
absl::StatusOr<Canvas> BeginChart(absl::string_view title, absl::string_view subtitle,
                                  PictureForm form);

// Says below the headings that there is nothing to be drawn.
void DrawNoUsage(Canvas& canvas);

struct LegendEntry {
  std::string label;  // any bytes
  Color color;
  std::optional<Color> ground = std::nullopt;  // for stripes of `color` on it
  std::optional<Color> end = std::nullopt;     // for a line at the end
};

// Draws the entries below the headings, from left to right, in as many lines as they take: two for
// six. Returns where what is below them may begin, also without entries.
double DrawLegend(Canvas& canvas, const std::vector<LegendEntry>& entries);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CHART_FRAME_H_
