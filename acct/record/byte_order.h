// Loads numbers in either byte order from unaligned bytes, whatever the machine's own order. The
// little-endian loads compile to one instruction on a little-endian machine. They are always
// inline, even beyond the compiler's inlining budget, because the hot loops consist of them.

#ifndef CPUAGG_ACCT_RECORD_BYTE_ORDER_H_
#define CPUAGG_ACCT_RECORD_BYTE_ORDER_H_

#include <bit>
#include <cstdint>

#include "absl/base/attributes.h"

namespace cpuagg::acct {

enum class ByteOrder : uint8_t { kLittle, kBig };

ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint16_t LoadLittle16(const uint8_t* p) {
  return static_cast<uint16_t>(p[0] | uint32_t{p[1]} << 8);
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint32_t LoadLittle32(const uint8_t* p) {
  return uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline uint64_t LoadLittle64(const uint8_t* p) {
  return uint64_t{LoadLittle32(p)} | uint64_t{LoadLittle32(p + 4)} << 32;
}

ABSL_ATTRIBUTE_ALWAYS_INLINE inline float LoadLittleFloat(const uint8_t* p) {
  return std::bit_cast<float>(LoadLittle32(p));
}

inline uint16_t Load16(const uint8_t* p, ByteOrder order) {
  if (order == ByteOrder::kLittle) return LoadLittle16(p);
  return static_cast<uint16_t>(uint32_t{p[0]} << 8 | p[1]);
}

inline uint32_t Load32(const uint8_t* p, ByteOrder order) {
  if (order == ByteOrder::kLittle) return LoadLittle32(p);
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_BYTE_ORDER_H_
