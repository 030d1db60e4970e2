// Canvas: a picture of lines of text and bars, drawn with cairo and pango.
//
//   absl::StatusOr<Canvas> canvas = Canvas::Create(1280, 720, kWhite, PictureForm::kPng);
//   canvas->DrawText(canvas->Line("alice", {.pixels = 30}, 400), box, Align::kRight, kBlack);
//   absl::StatusOr<std::string> png = canvas->Encode();
//
// Lengths are pixels from the upper left corner. Drawings depend on the installed fonts, but not on
// the locale or the desktop's font settings.

#ifndef CPUAGG_NOTIFY_CHART_CANVAS_H_
#define CPUAGG_NOTIFY_CHART_CANVAS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/chart/cairo_library.h"

namespace cpuagg::notify {

struct Color {
  uint32_t rgb = 0;  // 0xRRGGBB
};

// The color halfway between `a` and `b`.
Color Between(Color a, Color b);

struct Font {
  double pixels = 0;  // the size of the letters
  bool bold = false;
};

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

// What the user can do if characters appear as boxes.
inline constexpr char kFontRemedy[] =
    "install fonts for their scripts, as in the packages fonts-noto-core and fonts-noto-cjk";

enum class Align { kLeft, kCenter, kRight };

// The format of a picture: pixels, or shapes that stay sharp at any size, including the letters.
enum class PictureForm { kPng, kSvg };

// Frees a C library's object with the library's function.
template <auto& kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

// Where a line is cut that is too wide.
enum class Shorten { kMiddle, kEnd };

// A laid-out line of text. Only the canvas that made it can draw it.
class TextLine {
 public:
  double width() const;

 private:
  friend class Canvas;
  TextLine(PangoLayout* layout, Font font) : layout_(layout), font_(font) {}

  std::unique_ptr<PangoLayout, FreeWith<g_object_unref>> layout_;
  Font font_;
};

class Canvas {
 public:
  // FailedPrecondition if cairo, pango or a font is not installed; the message names the package to
  // install. ResourceExhausted if limits of memory or threads are too low. Internal if cairo fails.
  static absl::StatusOr<Canvas> Create(int width, int height, Color background,
                                       PictureForm form = PictureForm::kPng);

  // Lays out `text` (any bytes) on one line. A text wider than `max_width` is shortened with "…":
  // by default in the middle, because both ends of a name distinguish it. Invalid UTF-8, control
  // characters and overrides of the text direction become U+FFFD. Characters after the first 300
  // are ignored.
  TextLine Line(absl::string_view text, Font font, double max_width,
                Shorten shorten = Shorten::kMiddle) const;

  // Whether the fonts have at least half of the characters of `text`. The others appear as boxes.
  bool CanWrite(absl::string_view text) const;
  // Whether the fonts have all characters of `text`.
  bool CanWriteAll(absl::string_view text) const;

  // Draws the line inside `box`, with its capital letters centered vertically. Clips what exceeds
  // the box, such as stacked combining characters.
  void DrawText(const TextLine& line, const Box& box, Align align, Color color);

  // Draws a bar with a straight edge at its beginning and corners rounded by `radius` at its end.
  void DrawBar(const Box& box, double radius, Color color);

  // Draws bars without rounded corners as one shape, so that there is no seam where two of them
  // meet inside a pixel.
  void DrawBars(const std::vector<Box>& boxes, Color color);

  // Like DrawBar(), with an outline and diagonal stripes of `color` on `ground`: distinguishable
  // from a solid bar without colour. A bar too small for stripes is filled with their average
  // colour.
  void DrawStripedBar(const Box& box, double radius, Color color, Color ground);

  // Returns the picture as a file. Nothing can be drawn afterwards.
  absl::StatusOr<std::string> Encode();

 private:
  Canvas(int width, int height, PictureForm form);

  bool HasFont() const;
  // The number of characters of `text` that the fonts lack, and the number of its characters.
  std::pair<int, int> MissingOf(absl::string_view text) const;
  void SetColor(Color color);
  void TraceBar(const Box& box, double radius);

  PictureForm form_;
  // The output of cairo, for an SVG already during drawing. Declared before the surface, which must
  // be destroyed first.
  std::unique_ptr<std::string> file_ = std::make_unique<std::string>();
  std::unique_ptr<cairo_surface_t, FreeWith<cairo_surface_destroy>> surface_;
  std::unique_ptr<cairo_t, FreeWith<cairo_destroy>> cairo_;
  std::unique_ptr<PangoContext, FreeWith<g_object_unref>> pango_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CANVAS_H_
