#include "notify/testing/picture/test_png.h"

#include <png.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cpuagg::notify::testing {

std::string MakePng(uint32_t width, uint32_t height, uint8_t shade) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_GRAY;
  const std::vector<png_byte> pixels(size_t{width} * height, shade);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string png(size, '\0');
  png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), 0, nullptr);
  png.resize(size);
  return png;
}

}  // namespace cpuagg::notify::testing
