// Records of version 3 many at a time. After a check of the whole block, loops over it need fewer
// branches.

#ifndef CPUAGG_ACCT_RECORD_RECORD_BLOCK_H_
#define CPUAGG_ACCT_RECORD_RECORD_BLOCK_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/base/attributes.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/vectors.h"

namespace cpuagg::acct {

// Small enough that a block stays in the cache next to the processor while it is read several
// times.
inline constexpr size_t kBlockRecords = 32;
inline constexpr size_t kBlockBytes = kBlockRecords * kRecordBytes;
// The numbers of an ordinary record, in its units, are smaller than this: so the sum of a block
// fits into 31 bits.
inline constexpr uint32_t kOrdinaryLimit = uint32_t{1} << 26;
static_assert(kBlockRecords * kOrdinaryLimit == uint64_t{1} << 31);
// The same of the bits of a float, and of a comp_t, which has 13 bits, and three zeros for each
// step of its exponent.
inline constexpr auto kOrdinaryFloatBits =
    std::bit_cast<uint32_t>(static_cast<float>(kOrdinaryLimit));
inline constexpr uint16_t kLargestOrdinaryCompT = 0x9fff;
static_assert(uint64_t{0x1fff} << 3 * (kLargestOrdinaryCompT >> 13) < kOrdinaryLimit);

// Where the numbers of a vector are those of a record.
inline constexpr bool kHasBlocks = std::endian::native == std::endian::little;

// When the processes of a block began and ended.
struct BlockTimes {
  uint32_t first_begin;  // in seconds since 1970
  int64_t last_end;      // in hundredths of seconds since 1970
};

// Whether all records of the block at `block` are regular (RecordV3View::IsRegular()), and
// ordinary: no number of them reaches kOrdinaryLimit. Only then is `times` right. Only if
// kHasBlocks.
ABSL_ATTRIBUTE_NOINLINE inline bool IsOrdinaryBlock(const uint8_t* block, BlockTimes& times) {
  uint32_t first_begin = std::numeric_limits<uint32_t>::max();
  int64_t last_end = 0;
  uint32_t most_elapsed = 0;
  Short8 large = {};
  for (size_t i = 0; i < kBlockRecords; ++i) {
    const RecordV3View record(block + i * kRecordBytes);
    if (!record.IsRegular()) return false;
    first_begin = std::min(first_begin, record.begin_time());
    last_end = std::max(last_end, record.end_hundredths());
    most_elapsed = std::max(most_elapsed, LoadLittle32(record.bytes() + kVersion3.elapsed));
    // An exponent of five or more: 4 + 1, 4 + 2 or 4 + 2 + 1.
    static_assert(kLargestOrdinaryCompT >> 13 == 4);
    const auto fields = LoadVector<Short8>(record.bytes() + kVersion3.user_time);
    large |= fields & (fields << 1 | fields << 2);
  }
  times = {.first_begin = first_begin, .last_end = last_end};
  constexpr uint32_t kHighestBits = 0x8000'8000;
  return most_elapsed < kOrdinaryFloatBits &&
         (AnyBits(std::bit_cast<Word4>(large)) & kHighestBits) == 0;
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_RECORD_BLOCK_H_
