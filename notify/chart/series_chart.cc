#include "notify/chart/series_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>

#include "notify/chart/canvas.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/cpu_axis.h"
#include "notify/chart/time_axis.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// The palette of Okabe and Ito, made for every kind of colour blindness, in an order in which
// neighbours differ most in lightness.
constexpr std::array<Color, kMaxSeriesLayers> kLayers = {
    {{0x0072b2}, {0xe69f00}, {0x009e73}, {0x56b4e9}, {0xd55e00}}};

constexpr Color kGapStripes{0xc3cad2};
constexpr Color kGapGround{0xf1f3f5};

constexpr Font kAxisFont{.pixels = 28};
constexpr double kAxisLine = 40;  // the height of a line of labels
constexpr double kAxisGap = 14;   // between labels and plot
constexpr double kTick = 10;
constexpr double kLine = 2;
constexpr double kAxisBottomMargin = 22;
constexpr double kValueLine = 44;  // for a value above the highest bar
constexpr double kUnlimited = 10 * kChartWidth;

Color ColorOf(const SeriesData& data, size_t layer) {
  return data.layers[layer].is_group ? kGroupBar : kLayers[layer % kLayers.size()];
}

acct::ExactTime SumOf(const SeriesBar& bar) {
  acct::ExactTime sum;
  for (const acct::ExactTime cpu : bar.cpu) sum += cpu;
  return sum;
}

class SeriesDrawing {
 public:
  SeriesDrawing(const SeriesData& data, Canvas& canvas) : data_(data), canvas_(canvas) {
    for (const SeriesBar& bar : data.bars) {
      sums_.push_back(SumOf(bar));
      largest_ = std::max(largest_, sums_.back());
    }
  }

  void Draw() {
    const CpuAxis axis = CpuAxis::For(largest_.ticks());
    double label_width = 0;
    for (const CpuLine& line : axis.lines) {
      label_width = std::max(label_width, WidthOf(line.label));
    }
    plot_.x = std::round(kChartMargin + label_width + kAxisGap);
    plot_.width = kChartMargin + kChartContentWidth - plot_.x;
    plot_.y = DrawLegend(canvas_, Legend()) + kValueLine;
    const TimeAxis time_axis = LabelledTimeAxis();
    const double lines = time_axis.far.empty() ? 1 : 2;
    plot_.height =
        std::round(kChartHeight - kAxisBottomMargin - lines * kAxisLine - kTick - plot_.y);

    DrawLines(axis, label_width);
    for (const Box& strip : GapStrips()) canvas_.DrawStripedBar(strip, 0, kGapStripes, kGapGround);
    DrawTimeAxis(time_axis);
    DrawBars();
    DrawValues();
  }

 private:
  double WidthOf(absl::string_view text) const {
    return canvas_.Line(text, kAxisFont, kUnlimited).width();
  }

  std::vector<LegendEntry> Legend() const {
    std::vector<LegendEntry> legend;
    if (data_.layers.size() > 1) {
      for (size_t i = 0; i < data_.layers.size(); ++i) {
        legend.push_back({.label = data_.layers[i].label, .color = ColorOf(data_, i)});
      }
    } else if (std::any_of(data_.bars.begin(), data_.bars.end(),
                           [](const SeriesBar& bar) { return bar.running > acct::ExactTime(); })) {
      legend.push_back({.label = "jobs that still run", .color = kBar, .ground = kBarGround});
    }
    if (!GapStrips().empty()) {
      legend.push_back({.label = "incomplete", .color = kGapStripes, .ground = kGapGround});
    }
    return legend;
  }

  double HeightOf(acct::ExactTime cpu) const {
    if (cpu == acct::ExactTime()) return 0;
    return std::round(static_cast<double>(cpu.femtoseconds()) /
                      static_cast<double>(largest_.femtoseconds()) * plot_.height);
  }
  double slot_width() const { return plot_.width / static_cast<double>(data_.slots.size()); }
  double LeftOf(size_t slot) const {
    return std::round(plot_.x + static_cast<double>(slot) * slot_width());
  }

  absl::Time EndOf(absl::Time begin) const { return PeriodOf(data_.unit, begin, data_.zone).end; }

  // The horizontal position of a time among the slots, in fractional pixels.
  double PlaceOf(absl::Time time) const {
    const std::vector<absl::Time>& slots = data_.slots;
    const auto after = std::upper_bound(slots.begin(), slots.end(), time);
    if (after == slots.begin()) return plot_.x;
    const absl::Time begin = *std::prev(after);
    const absl::Time end = after == slots.end() ? EndOf(begin) : *after;
    const double whole = static_cast<double>(after - slots.begin() - 1);
    const double part = std::min(1.0, absl::FDivDuration(time - begin, end - begin));
    return plot_.x + (whole + part) * slot_width();
  }

  // A strip for every gap that overlaps the slots, wide enough to be visible.
  std::vector<Box> GapStrips() const {
    constexpr double kNarrowest = 8;
    std::vector<Box> strips;
    const absl::Time end = EndOf(data_.slots.back());
    for (const aggregate::Period& gap : data_.gaps) {
      if (gap.end <= data_.slots.front() || gap.begin >= end) continue;
      const double right = std::round(PlaceOf(gap.end));
      const double left =
          std::min(std::round(PlaceOf(gap.begin)), std::max(plot_.x, right - kNarrowest));
      strips.push_back({left, plot_.y, std::max(right - left, kNarrowest), plot_.height});
    }
    return strips;
  }

  void DrawLines(const CpuAxis& axis, double label_width) {
    for (const CpuLine& line : axis.lines) {
      const double y = plot_.y + plot_.height - HeightOf(line.cpu);
      DrawLine(y, kGrid);
      canvas_.DrawText(canvas_.Line(line.label, kAxisFont, kUnlimited),
                       {kChartMargin, y - kAxisLine / 2, label_width, kAxisLine}, Align::kRight,
                       kMutedText);
    }
  }

  TimeAxis LabelledTimeAxis() const {
    return LabelTimeAxis(data_.slots, data_.unit, data_.zone, slot_width(),
                         [&](absl::string_view text) { return WidthOf(text); });
  }

  void DrawTimeAxis(const TimeAxis& axis) {
    const double bottom = plot_.y + plot_.height;
    double taken = 0;
    for (const TimeLabel& label : axis.near) {
      // A tick at the beginning of the day of the slots above.
      if (label.end - label.first > 1) DrawTick(label.first, bottom, kTick);
      DrawTimeLabel(label, bottom + kTick, taken);
    }
    taken = 0;
    for (const TimeLabel& label : axis.far) {
      if (label.first > 0) {
        DrawTick(label.first, bottom, kTick);
        DrawTick(label.first, bottom + kTick + kAxisLine, kAxisLine);
      }
      DrawTimeLabel(label, bottom + kTick + kAxisLine, taken);
    }
    DrawLine(bottom, kAxis);
  }

  void DrawLine(double y, Color color) {
    canvas_.DrawBar({plot_.x, y - kLine / 2, plot_.width, kLine}, 0, color);
  }
  void DrawTick(size_t slot, double y, double height) {
    canvas_.DrawBar({LeftOf(slot) - kLine / 2, y, kLine, height}, 0, kAxis);
  }

  // Draws the label in the middle of its slots, but within the margins. Leaves it out if it would
  // overlap the previous label, up to which the line is `taken`.
  void DrawTimeLabel(const TimeLabel& label, double y, double& taken) {
    constexpr double kApart = 10;
    const TextLine line = canvas_.Line(label.text, kAxisFont, kUnlimited);
    const double center = (LeftOf(label.first) + LeftOf(label.end)) / 2;
    const double left = std::min(std::max(kChartMargin, center - line.width() / 2),
                                 kChartMargin + kChartContentWidth - line.width());
    if (left < taken) return;
    canvas_.DrawText(line, {left, y, line.width(), kAxisLine}, Align::kLeft, kMutedText);
    taken = left + line.width() + kApart;
  }

  // Narrower bars are so many that rounding to whole pixels would make them visibly unequal.
  static constexpr double kWide = 20;

  // The bar's position and width, without its height. Wide bars have sharp edges and equal widths;
  // narrow ones are not rounded to pixels.
  Box PlaceOf(const SeriesBar& bar) const {
    constexpr double kWidest = 140;
    constexpr double kNarrow = 4;  // narrower bars have no space between them, so that they form
                                   // one outline
    const double slot = slot_width();
    double left = PlaceOf(bar.time.begin);
    double width = PlaceOf(bar.time.end) - left;
    // A time that is shorter than a slot, such as a part of an hour, also gets less space.
    const double part = std::min(1.0, width / slot);
    const double space = slot < kNarrow ? 0 : std::max({1.0, slot * 0.22, slot - kWidest}) * part;
    left += space / 2;
    width -= space;
    const double bottom = plot_.y + plot_.height;
    // Sums of fractional pixels are not exact.
    constexpr double kExact = 1e-6;
    if (slot < kWide) return {left, bottom, width, 0};
    return {std::round(left), bottom, std::floor(width + kExact), 0};
  }

  // What is drawn in one colour.
  struct Shape {
    Color color;
    std::optional<Color> ground;  // for stripes
    std::vector<Box> boxes;
  };

  void DrawBars() {
    std::vector<Shape> shapes;
    for (size_t layer = 0; layer < data_.layers.size(); ++layer) {
      shapes.push_back({.color = ColorOf(data_, layer)});
    }
    Shape running{.color = kBar, .ground = kBarGround};
    for (const SeriesBar& bar : data_.bars) AddBar(bar, shapes, running);
    DrawShape(running);
    for (const Shape& shape : shapes) DrawShape(shape);
  }

  void DrawShape(const Shape& shape) {
    if (slot_width() < kWide) {
      canvas_.DrawBars(shape.boxes, shape.ground.has_value() ? Between(shape.color, *shape.ground)
                                                             : shape.color);
      return;
    }
    for (const Box& box : shape.boxes) {
      if (shape.ground.has_value()) {
        canvas_.DrawStripedBar(box, 0, shape.color, *shape.ground);
      } else {
        canvas_.DrawBar(box, 0, shape.color);
      }
    }
  }

  // Adds the parts of `bar` to the layers' shapes, and the running part of a single layer to
  // `running`.
  void AddBar(const SeriesBar& bar, std::vector<Shape>& shapes, Shape& running) const {
    constexpr double kShortest = 2;  // non-zero usage is always visible
    constexpr double kSeparator = 2;
    const Box place = PlaceOf(bar);
    double top = place.y;
    acct::ExactTime sum;
    for (size_t layer = 0; layer < bar.cpu.size(); ++layer) {
      if (bar.cpu[layer] == acct::ExactTime()) continue;
      sum += bar.cpu[layer];
      const double bottom = top;
      top = place.y - std::max(kShortest, HeightOf(sum));
      // A light line separates layers without relying on their colours, if bars are wide enough.
      const bool is_apart =
          bottom < place.y && bottom - top > 3 * kSeparator && place.width > 2 * kSeparator;
      Box box{place.x, top, place.width, bottom - (is_apart ? kSeparator : 0) - top};
      if (data_.layers.size() == 1 && bar.running > acct::ExactTime()) {
        const double height = std::min(box.height, HeightOf(bar.running));
        // Uses the whole box, since the stripes are outlined on all sides.
        running.boxes.push_back(slot_width() < kWide ? Box{box.x, top, box.width, height} : box);
        box = {box.x, top + height, box.width, box.height - height};
      }
      shapes[layer].boxes.push_back(box);
    }
  }

  // On every bar if there is room, else on the highest one.
  void DrawValues() {
    constexpr Font kFont{.pixels = 28, .bold = true};
    constexpr double kApart = 8;
    std::vector<TextLine> values;
    double widest = 0;
    for (const acct::ExactTime sum : sums_) {
      values.push_back(canvas_.Line(TimeInWords(sum), kFont, kUnlimited));
      widest = std::max(widest, values.back().width());
    }
    const bool all_fit = widest + kApart <= slot_width();
    for (size_t i = 0; i < sums_.size(); ++i) {
      if (sums_[i] == acct::ExactTime() || (!all_fit && sums_[i] != largest_)) continue;
      const double width = values[i].width();
      const Box bar = PlaceOf(data_.bars[i]);
      const double center = bar.x + bar.width / 2;
      const double left = std::clamp(center - width / 2, plot_.x, plot_.x + plot_.width - width);
      const double top = plot_.y + plot_.height - HeightOf(sums_[i]);
      canvas_.DrawText(values[i], {left, top - kValueLine, width, kValueLine}, Align::kLeft, kText);
      if (!all_fit) break;
    }
  }

  const SeriesData& data_;
  Canvas& canvas_;
  std::vector<acct::ExactTime> sums_;
  acct::ExactTime largest_;
  Box plot_;
};

}  // namespace

absl::StatusOr<std::string> RenderSeriesChart(const SeriesData& data, PictureForm form) {
  absl::StatusOr<Canvas> canvas = BeginChart(data.title, data.subtitle, form);
  if (!canvas.ok()) return canvas.status();
  if (data.slots.empty()) {
    DrawNoUsage(*canvas);
  } else {
    SeriesDrawing(data, *canvas).Draw();
  }
  return canvas->Encode();
}

}  // namespace cpuagg::notify
