// Loads of little-endian numbers from unaligned bytes, whatever the machine's own order. Each
// compiles to one instruction on a little-endian machine.

#ifndef CPUAGG_ACCT_LITTLE_ENDIAN_H_
#define CPUAGG_ACCT_LITTLE_ENDIAN_H_

#include <bit>
#include <cstdint>

namespace cpuagg::acct {

inline uint16_t LoadLittle16(const uint8_t* p) {
  return static_cast<uint16_t>(p[0] | uint32_t{p[1]} << 8);
}

inline uint32_t LoadLittle32(const uint8_t* p) {
  return uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}

inline float LoadLittleFloat(const uint8_t* p) { return std::bit_cast<float>(LoadLittle32(p)); }

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_LITTLE_ENDIAN_H_
