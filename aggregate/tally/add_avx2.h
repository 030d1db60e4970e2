// CompactUsage::Add() with AVX2 instructions, which decode and add all fields of a record at once.
//
//   const Avx2Adder adder;  // before a loop
//   if (!adder.Add(record, usage)) ...
//
// The caller must be compiled for AVX2 as well, with CPUAGG_TARGET_AVX2, and may only be called if
// acct::HasAvx2() is true.

#ifndef CPUAGG_AGGREGATE_TALLY_ADD_AVX2_H_
#define CPUAGG_AGGREGATE_TALLY_ADD_AVX2_H_

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"
#include "acct/record/avx2.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "aggregate/tally/compact_usage.h"

namespace cpuagg::aggregate {

class Avx2Adder {
 public:
  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE Avx2Adder()
      : shifts_(InRegister(_mm_setr_epi8(0, 3, 6, 9, 12, 15, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0))),
        mantissa_(InRegister(_mm_set1_epi16(0x1fff))),
        largest_(InRegister(_mm_set1_epi16(static_cast<int16_t>(0xdfff)))),
        one_(InRegister(_mm256_set1_epi32(1))) {}

  // Like CompactUsage::Add(), but may also refuse a process with a field whose comp_t has the
  // largest exponent, or with an impossible elapsed time.
  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE bool Add(acct::RecordV3View record,
                                                           CompactUsage& usage) const {
    const __m128i fields = FieldsOf(record);
    const __m128i is_small = _mm_cmpeq_epi16(_mm_max_epu16(fields, largest_), largest_);
    const __m256i process = Decoded(fields, record);
    const __m256i next = _mm256_add_epi32(_mm256_loadu_si256(SumsOf(usage)), process);
    // Tests the highest bit of each lane.
    static_assert(CompactUsage::kLimit == uint64_t{1} << 31);
    if (_mm_movemask_epi8(is_small) != 0xffff ||
        _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_or_si256(next, process))) != 0) [[unlikely]] {
      return false;
    }
    Store(next, process, usage);
    return true;
  }

  // The same for an ordinary record (acct::kOrdinaryLimit), which is always added. Returns the
  // sums, which may have reached the limit.
  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE __m256i AddOrdinary(acct::RecordV3View record,
                                                                      CompactUsage& usage) const {
    const __m256i process = Decoded(FieldsOf(record), record);
    const __m256i next = _mm256_add_epi32(_mm256_loadu_si256(SumsOf(usage)), process);
    Store(next, process, usage);
    return next;
  }

 private:
  // The eight comp_t fields, which are adjacent. Most of them have the same index as their sum.
  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE static __m128i FieldsOf(
      acct::RecordV3View record) {
    using acct::kVersion3;
    constexpr auto kIndexOf = [](size_t offset) { return (offset - kVersion3.user_time) / 2; };
    static_assert(kIndexOf(kVersion3.system_time) == CompactUsage::kSystem &&
                  kIndexOf(kVersion3.memory) == CompactUsage::kMemory &&
                  kIndexOf(kVersion3.io) == CompactUsage::kIo &&
                  kIndexOf(kVersion3.blocks) == CompactUsage::kElapsed &&
                  kIndexOf(kVersion3.minor_faults) == CompactUsage::kMinorFaults &&
                  kIndexOf(kVersion3.major_faults) == CompactUsage::kMajorFaults &&
                  kIndexOf(kVersion3.swaps) == CompactUsage::kProcesses);
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(record.bytes() + kVersion3.user_time));
  }

  // What the process adds to each sum. acct::DecodeCompT(), with a table instead of a
  // multiplication by three.
  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE __m256i Decoded(__m128i fields,
                                                                  acct::RecordV3View record) const {
    const __m128i shifts = _mm_shuffle_epi8(shifts_, _mm_srli_epi16(fields, 13));
    const __m128i mantissas = _mm_and_si128(fields, mantissa_);
    const __m256i numbers =
        _mm256_sllv_epi32(_mm256_cvtepu16_epi32(mantissas), _mm256_cvtepu16_epi32(shifts));
    // A value that is not a number below 2^31 becomes 2^31. A record may begin at any address.
    float elapsed_ticks;
    std::memcpy(&elapsed_ticks, record.bytes() + acct::kVersion3.elapsed, sizeof elapsed_ticks);
    const __m256i elapsed = _mm256_cvttps_epi32(_mm256_set1_ps(elapsed_ticks));
    const __m256i with_elapsed = _mm256_blend_epi32(numbers, elapsed, 1 << CompactUsage::kElapsed);
    return _mm256_blend_epi32(with_elapsed, one_, 1 << CompactUsage::kProcesses);
  }

  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE static __m256i* SumsOf(CompactUsage& usage) {
    return reinterpret_cast<__m256i*>(usage.sums.data());
  }

  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE static void Store(__m256i sums, __m256i process,
                                                                    CompactUsage& usage) {
    _mm256_storeu_si256(SumsOf(usage), sums);
    // The largest user plus system time, and memory.
    static_assert(
        CompactUsage::kUser == 0 && CompactUsage::kSystem == 1 && CompactUsage::kMemory == 2 &&
        offsetof(CompactUsage, largest_memory) == offsetof(CompactUsage, largest_cpu) + 4);
    const __m128i low = _mm256_castsi256_si128(process);
    const __m128i user_and_memory = _mm_shuffle_epi32(low, _MM_SHUFFLE(3, 3, 2, 0));
    const __m128i only_system = _mm_castps_si128(
        _mm_insert_ps(_mm_castsi128_ps(low), _mm_castsi128_ps(low), 1 << 6 | 0 << 4 | 0b1110));
    auto* const largest = reinterpret_cast<__m128i*>(&usage.largest_cpu);
    _mm_storel_epi64(largest, _mm_max_epu32(_mm_loadl_epi64(largest),
                                            _mm_add_epi32(user_and_memory, only_system)));
  }

  // Keeps a constant in a register; otherwise the compiler would load it again for each record.
  template <typename Vector>
  CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE static Vector InRegister(Vector constant) {
    asm("" : "+x"(constant));
    return constant;
  }

  __m128i shifts_;    // by the exponent of a comp_t
  __m128i mantissa_;  // the mantissa bits of a comp_t
  __m128i largest_;   // the largest comp_t with an exponent below the maximum
  __m256i one_;
};

}  // namespace cpuagg::aggregate

#endif  // defined(__x86_64__)

#endif  // CPUAGG_AGGREGATE_TALLY_ADD_AVX2_H_
