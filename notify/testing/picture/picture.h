// Picture: the pixels of a PNG, to measure what was drawn.
//
//   const Picture picture = Picture::Decode(png);
//   for (const PixelBox& bar : picture.BarsOf(0x0072b2)) EXPECT_EQ(bar.x, 100);

#ifndef CPUAGG_NOTIFY_TESTING_PICTURE_PICTURE_H_
#define CPUAGG_NOTIFY_TESTING_PICTURE_PICTURE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

struct PixelBox {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

class Picture {
 public:
  // Fails the test if `png` is not a PNG that can be decoded.
  static Picture Decode(absl::string_view png);

  int width() const { return width_; }
  int height() const { return height_; }
  // 0xRRGGBB.
  uint32_t at(int x, int y) const {
    const ptrdiff_t row = y;
    return pixels_[static_cast<size_t>(row * width_ + x)];
  }

  // Swaps rows and columns, so that BarsOf() finds vertical bars: in boxes, x and y, and width and
  // height, are exchanged, and a bar begins at its top.
  Picture Transposed() const;

  // The box of everything that is not `background`, within columns [x_begin, x_end) and rows
  // [y_begin, y_end). All zero if there is nothing.
  PixelBox InkIn(int x_begin, int x_end, int y_begin, int y_end, uint32_t background) const;

  // The bars of exactly this color, from top to bottom: the longest run in each row of pixels, over
  // consecutive rows.
  std::vector<PixelBox> BarsOf(uint32_t rgb) const;

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<uint32_t> pixels_;
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_PICTURE_PICTURE_H_
