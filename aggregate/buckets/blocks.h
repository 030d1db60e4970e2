// Blocks: the time intervals for which a store can report exact usage.
//
// A snapshot keeps usage by buckets: hours, days or months of the collector's time zone. A report
// may ask for any period, in another zone. Buckets of different snapshots may also overlap:
// snapshots become coarser at different times, and a later one may correct an earlier one
// (aggregate/collect/running_settlement.h). Overlapping buckets form one block. A report counts all
// of a block, or nothing of it.
//
//   const Blocks blocks(buckets);
//   const Period counted = blocks.Widened(asked);
//   // The buckets in `counted` hold exactly the usage of the processes that ended in it.

#ifndef CPUAGG_AGGREGATE_BUCKETS_BLOCKS_H_
#define CPUAGG_AGGREGATE_BUCKETS_BLOCKS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// A time interval, [begin, end) in seconds since 1970.
struct Bucket {
  int64_t begin = 0;
  int64_t end = 0;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

class Blocks {
 public:
  Blocks() = default;
  // `buckets` may be in any order.
  explicit Blocks(std::vector<Bucket> buckets);

  // In ascending order. Blocks do not overlap.
  const std::vector<Bucket>& all() const { return blocks_; }

  // The beginning of the block that contains `time`; `time` itself if there is none.
  int64_t BeginOf(int64_t time) const;

  // Whether a part of `period` is in a block.
  bool HaveAnyIn(const Period& period) const;

  // `asked`, with each end that is inside a block moved outwards to the end of the block.
  Period Widened(const Period& asked) const;

  // For each `unit` of `zone`'s calendar, the interval of the blocks that begin in it, keyed by the
  // beginning of the unit. The interval is the unit itself if its blocks lie inside it. The first
  // or last block may cross the unit's boundary: hours of another zone, or a day in a report by
  // hours. Then the interval ends where the block ends, and the next interval begins there.
  std::map<int64_t, Bucket> ByUnit(CalendarUnit unit, absl::TimeZone zone) const;

 private:
  // The block that begins last at or before `time`; end() if there is none.
  std::vector<Bucket>::const_iterator At(int64_t time) const;

  std::vector<Bucket> blocks_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_BUCKETS_BLOCKS_H_
