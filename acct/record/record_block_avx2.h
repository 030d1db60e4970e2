// IsOrdinaryBlock() with AVX2 instructions.

#ifndef CPUAGG_ACCT_RECORD_RECORD_BLOCK_AVX2_H_
#define CPUAGG_ACCT_RECORD_RECORD_BLOCK_AVX2_H_

#include "acct/record/avx2.h"

#if defined(__x86_64__)

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/base/attributes.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_block.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"

namespace cpuagg::acct {
namespace internal {

// 64 bits from each place.
CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_ALWAYS_INLINE inline __m128i LoadTwo(const uint8_t* low,
                                                                       const uint8_t* high) {
  const __m128d first = _mm_load_sd(reinterpret_cast<const double*>(low));
  return _mm_castpd_si128(_mm_loadh_pd(first, reinterpret_cast<const double*>(high)));
}

}  // namespace internal

// IsOrdinaryBlock() without a branch for each record. Only if HasAvx2().
CPUAGG_TARGET_AVX2 ABSL_ATTRIBUTE_NOINLINE inline bool IsOrdinaryBlockAvx2(
    const uint8_t* block, BlockTimes& times_of_block) {
  // Four records at a time: the begin of each is in the lower half of 64 bits, its elapsed time in
  // the upper one.
  constexpr size_t kAtOnce = 4;
  static_assert(kVersion3.elapsed == kVersion3.begin_time + 4);
  const __m256i hundred = _mm256_set1_epi64x(kTicksPerSecond);
  __m256i least_times = _mm256_set1_epi32(-1);
  __m256i most_times = _mm256_setzero_si256();
  __m256i ends = _mm256_setzero_si256();
  uint64_t heads = 0;
  __m128i most_fields = _mm_setzero_si128();
  // A regular command begins with a printable character, ends with a zero, and has only zeros
  // after its first one. So of all its bytes, as a circle, the last one is the only zero in front
  // of something else.
  __m128i zeros_in_front = _mm_setzero_si128();
  __m128i least_command = _mm_set1_epi8(-1);
  for (size_t i = 0; i < kBlockRecords; i += kAtOnce) {
    const uint8_t* const records = block + i * kRecordBytes;
    for (size_t k = 0; k < kAtOnce; ++k) {
      const uint8_t* const record = records + k * kRecordBytes;
      heads |= (LoadLittle64(record) & RecordV3View::kHeadMask) ^ RecordV3View::kHead;
      const auto* const fields = reinterpret_cast<const __m128i*>(record + kVersion3.user_time);
      most_fields = _mm_max_epu16(most_fields, _mm_loadu_si128(fields));
      const __m128i command =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(record + kVersion3.command));
      least_command = _mm_min_epu8(least_command, command);
      const __m128i zeros = _mm_cmpeq_epi8(command, _mm_setzero_si128());
      zeros_in_front =
          _mm_add_epi8(zeros_in_front, _mm_andnot_si128(_mm_alignr_epi8(zeros, zeros, 1), zeros));
    }
    const uint8_t* const at = records + kVersion3.begin_time;
    const __m256i times =
        _mm256_set_m128i(internal::LoadTwo(at + 2 * kRecordBytes, at + 3 * kRecordBytes),
                         internal::LoadTwo(at, at + kRecordBytes));
    least_times = _mm256_min_epu32(least_times, times);
    most_times = _mm256_max_epu32(most_times, times);
    const __m256i elapsed = _mm256_srli_epi64(_mm256_cvttps_epi32(_mm256_castsi256_ps(times)), 32);
    const __m256i end = _mm256_add_epi64(_mm256_mul_epu32(times, hundred), elapsed);
    ends = _mm256_blendv_epi8(ends, end, _mm256_cmpgt_epi64(end, ends));
  }
  std::array<uint64_t, kAtOnce> lanes;
  auto* const stored = reinterpret_cast<__m256i*>(lanes.data());
  _mm256_storeu_si256(stored, ends);
  times_of_block.last_end = static_cast<int64_t>(*std::max_element(lanes.begin(), lanes.end()));
  _mm256_storeu_si256(stored, least_times);
  times_of_block.first_begin = ~uint32_t{0};
  for (const uint64_t lane : lanes) {
    times_of_block.first_begin = std::min(times_of_block.first_begin, static_cast<uint32_t>(lane));
  }
  _mm256_storeu_si256(stored, most_times);
  uint64_t most_elapsed = 0;
  for (const uint64_t lane : lanes) most_elapsed = std::max(most_elapsed, lane >> 32);

  const __m128i largest_field = _mm_set1_epi16(static_cast<int16_t>(kLargestOrdinaryCompT));
  constexpr uint64_t kOnceARecord = uint64_t{256 - kBlockRecords} << 56;  // of bytes that are -1
  const __m128i last_zeros = _mm_set_epi64x(static_cast<int64_t>(kOnceARecord), 0);
  const auto are_all = [](__m128i is) { return _mm_movemask_epi8(is) == 0xffff; };
  return heads == 0 && times_of_block.first_begin >= kEarliestBegin &&
         most_elapsed < kOrdinaryFloatBits && are_all(_mm_cmpeq_epi8(zeros_in_front, last_zeros)) &&
         are_all(_mm_cmpeq_epi16(_mm_max_epu16(most_fields, largest_field), largest_field)) &&
         static_cast<uint8_t>(_mm_cvtsi128_si32(least_command)) >= ' ';
}

}  // namespace cpuagg::acct

#endif  // defined(__x86_64__)

#endif  // CPUAGG_ACCT_RECORD_RECORD_BLOCK_AVX2_H_
