#include "notify/testing/picture/test_png.h"

#include <zlib.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {
namespace {

std::string BigEndian32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

const Bytef* AsBytes(const std::string& text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

}  // namespace

std::string MakePngChunk(absl::string_view type, absl::string_view data) {
  const std::string checked = absl::StrCat(type, data);
  const auto checksum = crc32(0, AsBytes(checked), static_cast<uInt>(checked.size()));
  return absl::StrCat(BigEndian32(static_cast<uint32_t>(data.size())), checked,
                      BigEndian32(static_cast<uint32_t>(checksum)));
}

std::string MakePng(uint32_t width, uint32_t height, uint8_t shade) {
  // 8 bits of grey per pixel, not interlaced.
  const std::string format("\x08\x00\x00\x00\x00", 5);
  // Each row is a filter byte, 0 for none, and its pixels.
  const std::string row = std::string(1, '\0') + std::string(width, static_cast<char>(shade));
  std::string pixels;
  for (uint32_t y = 0; y < height; ++y) pixels += row;

  uLongf size = compressBound(static_cast<uLong>(pixels.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, AsBytes(pixels),
           static_cast<uLong>(pixels.size()));
  packed.resize(size);

  return absl::StrCat("\x89PNG\r\n\x1a\n",
                      MakePngChunk("IHDR", BigEndian32(width) + BigEndian32(height) + format),
                      MakePngChunk("IDAT", packed), MakePngChunk("IEND", ""));
}

}  // namespace cpuagg::notify::testing
