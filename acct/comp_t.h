// comp_t, the 16-bit floating-point number of accounting records: a 3-bit base-8 exponent above a
// 13-bit mantissa (acct(5), linux/acct.h).
//
//   acct::DecodeCompT(0x2001) == 8

#ifndef CPUAGG_ACCT_COMP_T_H_
#define CPUAGG_ACCT_COMP_T_H_

#include <cstdint>

namespace cpuagg::acct {

// The largest value a comp_t holds: 17,177,772,032.
inline constexpr uint64_t kCompTMax = uint64_t{0x1fff} << 21;

// The value of a comp_t, for every one of its 65,536 bit patterns. Patterns that the kernel does
// not write (an exponent above a mantissa that would have fitted without it) have a value as well.
constexpr uint64_t DecodeCompT(uint16_t bits) {
  return uint64_t{bits & 0x1fffu} << (3 * (bits >> 13));
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_COMP_T_H_
