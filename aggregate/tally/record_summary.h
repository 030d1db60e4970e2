// Helpers that all accumulators need for each record, and a summary of all records.

#ifndef CPUAGG_AGGREGATE_TALLY_RECORD_SUMMARY_H_
#define CPUAGG_AGGREGATE_TALLY_RECORD_SUMMARY_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "absl/base/attributes.h"
#include "acct/record/record_block.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// A summary of all records.
struct RecordSummary {
  uint64_t invalid_elapsed = 0;
  uint32_t first_begin = std::numeric_limits<uint32_t>::max();
  // In hundredths of a second: one division at the end instead of one per record.
  int64_t last_end = std::numeric_limits<int64_t>::min();

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const Record& record) {
    invalid_elapsed += record.has_valid_elapsed() ? 0u : 1u;
    first_begin = std::min(first_begin, record.begin_time());
    last_end = std::max(last_end, record.end_hundredths());
  }

  // The same for a block of records with a valid elapsed time.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(const acct::BlockTimes& block) {
    first_begin = std::min(first_begin, block.first_begin);
    last_end = std::max(last_end, block.last_end);
  }

  void Merge(const RecordSummary& other) {
    invalid_elapsed += other.invalid_elapsed;
    first_begin = std::min(first_begin, other.first_begin);
    last_end = std::max(last_end, other.last_end);
  }

  void AddTo(TimeSpan& span) const {
    if (last_end >= 0) span.Cover(first_begin, last_end / 100);
  }
};

// The end of a process, in seconds since 1970.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline int64_t EndOf(const auto& record) {
  return record.end_hundredths() / 100;
}

// A RecordV3View from a scanner is regular: only zeros follow its command.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline CommandBits CommandOf(acct::RecordV3View record) {
  CommandBits bits;
  std::memcpy(&bits, record.raw_command().data(), sizeof bits);
  return bits;
}
inline CommandBits CommandOf(const acct::RecordView& record) {
  return CommandBitsOf(record.raw_command());
}

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_RECORD_SUMMARY_H_
