#include "notify/chart/canvas.h"

#include <pthread.h>
#include <sys/mman.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "notify/chart/cairo_library.h"

namespace cpuagg::notify {
namespace {

// More characters than fit on a line. Laying out a text takes time and memory in proportion to its
// length.
constexpr int kMaxCharacters = 300;

// Half of the height of capital letters in the usual sans serif fonts, relative to the font size.
// It is not measured for each line: a name in another script would be placed higher or lower than
// its neighbours.
constexpr double kHalfCapital = 0.36;

// How far a letter may extend beyond its box at the sides, like the tail of a "j".
constexpr double kOverhang = 4;

absl::Status CairoError(absl::string_view what, cairo_status_t status) {
  return absl::InternalError(absl::StrCat(what, ": ", cairo_status_to_string(status)));
}

// Control characters would break the line. Overrides of direction make a name look like another
// one.
bool IsDrawable(utf8proc_int32_t character) {
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      break;
  }
  switch (utf8proc_get_property(character)->bidi_class) {
    case UTF8PROC_BIDI_CLASS_LRE:
    case UTF8PROC_BIDI_CLASS_LRO:
    case UTF8PROC_BIDI_CLASS_RLE:
    case UTF8PROC_BIDI_CLASS_RLO:
    case UTF8PROC_BIDI_CLASS_PDF:
    case UTF8PROC_BIDI_CLASS_LRI:
    case UTF8PROC_BIDI_CLASS_RLI:
    case UTF8PROC_BIDI_CLASS_FSI:
    case UTF8PROC_BIDI_CLASS_PDI:
      return false;
    default:
      return true;
  }
}

// The first kMaxCharacters of `bytes`, as UTF-8 that pango accepts.
std::string Drawable(absl::string_view bytes) {
  std::string text;
  for (int count = 0; !bytes.empty() && count < kMaxCharacters; ++count) {
    utf8proc_int32_t character;
    const utf8proc_ssize_t length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                         static_cast<utf8proc_ssize_t>(bytes.size()), &character);
    const size_t taken = length > 0 ? static_cast<size_t>(length) : 1;
    if (length > 0 && IsDrawable(character)) {
      absl::StrAppend(&text, bytes.substr(0, taken));
    } else {
      absl::StrAppend(&text, "\uFFFD");
    }
    bytes.remove_prefix(taken);
  }
  return text;
}

cairo_status_t AppendTo(void* file, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(file)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

// Font libraries crash if an allocation fails (`ulimit -v`), so check before loading them. They, a
// picture and the threads of pango, each of which reserves 64 MiB of addresses, need less than
// this.
absl::Status CheckMemory() {
  constexpr size_t kBytes = size_t{384} << 20;
  void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        "there is too little memory to draw: a limit (ulimit -v) leaves less than 384 MiB");
  }
  munmap(memory, kBytes);
  return absl::OkStatus();
}

void* WaitFor(void* latch) {
  static_cast<std::latch*>(latch)->wait();
  return nullptr;
}

// Pango ends the process if it cannot start a thread (TasksMax, `prlimit --nproc`); it has at most
// two at once. The check uses threads of the C library, since threads of C++ allocate memory, for
// which each reserves 64 MiB of addresses.
absl::Status CheckThreads() {
  constexpr size_t kThreads = 4;
  std::latch tried(1);
  std::array<pthread_t, kThreads> threads;
  size_t count = 0;
  while (count < kThreads && pthread_create(&threads[count], nullptr, WaitFor, &tried) == 0) {
    ++count;
  }
  tried.count_down();
  for (size_t i = 0; i < count; ++i) pthread_join(threads[i], nullptr);
  if (count == kThreads) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "there are too few threads to draw: a limit (TasksMax, prlimit --nproc) refuses them");
}

PangoContext* NewPangoContext() {
  // Uses the default font map, which lives as long as its thread: pango's own threads may still be
  // searching for fonts when another font map would be freed.
  PangoContext* context = pango_font_map_create_context(pango_cairo_font_map_get_default());
  // Otherwise the locale would influence the choice of fonts, and the desktop's settings would
  // colour the edges of letters.
  pango_context_set_language(context, pango_language_from_string("en"));
  const std::unique_ptr<cairo_font_options_t, FreeWith<cairo_font_options_destroy>> options(
      cairo_font_options_create());
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context, options.get());
  return context;
}

}  // namespace

Color Between(Color a, Color b) {
  constexpr uint32_t kWithoutLowestBits = 0xfefefe;  // so that no channel overflows into another
  return {((a.rgb & kWithoutLowestBits) >> 1) + ((b.rgb & kWithoutLowestBits) >> 1)};
}

double TextLine::width() const {
  PangoRectangle extents;
  pango_layout_line_get_extents(pango_layout_get_line_readonly(layout_.get(), 0), nullptr,
                                &extents);
  return pango_units_to_double(extents.width);
}

Canvas::Canvas(int width, int height, PictureForm form)
    : form_(form),
      surface_(form == PictureForm::kSvg
                   ? cairo_svg_surface_create_for_stream(AppendTo, file_.get(), width, height)
                   : cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)),
      cairo_(cairo_create(surface_.get())),
      pango_(NewPangoContext()) {}

absl::StatusOr<Canvas> Canvas::Create(int width, int height, Color background, PictureForm form) {
  // First the threads: their stacks take memory, and the rest has to suffice.
  if (absl::Status status = CheckThreads(); !status.ok()) return status;
  if (absl::Status status = CheckMemory(); !status.ok()) return status;
  if (absl::Status status = LoadCairo(); !status.ok()) return status;
  Canvas canvas(width, height, form);
  if (const cairo_status_t status = cairo_status(canvas.cairo_.get());
      status != CAIRO_STATUS_SUCCESS) {
    return CairoError("cannot make a picture", status);
  }
  if (!canvas.HasFont()) {
    return absl::FailedPreconditionError(
        "no font is installed to write the chart with; install the package "
        "fonts-dejavu-core (Fedora, RHEL: dejavu-sans-fonts)");
  }
  canvas.SetColor(background);
  cairo_paint(canvas.cairo_.get());
  return canvas;
}

// Without a font pango draws boxes and reports no error.
bool Canvas::HasFont() const {
  const TextLine probe = Line("CPU 0123456789", {.pixels = 10}, /*max_width=*/1000);
  return pango_layout_get_unknown_glyphs_count(probe.layout_.get()) == 0;
}

std::pair<int, int> Canvas::MissingOf(absl::string_view text) const {
  constexpr double kUnlimited = 1e5;  // so that all characters are laid out
  const TextLine line = Line(text, {.pixels = 10}, kUnlimited);
  PangoLayout* layout = line.layout_.get();
  return {pango_layout_get_unknown_glyphs_count(layout), pango_layout_get_character_count(layout)};
}

bool Canvas::CanWrite(absl::string_view text) const {
  const auto [missing, all] = MissingOf(text);
  return 2 * missing <= all;
}

bool Canvas::CanWriteAll(absl::string_view text) const { return MissingOf(text).first == 0; }

TextLine Canvas::Line(absl::string_view text, Font font, double max_width, Shorten shorten) const {
  TextLine line(pango_layout_new(pango_.get()), font);
  PangoLayout* layout = line.layout_.get();
  const std::unique_ptr<PangoFontDescription, FreeWith<pango_font_description_free>> description(
      pango_font_description_from_string(font.bold ? "Sans Bold" : "Sans"));
  pango_font_description_set_absolute_size(description.get(), font.pixels * PANGO_SCALE);
  pango_layout_set_font_description(layout, description.get());
  const std::string drawable = Drawable(text);
  pango_layout_set_text(layout, drawable.data(), static_cast<int>(drawable.size()));
  pango_layout_set_single_paragraph_mode(layout, TRUE);
  pango_layout_set_ellipsize(
      layout, shorten == Shorten::kEnd ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
  pango_layout_set_width(layout, pango_units_from_double(max_width));
  return line;
}

void Canvas::DrawText(const TextLine& line, const Box& box, Align align, Color color) {
  const double spare = box.width - line.width();
  const double indent = align == Align::kLeft ? 0 : align == Align::kRight ? spare : spare / 2;
  const double baseline = box.y + box.height / 2 + kHalfCapital * line.font_.pixels;
  cairo_t* cairo = cairo_.get();
  cairo_save(cairo);
  cairo_rectangle(cairo, box.x - kOverhang, box.y, box.width + 2 * kOverhang, box.height);
  cairo_clip(cairo);
  SetColor(color);
  cairo_move_to(cairo, box.x + indent, baseline);
  // Draws the line, not the layout: the layout would align right-to-left text itself.
  pango_cairo_show_layout_line(cairo, pango_layout_get_line_readonly(line.layout_.get(), 0));
  cairo_restore(cairo);
}

void Canvas::DrawBar(const Box& box, double radius, Color color) {
  TraceBar(box, radius);
  SetColor(color);
  cairo_fill(cairo_.get());
}

void Canvas::DrawBars(const std::vector<Box>& boxes, Color color) {
  cairo_t* cairo = cairo_.get();
  cairo_new_path(cairo);
  for (const Box& box : boxes) cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
  SetColor(color);
  cairo_fill(cairo);
}

void Canvas::DrawStripedBar(const Box& box, double radius, Color color, Color ground) {
  constexpr double kStripe = 5;
  constexpr double kEvery = 16;  // pixels along the bar
  const double room = std::min(box.width, box.height);
  if (room < kStripe) {
    DrawBar(box, radius, Between(color, ground));
    return;
  }
  const double edge = std::clamp(std::floor(room / 6), 1.0, 3.0);
  cairo_t* cairo = cairo_.get();
  cairo_save(cairo);
  TraceBar(box, radius);
  cairo_clip_preserve(cairo);
  SetColor(ground);
  cairo_fill(cairo);
  SetColor(color);
  cairo_set_line_width(cairo, kStripe);
  const int stripes = static_cast<int>((box.width + box.height) / kEvery) + 1;
  for (int i = 0; i < stripes; ++i) {
    const double x = box.x - box.height + i * kEvery;
    cairo_move_to(cairo, x - kStripe, box.y + box.height + kStripe);
    cairo_line_to(cairo, x + box.height + kStripe, box.y - kStripe);
  }
  cairo_stroke(cairo);
  // The outer half of the outline is clipped.
  TraceBar(box, radius);
  cairo_set_line_width(cairo, 2 * edge);
  cairo_stroke(cairo);
  cairo_restore(cairo);
}

void Canvas::TraceBar(const Box& box, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  const double right = box.x + box.width;
  const double bottom = box.y + box.height;
  cairo_t* cairo = cairo_.get();
  cairo_new_path(cairo);
  cairo_move_to(cairo, box.x, box.y);
  cairo_arc(cairo, right - radius, box.y + radius, radius, -kQuarter, 0);
  cairo_arc(cairo, right - radius, bottom - radius, radius, 0, kQuarter);
  cairo_line_to(cairo, box.x, bottom);
  cairo_close_path(cairo);
}

absl::StatusOr<std::string> Canvas::Encode() {
  // Drawing calls do not report errors; the first error stays in the context.
  if (const cairo_status_t status = cairo_status(cairo_.get()); status != CAIRO_STATUS_SUCCESS) {
    return CairoError("cannot draw the picture", status);
  }
  cairo_status_t status = CAIRO_STATUS_SUCCESS;
  if (form_ == PictureForm::kPng) {
    status = cairo_surface_write_to_png_stream(surface_.get(), AppendTo, file_.get());
  } else {
    cairo_surface_finish(surface_.get());
    status = cairo_surface_status(surface_.get());
  }
  if (status != CAIRO_STATUS_SUCCESS) return CairoError("cannot encode the picture", status);
  return std::move(*file_);
}

void Canvas::SetColor(Color color) {
  const auto channel = [&](int shift) { return ((color.rgb >> shift) & 0xff) / 255.0; };
  cairo_set_source_rgb(cairo_.get(), channel(16), channel(8), channel(0));
}

}  // namespace cpuagg::notify
