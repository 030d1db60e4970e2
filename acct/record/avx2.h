// Functions with AVX2 instructions, for the loops over records. They are compiled in every build
// for x86-64, and may only be called if HasAvx2() is true.

#ifndef CPUAGG_ACCT_RECORD_AVX2_H_
#define CPUAGG_ACCT_RECORD_AVX2_H_

#if defined(__x86_64__)

#include <immintrin.h>

// BMI has shorter instructions for single numbers. Lambdas do not inherit the attribute.
#define CPUAGG_TARGET_AVX2 [[gnu::target("avx2,bmi,bmi2")]]

namespace cpuagg::acct {

inline bool HasAvx2() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                          __builtin_cpu_supports("bmi2");
  return has;
}

}  // namespace cpuagg::acct

#endif  // defined(__x86_64__)

#endif  // CPUAGG_ACCT_RECORD_AVX2_H_
