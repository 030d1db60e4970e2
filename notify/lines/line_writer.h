// LineWriter: assembles a line of text fast, for outputs with millions of lines.
//
//   std::array<char, 64 + LineWriter::kOverhang> room;
//   LineWriter line(absl::MakeSpan(room));
//   line.Literal("uid ");
//   line.Number<10>(uid);  // as %10u
//   line.AppendTo(text);
//
// The functions do not check for room: the caller must provide room for the longest line. Numbers
// are written without a branch on their number of digits, which a processor cannot predict.

#ifndef CPUAGG_NOTIFY_LINES_LINE_WRITER_H_
#define CPUAGG_NOTIFY_LINES_LINE_WRITER_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::notify {

namespace internal {

inline constexpr uint64_t kEveryByte = 0x0101'0101'0101'0101;

// The eight decimal digits of a number below 10^8, one per byte of the result, the first digit in
// the lowest byte. Divides the halves of the number in parallel, and then the halves of those.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t EightDigits(uint64_t number) {
  // A 32-bit division takes fewer instructions.
  const auto whole = static_cast<uint32_t>(number);
  const uint64_t fours = whole / 10'000 | uint64_t{whole % 10'000} << 32;
  const uint64_t hundreds = (fours * 10'486 >> 20) & 0x7f'0000'007f;  // fours / 100
  const uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
  const uint64_t tens = (pairs * 103 >> 10) & 0x000f'000f'000f'000f;  // pairs / 10
  return tens | (pairs - tens * 10) << 8;
}

// Stores the lowest byte first. One instruction on a little-endian machine.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void StoreLittle64(uint64_t word, char* p) {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  std::memcpy(p, &word, sizeof word);
}

// Like printf's %*ju. Returns the end of the text.
ABSL_ATTRIBUTE_NOINLINE inline char* WriteLongNumber(uint64_t number, size_t width, char* p) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto length = static_cast<size_t>(end - digits.data());
  if (length < width) p = std::fill_n(p, width - length, ' ');
  return std::copy(digits.data(), end, p);
}

}  // namespace internal

class LineWriter {
 public:
  // The number of bytes that may be written after the end of a line.
  static constexpr size_t kOverhang = 16;

  // `room` must outlive this object, and have the length of the line plus kOverhang.
  ABSL_ATTRIBUTE_ALWAYS_INLINE explicit LineWriter(absl::Span<char> room)
      : room_(room), end_(room.data()) {}

  ABSL_ATTRIBUTE_ALWAYS_INLINE void AppendTo(std::string& text) const {
    const auto length = static_cast<size_t>(end_ - room_.data());
    assert(length + kOverhang <= room_.size());
    text.append(room_.data(), length);
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Char(char c) { *end_++ = c; }

  template <size_t kBytes>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Literal(const char (&literal)[kBytes]) {
    std::memcpy(end_, literal, kBytes - 1);
    end_ += kBytes - 1;
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Text(absl::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  // The first `length` of these bytes. Copies all of them, which is cheaper than a copy of variable
  // length.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Text(const std::array<char, 16>& text, size_t length) {
    std::memcpy(end_, text.data(), text.size());
    end_ += length;
  }
  // Like %*s.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void RightAligned(absl::string_view text, size_t width) {
    if (text.size() < width) Spaces(width - text.size());
    Text(text);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Spaces(size_t count) { end_ = std::fill_n(end_, count, ' '); }

  // Like %*ju.
  template <size_t kWidth = 0>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Number(uint64_t number) {
    if (number >= kTooLong) [[unlikely]] {
      end_ = internal::WriteLongNumber(number, kWidth, end_);
      return;
    }
    if constexpr (kWidth > 8) Spaces(kWidth - 8);
    ShortNumber<std::clamp<size_t>(kWidth, 1, 8), 1>(internal::EightDigits(number));
  }

  // Like %ju, for numbers that nearly always have one digit.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Digit(uint64_t number) {
    if (number < 10) [[likely]] {
      Char(static_cast<char>('0' + number));
    } else {
      Number(number);
    }
  }

  // Like %*.2f of `hundredths` / 100, but exact.
  template <size_t kWidth = 4>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Hundredths(uint64_t hundredths) {
    static_assert(kWidth >= 4);
    if (hundredths >= kTooLong) [[unlikely]] {
      end_ = internal::WriteLongNumber(hundredths / 100, kWidth - 3, end_);
      Char('.');
      Char(static_cast<char>('0' + hundredths / 10 % 10));
      Char(static_cast<char>('0' + hundredths % 10));
      return;
    }
    if constexpr (kWidth > 9) Spaces(kWidth - 9);
    const uint64_t digits = internal::EightDigits(hundredths);
    ShortNumber<std::min<size_t>(kWidth, 9) - 1, 3>(digits);
    // The last two digits move to after the point.
    end_[-2] = '.';
    end_[-1] = static_cast<char>('0' + (digits >> 48 & 0xf));
    Char(static_cast<char>('0' + (digits >> 56)));
  }

  // As hh:mm:ss. `seconds` must be below 100 hours.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Clock(uint64_t seconds) {
    const uint64_t minutes = seconds / 60;
    // The digits are hh0mm0ss. The code of a colon is 0xa more than that of a zero.
    const uint64_t digits =
        internal::EightDigits(minutes / 60 * 1'000'000 + minutes % 60 * 1'000 + seconds % 60);
    constexpr uint64_t kColons = uint64_t{0xa} << 16 | uint64_t{0xa} << 40;
    internal::StoreLittle64(digits | internal::kEveryByte * '0' | kColons, end_);
    end_ += 8;
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE void Command(const aggregate::CommandBits& command) {
    std::memcpy(end_, command.data(), sizeof command);
    end_ += aggregate::CommandLength(command);
  }
  // Padded with spaces to 16 bytes.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void PaddedCommand(const aggregate::CommandBits& command) {
    for (const uint64_t word : command) {
      // The highest bit of each zero byte.
      constexpr uint64_t kLow = internal::kEveryByte * 0x7f;
      const uint64_t zeros = ~(((word & kLow) + kLow) | word) & ~kLow;
      const uint64_t padded = word | zeros >> 2;
      static_assert(' ' == 0x80 >> 2);
      std::memcpy(end_, &padded, sizeof padded);
      end_ += sizeof padded;
    }
  }

 private:
  static constexpr uint64_t kTooLong = 100'000'000;

  // Digits from EightDigits(), at least kLeastDigits of them.
  template <size_t kWidth, size_t kLeastDigits>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void ShortNumber(uint64_t digits) {
    static_assert(kLeastDigits <= kWidth && kWidth <= 8);
    // The number of bits of the leading zeros.
    const unsigned zeros =
        static_cast<unsigned>(std::countr_zero(digits | uint64_t{1} << (64 - 8 * kLeastDigits))) &
        ~7u;
    uint64_t characters = digits | internal::kEveryByte * '0';
    unsigned skipped = zeros;
    if constexpr (kWidth > kLeastDigits) {
      // The code of a digit is that of a space plus 0x10.
      characters = digits | internal::kEveryByte * ' ' | internal::kEveryByte * 0x10 << zeros;
      skipped = std::min<unsigned>(zeros, 64 - 8 * kWidth);
    }
    internal::StoreLittle64(characters >> skipped, end_);
    end_ += 8 - skipped / 8;
  }

  absl::Span<char> room_;
  char* end_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_LINE_WRITER_H_
