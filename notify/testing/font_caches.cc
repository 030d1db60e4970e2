#include "notify/testing/font_caches.h"

#include <cairo.h>
#include <fontconfig/fontconfig.h>

namespace cpuagg::notify::testing {

void FontCaches::TearDown() {
  // In this order: cairo's fonts hold fontconfig's.
  cairo_debug_reset_static_data();
  FcFini();
}

}  // namespace cpuagg::notify::testing
