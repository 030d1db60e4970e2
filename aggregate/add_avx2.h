// Usage::Add() for little-endian records of version 3 with the instructions of AVX2, which decode
// and add several counters at once. What it adds is the same.
//
//   if (HasAvx2()) AddAvx2(record, usage);
//
// The caller has to be compiled for AVX2 as well, with CPUAGG_TARGET_AVX2, and may only be called
// where HasAvx2() is true.

#ifndef CPUAGG_AGGREGATE_ADD_AVX2_H_
#define CPUAGG_AGGREGATE_ADD_AVX2_H_

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "absl/base/attributes.h"
#include "acct/layout.h"
#include "acct/record_v3_view.h"
#include "aggregate/usage.h"

// BMI2 has the shifts that the other counters are decoded with. Lambdas do not inherit it.
#define CPUAGG_TARGET_AVX2 [[gnu::target("avx2,bmi2")]]

namespace cpuagg::aggregate {

inline bool HasAvx2() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
  return has;
}

namespace internal {

// acct::DecodeCompT() of numbers in lanes of 64 bits.
CPUAGG_TARGET_AVX2 inline __m128i DecodeCompT(__m128i bits) {
  const __m128i mantissa = _mm_and_si128(bits, _mm_set1_epi64x(0x1fff));
  const __m128i exponent = _mm_srli_epi64(bits, 13);
  return _mm_sllv_epi64(mantissa, _mm_mul_epu32(exponent, _mm_set1_epi64x(3)));
}
CPUAGG_TARGET_AVX2 inline __m256i DecodeCompT(__m256i bits) {
  const __m256i mantissa = _mm256_and_si256(bits, _mm256_set1_epi64x(0x1fff));
  const __m256i exponent = _mm256_srli_epi64(bits, 13);
  return _mm256_sllv_epi64(mantissa, _mm256_mul_epu32(exponent, _mm256_set1_epi64x(3)));
}

// Four counters that lie one behind the other, and two.
CPUAGG_TARGET_AVX2 inline void AddTo(uint64_t* sums, __m256i numbers) {
  auto* const lanes = reinterpret_cast<__m256i*>(sums);
  _mm256_storeu_si256(lanes, _mm256_add_epi64(_mm256_loadu_si256(lanes), numbers));
}
CPUAGG_TARGET_AVX2 inline void AddTo(uint64_t* sums, __m128i numbers) {
  auto* const lanes = reinterpret_cast<__m128i*>(sums);
  _mm_storeu_si128(lanes, _mm_add_epi64(_mm_loadu_si128(lanes), numbers));
}

}  // namespace internal

// As Usage::Add().
CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE inline void AddAvx2(acct::RecordV3View record,
                                                                    uint64_t elapsed,
                                                                    Usage& usage) {
  static_assert(offsetof(TickSums, system) == offsetof(TickSums, user) + 8);
  static_assert(offsetof(Usage, major_faults) == offsetof(Usage, memory_kib) + 24);
  // The comp_t fields, from user time to swaps.
  const __m128i fields =
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(record.bytes() + acct::kVersion3.user_time));
  static_assert(acct::kVersion3.system_time == acct::kVersion3.user_time + 2);
  const __m128i times = internal::DecodeCompT(_mm_cvtepu16_epi64(fields));
  // Memory, io, minor and major faults, each into a lane of its own.
  static_assert(acct::kVersion3.memory == acct::kVersion3.user_time + 4 &&
                acct::kVersion3.io == acct::kVersion3.user_time + 6 &&
                acct::kVersion3.minor_faults == acct::kVersion3.user_time + 10 &&
                acct::kVersion3.major_faults == acct::kVersion3.user_time + 12);
  const __m256i places =
      _mm256_setr_epi8(4, 5, -1, -1, -1, -1, -1, -1, 6, 7, -1, -1, -1, -1, -1, -1, 10, 11, -1, -1,
                       -1, -1, -1, -1, 12, 13, -1, -1, -1, -1, -1, -1);
  const __m256i counts =
      internal::DecodeCompT(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(fields), places));

  ++usage.processes;
  usage.ticks.elapsed += elapsed;
  internal::AddTo(&usage.ticks.user, times);
  internal::AddTo(&usage.memory_kib, counts);
  const auto cpu = static_cast<uint64_t>(
      _mm_cvtsi128_si64(_mm_add_epi64(times, _mm_unpackhi_epi64(times, times))));
  const auto memory = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(counts)));
  // A new maximum is rare: a branch costs less than a store each time.
  if (cpu > usage.ticks.largest_cpu) [[unlikely]]
    usage.ticks.largest_cpu = cpu;
  if (memory > usage.largest_memory_kib) [[unlikely]]
    usage.largest_memory_kib = memory;
}

}  // namespace cpuagg::aggregate

#endif  // defined(__x86_64__)

#endif  // CPUAGG_AGGREGATE_ADD_AVX2_H_
