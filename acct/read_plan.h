// What is still to be read, given how far reading got and which files there are now. A pure
// function.

#ifndef CPUAGG_ACCT_READ_PLAN_H_
#define CPUAGG_ACCT_READ_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "acct/cursor.h"

namespace cpuagg::acct {

// A generation as the plan sees it: its length in bytes, and which cursor (an index) it continues.
struct KnownGeneration {
  uint64_t size = 0;
  std::optional<size_t> cursor;
};

// The bytes [begin, end) of generation `generation` (an index).
struct Segment {
  size_t generation = 0;
  uint64_t begin = 0;
  uint64_t end = 0;

  friend bool operator==(const Segment&, const Segment&) = default;
};

struct ReadPlan {
  std::vector<Segment> segments;  // oldest first; may be empty ranges
  // The generation that was read last is not among the present ones. What was written to it after
  // it was read last is lost.
  bool has_gap = false;
};

// `cursors` and `generations` are newest first. Without cursors everything is unread. Generations
// older than all known ones were there before the first reading, which took all that it wanted.
ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_READ_PLAN_H_
