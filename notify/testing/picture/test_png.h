// PNG files for tests, made with zlib and nothing else.

#ifndef CPUAGG_NOTIFY_TESTING_PICTURE_TEST_PNG_H_
#define CPUAGG_NOTIFY_TESTING_PICTURE_TEST_PNG_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

// A valid grey PNG of this size, both at least 1, which any decoder can read. The same arguments
// give the same bytes; another `shade`, 0 to 255, gives others.
std::string MakePng(uint32_t width, uint32_t height, uint8_t shade = 0x80);

// One chunk, with its checksum.
std::string MakePngChunk(absl::string_view type, absl::string_view data);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_PICTURE_TEST_PNG_H_
