#include "notify/testing/picture/png_header.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {
namespace {

constexpr std::array<uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr size_t kHeaderBytes = 13;         // the data of IHDR
constexpr size_t kChunkOverhead = 12;       // length, type and checksum
constexpr uint32_t kLargest = 0x7FFFFFFFu;  // of any length or dimension in a PNG

uint32_t LoadBigEndian32(absl::Span<const uint8_t> bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

absl::Status Damaged(absl::string_view what, size_t offset) {
  return absl::DataLossError(absl::StrCat("PNG: ", what, " at offset ", offset));
}

}  // namespace

absl::StatusOr<PngSize> ReadPngSize(absl::Span<const uint8_t> bytes) {
  if (bytes.size() < kSignature.size() ||
      !std::equal(kSignature.begin(), kSignature.end(), bytes.begin())) {
    return Damaged("no signature", 0);
  }
  PngSize size;
  bool has_picture = false;
  size_t offset = kSignature.size();
  while (true) {
    const absl::Span<const uint8_t> rest = bytes.subspan(offset);
    if (rest.size() < kChunkOverhead) return Damaged("truncated chunk", offset);
    const uint32_t length = LoadBigEndian32(rest);
    if (length > kLargest || length > rest.size() - kChunkOverhead) {
      return Damaged("chunk longer than the file", offset);
    }
    const absl::Span<const uint8_t> checked = rest.subspan(4, 4 + size_t{length});
    const std::string type(checked.begin(), checked.begin() + 4);
    const absl::Span<const uint8_t> data = checked.subspan(4);
    if (crc32(0, checked.data(), static_cast<uInt>(checked.size())) !=
        LoadBigEndian32(rest.subspan(8 + size_t{length}))) {
      return Damaged("wrong checksum", offset);
    }
    if ((type == "IHDR") != (offset == kSignature.size())) {
      return Damaged("IHDR is not the first chunk", offset);
    }
    if (type == "IHDR") {
      if (data.size() != kHeaderBytes) return Damaged("wrong size of IHDR", offset);
      size = {LoadBigEndian32(data), LoadBigEndian32(data.subspan(4))};
      const bool valid =
          size.width > 0 && size.width <= kLargest && size.height > 0 && size.height <= kLargest;
      if (!valid) return Damaged("invalid dimensions", offset);
    }
    has_picture = has_picture || (type == "IDAT" && !data.empty());
    offset += kChunkOverhead + length;
    if (type == "IEND") break;
  }
  if (!has_picture) return Damaged("no IDAT", offset);
  if (offset != bytes.size()) return Damaged("bytes after IEND", offset);
  return size;
}

}  // namespace cpuagg::notify::testing
