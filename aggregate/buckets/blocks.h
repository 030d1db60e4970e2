// Blocks: of which stretches of time a store can tell what was used in them, and of none shorter.
//
// A snapshot keeps usage by buckets: hours, days or months of the clock that the collector had. A
// report may ask for any time, by another clock. Buckets of several snapshots may also overlap,
// since each becomes coarser when its time comes, and a later one may take away from what an
// earlier one has (aggregate/collect/running_settlement.h). What overlaps is one block: all of it
// belongs to a report, or nothing does.
//
//   const Blocks blocks(buckets);
//   const Period counted = blocks.Widened(asked);
//   // What the buckets in `counted` have is exactly what ended in it.

#ifndef CPUAGG_AGGREGATE_BUCKETS_BLOCKS_H_
#define CPUAGG_AGGREGATE_BUCKETS_BLOCKS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// A stretch of time, [begin, end) in seconds since 1970.
struct Bucket {
  int64_t begin = 0;
  int64_t end = 0;

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

class Blocks {
 public:
  Blocks() = default;
  // In any order.
  explicit Blocks(std::vector<Bucket> buckets);

  // In ascending order; none overlaps another one.
  const std::vector<Bucket>& all() const { return blocks_; }

  // When the block begins that `time` is in; `time` itself if there is none.
  int64_t BeginOf(int64_t time) const;

  // `asked`, with an end that lies within a block moved outwards to that of the block.
  Period Widened(const Period& asked) const;

  // Of which time the blocks are that begin in each `unit` of `zone`'s calendar, by when the unit
  // begins. It is the unit where its blocks lie within it. Where the first or the last one does
  // not, as hours of another zone, or a day that is asked for by the hour, it ends where the block
  // does, and the next one begins there.
  std::map<int64_t, Bucket> ByUnit(CalendarUnit unit, absl::TimeZone zone) const;

 private:
  // The one that begins last at or before `time`; end() if there is none.
  std::vector<Bucket>::const_iterator At(int64_t time) const;

  std::vector<Bucket> blocks_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_BUCKETS_BLOCKS_H_
