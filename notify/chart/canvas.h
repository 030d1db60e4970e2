// Canvas: a picture of lines of text and bars, over cairo and pango.
//
//   absl::StatusOr<Canvas> canvas = Canvas::Create(1280, 720, kWhite, PictureForm::kPng);
//   canvas->DrawText(canvas->Line("alice", {.pixels = 30}, 400), box, Align::kRight, kBlack);
//   absl::StatusOr<std::string> png = canvas->Encode();
//
// Lengths are pixels from the upper left corner. Nothing drawn depends on the locale or on the
// desktop's font settings, only on the fonts that are installed.

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

// The color half way from `a` to `b`.
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

// What to do where characters are boxes.
inline constexpr char kFontRemedy[] =
    "install fonts for their scripts, as in the packages fonts-noto-core and fonts-noto-cjk";

enum class Align { kLeft, kCenter, kRight };

// What a picture becomes: pixels, or shapes that stay sharp at any size, letters among them.
enum class PictureForm { kPng, kSvg };

// Frees a C library's object with the library's function.
template <auto& kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

// A line of text that is laid out, to be measured and drawn by the canvas it comes from.
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
  // Errors: FailedPrecondition if cairo, pango or a font is not installed, naming the package to
  // install; ResourceExhausted if memory or threads are limited to too little; Internal if cairo
  // fails.
  static absl::StatusOr<Canvas> Create(int width, int height, Color background,
                                       PictureForm form = PictureForm::kPng);

  // `text` (any bytes) on one line, with "…" in its middle where it is wider than `max_width`: both
  // ends of a name tell it from others. What is not UTF-8, control characters and overrides of the
  // text's direction become U+FFFD; what follows the first 300 characters is ignored.
  TextLine Line(absl::string_view text, Font font, double max_width) const;

  // Whether the fonts have at least half of the characters of `text`; the others are boxes.
  bool CanWrite(absl::string_view text) const;
  // Whether they have all.
  bool CanWriteAll(absl::string_view text) const;

  // The line inside `box`: its capital letters are centered from top to bottom. What reaches out of
  // the box, as stacked combining characters do, is cut off.
  void DrawText(const TextLine& line, const Box& box, Align align, Color color);

  // A bar that begins with a straight edge and ends with corners rounded by `radius`.
  void DrawBar(const Box& box, double radius, Color color);

  // Bars without rounded corners as one shape, so that there is no seam where two of them meet
  // within a pixel.
  void DrawBars(const std::vector<Box>& boxes, Color color);

  // The same as DrawBar() with an edge and slanting stripes of `color` on `ground`: apart from an
  // even bar also for who sees no colours. Where there is no room for them, of what they look like
  // from afar.
  void DrawStripedBar(const Box& box, double radius, Color color, Color ground);

  // The picture as a file. Nothing can be drawn after that.
  absl::StatusOr<std::string> Encode();

 private:
  Canvas(int width, int height, PictureForm form);

  bool HasFont() const;
  // How many characters of `text` the fonts do not have, and how many it has.
  std::pair<int, int> MissingOf(absl::string_view text) const;
  void SetColor(Color color);
  void TraceBar(const Box& box, double radius);

  PictureForm form_;
  // What cairo has written, of an SVG while it is drawn. Before the surface, which it outlives.
  std::unique_ptr<std::string> file_ = std::make_unique<std::string>();
  std::unique_ptr<cairo_surface_t, FreeWith<cairo_surface_destroy>> surface_;
  std::unique_ptr<cairo_t, FreeWith<cairo_destroy>> cairo_;
  std::unique_ptr<PangoContext, FreeWith<g_object_unref>> pango_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CANVAS_H_
