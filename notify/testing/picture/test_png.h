// PNG files for tests, made by libpng.

#ifndef CPUAGG_NOTIFY_TESTING_PICTURE_TEST_PNG_H_
#define CPUAGG_NOTIFY_TESTING_PICTURE_TEST_PNG_H_

#include <cstdint>
#include <string>

namespace cpuagg::notify::testing {

// A valid grey PNG of this size, both at least 1, which any decoder can read. The same arguments
// give the same bytes; another `shade`, 0 to 255, gives others.
std::string MakePng(uint32_t width, uint32_t height, uint8_t shade = 0x80);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_PICTURE_TEST_PNG_H_
