// Checks that bytes are a whole PNG file, and reads how large the picture is.
//
//   absl::StatusOr<PngSize> size = ReadPngSize(bytes);
//
// The layout is PNG's (www.w3.org/TR/png-3): signature, then chunks of length, type, data and
// CRC-32. The compressed picture itself is not decoded: a checksum over every chunk is enough to
// notice an upload that lost, gained or changed a byte.

#ifndef CPUAGG_NOTIFY_TESTING_PICTURE_PNG_HEADER_H_
#define CPUAGG_NOTIFY_TESTING_PICTURE_PNG_HEADER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace cpuagg::notify::testing {

struct PngSize {
  uint32_t width = 0;   // pixels, at least 1
  uint32_t height = 0;  // pixels, at least 1

  friend bool operator==(const PngSize&, const PngSize&) = default;
};

// DataLoss, naming the offset, unless `bytes` are a signature, an IHDR, at least one IDAT and an
// IEND, every chunk with its right checksum, and nothing after them.
absl::StatusOr<PngSize> ReadPngSize(absl::Span<const uint8_t> bytes);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_PICTURE_PNG_HEADER_H_
