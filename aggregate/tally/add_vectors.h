// CompactUsage::Add() for ordinary records (acct::kOrdinaryLimit), with vectors of 16 bytes, which
// nearly every processor has: SSE2, NEON. aggregate/tally/add_avx2.h is faster where there is AVX2.

#ifndef CPUAGG_AGGREGATE_TALLY_ADD_VECTORS_H_
#define CPUAGG_AGGREGATE_TALLY_ADD_VECTORS_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/vectors.h"
#include "aggregate/tally/compact_usage.h"

namespace cpuagg::aggregate {
namespace internal {

// acct::DecodeCompT() of four numbers below 2^31: a float has the mantissa, and three times the
// exponent is added to its own. If the mantissa is zero, that makes a number far below one.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline acct::Word4 DecodeFour(acct::Short4 fields) {
  using acct::Float4;
  using acct::Int4;
  constexpr int kMantissaBits = 13;
  constexpr int kFloatMantissaBits = 23;
  const Int4 numbers = __builtin_convertvector(fields, Int4);
  const Int4 mantissas = numbers & ((1 << kMantissaBits) - 1);
  const Int4 exponents = (numbers >> kMantissaBits) << kFloatMantissaBits;
  const Float4 floats = __builtin_convertvector(mantissas, Float4);
  const Int4 scaled = std::bit_cast<Int4>(floats) + exponents + exponents + exponents;
  const Int4 decoded = __builtin_convertvector(std::bit_cast<Float4>(scaled), Int4);
  return std::bit_cast<acct::Word4>(decoded);
}

}  // namespace internal

// Adds an ordinary record. Returns two sums in each number, one or the other: at least
// CompactUsage::kLimit if one of them is. Only if acct::kHasBlocks.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline acct::Word4 AddOrdinary(acct::RecordV3View record,
                                                            CompactUsage& usage) {
  using acct::LoadVector;
  using acct::Short4;
  using acct::Word4;
  // Most comp_t fields have the same index as their sum.
  using acct::kVersion3;
  static_assert(kVersion3.system_time == kVersion3.user_time + 2 * CompactUsage::kSystem &&
                kVersion3.memory == kVersion3.user_time + 2 * CompactUsage::kMemory &&
                kVersion3.io == kVersion3.user_time + 2 * CompactUsage::kIo &&
                kVersion3.minor_faults == kVersion3.user_time + 2 * CompactUsage::kMinorFaults &&
                kVersion3.major_faults == kVersion3.user_time + 2 * CompactUsage::kMajorFaults);
  const uint8_t* const fields = record.bytes() + kVersion3.user_time;
  const Word4 low = internal::DecodeFour(LoadVector<Short4>(fields));
  const Word4 high = internal::DecodeFour(LoadVector<Short4>(fields + sizeof(Short4)));
  static_assert(CompactUsage::kElapsed == 4 && CompactUsage::kProcesses == 7);
  constexpr uint32_t kAll = 0xffff'ffff;
  const Word4 are_fields = {0, kAll, kAll, 0};
  const Word4 others = {static_cast<uint32_t>(record.elapsed_ticks()), 0, 0, 1};
  const Word4 low_sums = LoadVector<Word4>(&usage.sums[0]) + low;
  const Word4 high_sums = LoadVector<Word4>(&usage.sums[4]) + ((high & are_fields) | others);
  std::memcpy(&usage.sums[0], &low_sums, sizeof low_sums);
  std::memcpy(&usage.sums[4], &high_sums, sizeof high_sums);
  usage.largest_cpu =
      std::max(usage.largest_cpu, low[CompactUsage::kUser] + low[CompactUsage::kSystem]);
  usage.largest_memory = std::max(usage.largest_memory, uint32_t{low[CompactUsage::kMemory]});
  return low_sums | high_sums;
}

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_ADD_VECTORS_H_
