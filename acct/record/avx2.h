// Functions with AVX2 instructions, for the loops over records. They are compiled in every build
// for x86-64, and may only be called if HasAvx2() is true.

#ifndef CPUAGG_ACCT_RECORD_AVX2_H_
#define CPUAGG_ACCT_RECORD_AVX2_H_

#if defined(__x86_64__)

#include <immintrin.h>
#include <sys/platform/x86.h>

// BMI has shorter instructions for single numbers. Lambdas do not inherit the attribute.
#define CPUAGG_TARGET_AVX2 [[gnu::target("avx2,bmi,bmi2")]]

namespace cpuagg::acct {

// Asks the C library, so that GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2 is as on a processor without.
inline bool HasAvx2() {
  static const bool has = CPU_FEATURE_ACTIVE(AVX2) != 0 && CPU_FEATURE_ACTIVE(BMI1) != 0 &&
                          CPU_FEATURE_ACTIVE(BMI2) != 0;
  return has;
}

}  // namespace cpuagg::acct

#endif  // defined(__x86_64__)

#endif  // CPUAGG_ACCT_RECORD_AVX2_H_
