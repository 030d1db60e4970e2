// cairo and pango, loaded on first use; see shared_library.h.

#ifndef CPUAGG_NOTIFY_CHART_CAIRO_LIBRARY_H_
#define CPUAGG_NOTIFY_CHART_CAIRO_LIBRARY_H_

#include <cairo/cairo-svg.h>
#include <pango/pangocairo.h>

#include "absl/status/status.h"
#include "notify/shared_library.h"

#define CPUAGG_CAIRO_FUNCTIONS(X)             \
  X(cairo_arc)                                \
  X(cairo_clip)                               \
  X(cairo_clip_preserve)                      \
  X(cairo_close_path)                         \
  X(cairo_create)                             \
  X(cairo_destroy)                            \
  X(cairo_fill)                               \
  X(cairo_font_options_create)                \
  X(cairo_font_options_destroy)               \
  X(cairo_font_options_set_antialias)         \
  X(cairo_font_options_set_hint_metrics)      \
  X(cairo_font_options_set_hint_style)        \
  X(cairo_image_surface_create)               \
  X(cairo_line_to)                            \
  X(cairo_move_to)                            \
  X(cairo_new_path)                           \
  X(cairo_paint)                              \
  X(cairo_rectangle)                          \
  X(cairo_restore)                            \
  X(cairo_save)                               \
  X(cairo_set_line_width)                     \
  X(cairo_set_source_rgb)                     \
  X(cairo_status)                             \
  X(cairo_status_to_string)                   \
  X(cairo_stroke)                             \
  X(cairo_surface_destroy)                    \
  X(cairo_surface_finish)                     \
  X(cairo_surface_status)                     \
  X(cairo_surface_write_to_png_stream)        \
  X(cairo_svg_surface_create_for_stream)      \
  X(g_object_unref)                           \
  X(pango_cairo_context_set_font_options)     \
  X(pango_cairo_font_map_get_default)         \
  X(pango_cairo_show_layout_line)             \
  X(pango_context_set_language)               \
  X(pango_font_description_free)              \
  X(pango_font_description_from_string)       \
  X(pango_font_description_set_absolute_size) \
  X(pango_font_map_create_context)            \
  X(pango_language_from_string)               \
  X(pango_layout_get_character_count)         \
  X(pango_layout_get_line_readonly)           \
  X(pango_layout_get_unknown_glyphs_count)    \
  X(pango_layout_line_get_extents)            \
  X(pango_layout_new)                         \
  X(pango_layout_set_ellipsize)               \
  X(pango_layout_set_font_description)        \
  X(pango_layout_set_single_paragraph_mode)   \
  X(pango_layout_set_text)                    \
  X(pango_layout_set_width)                   \
  X(pango_units_from_double)                  \
  X(pango_units_to_double)

namespace cpuagg::notify {

#define CPUAGG_DECLARE(name) inline decltype(&::name) name = nullptr;
CPUAGG_CAIRO_FUNCTIONS(CPUAGG_DECLARE)
#undef CPUAGG_DECLARE

// Call this, and check its status, before calling any of these functions.
inline absl::Status LoadCairo() {
#define CPUAGG_FUNCTION(name) LibraryFunction{#name, &name},
  static const absl::Status status =
      LoadLibrary("libpangocairo-1.0.so.0", "libpangocairo-1.0-0 (Fedora, RHEL: pango)",
                  {CPUAGG_CAIRO_FUNCTIONS(CPUAGG_FUNCTION)});
#undef CPUAGG_FUNCTION
  return status;
}

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CAIRO_LIBRARY_H_
