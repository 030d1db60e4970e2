#include "notify/testing/picture/picture.h"

#include <cairo.h>

#include <algorithm>
#include <cstring>

#include "gtest/gtest.h"

namespace cpuagg::notify::testing {
namespace {

// Takes `length` bytes off the front of the string view at `rest`.
cairo_status_t Take(void* rest, unsigned char* data, unsigned int length) {
  auto& bytes = *static_cast<absl::string_view*>(rest);
  if (bytes.size() < length) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(data, bytes.data(), length);
  bytes.remove_prefix(length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Picture Picture::Decode(absl::string_view png) {
  Picture picture;
  cairo_surface_t* surface = cairo_image_surface_create_from_png_stream(Take, &png);
  EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
  EXPECT_TRUE(png.empty()) << png.size() << " bytes after the picture";
  picture.width_ = cairo_image_surface_get_width(surface);
  picture.height_ = cairo_image_surface_get_height(surface);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < picture.height_; ++y) {
    for (int x = 0; x < picture.width_; ++x) {
      uint32_t pixel;
      std::memcpy(&pixel, data + y * stride + x * 4, sizeof(pixel));
      picture.pixels_.push_back(pixel & 0xffffff);
    }
  }
  cairo_surface_destroy(surface);
  return picture;
}

Picture Picture::Transposed() const {
  Picture transposed;
  transposed.width_ = height_;
  transposed.height_ = width_;
  for (int x = 0; x < width_; ++x) {
    for (int y = 0; y < height_; ++y) transposed.pixels_.push_back(at(x, y));
  }
  return transposed;
}

PixelBox Picture::InkIn(int x_begin, int x_end, int y_begin, int y_end, uint32_t background) const {
  int left = x_end, right = x_begin, top = y_end, bottom = y_begin;
  for (int y = y_begin; y < y_end; ++y) {
    for (int x = x_begin; x < x_end; ++x) {
      if (at(x, y) == background) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
    }
  }
  if (right <= left) return {};
  return {.x = left, .y = top, .width = right - left, .height = bottom - top};
}

std::vector<PixelBox> Picture::BarsOf(uint32_t rgb) const {
  std::vector<PixelBox> bars;
  for (int y = 0; y < height_; ++y) {
    PixelBox longest{.y = y, .height = 1};
    for (int x = 0, begin = 0; x < width_; ++x) {
      if (at(x, y) != rgb) {
        begin = x + 1;
      } else if (x + 1 - begin > longest.width) {
        longest.x = begin;
        longest.width = x + 1 - begin;
      }
    }
    if (longest.width == 0) continue;
    if (bars.empty() || bars.back().y + bars.back().height != y) {
      bars.push_back(longest);
      continue;
    }
    PixelBox& bar = bars.back();
    ++bar.height;
    if (longest.width > bar.width) {
      bar.x = longest.x;
      bar.width = longest.width;
    }
  }
  return bars;
}

}  // namespace cpuagg::notify::testing
