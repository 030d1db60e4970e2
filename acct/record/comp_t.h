// Decodes the floating-point numbers of accounting records (acct(5), linux/acct.h and
// kernel/acct.c). comp_t has 16 bits: a 3-bit base-8 exponent above a 13-bit mantissa. comp2_t has
// 24 bits: a 5-bit base-2 exponent above a 20-bit mantissa whose first bit is not stored.
//
//   acct::DecodeCompT(0x2001) == 8

#ifndef CPUAGG_ACCT_RECORD_COMP_T_H_
#define CPUAGG_ACCT_RECORD_COMP_T_H_

#include <cstdint>

namespace cpuagg::acct {

// The largest value a comp_t holds: 17,177,772,032.
inline constexpr uint64_t kCompTMax = uint64_t{0x1fff} << 21;

// The value of a comp_t, for all 65,536 bit patterns. This includes patterns that the kernel does
// not write: those with an exponent although the value fits without one.
constexpr uint64_t DecodeCompT(uint16_t bits) {
  return uint64_t{bits & 0x1fffu} << (3 * (bits >> 13));
}

// The value of the low 24 bits of `bits` as a comp2_t: up to 2^50.
constexpr uint64_t DecodeComp2T(uint32_t bits) {
  const uint32_t mantissa = bits & 0x7ffff;
  const uint32_t exponent = (bits >> 19) & 0x1f;
  return exponent == 0 ? mantissa : uint64_t{mantissa | 0x80000} << (exponent - 1);
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_COMP_T_H_
