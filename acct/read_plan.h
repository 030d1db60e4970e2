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

// A generation as the plan sees it.
struct KnownGeneration {
  // The length of its content in bytes; nullopt if it is compressed, and only reading it will tell.
  std::optional<uint64_t> size;
  // The cursor (an index) of the generation that it is.
  std::optional<size_t> cursor;
  // All of it has been read, or is read from another file that holds the same.
  bool holds_nothing_new = false;
};

// The bytes [begin, end) of generation `generation` (an index); `end` is nullopt for the end of
// what is compressed.
struct Segment {
  size_t generation = 0;
  uint64_t begin = 0;
  std::optional<uint64_t> end;

  friend bool operator==(const Segment&, const Segment&) = default;
};

struct ReadPlan {
  std::vector<Segment> segments;  // oldest first; may be empty ranges
  // The generation that was read last is not among the present ones. What was written to it after
  // it was read last is lost.
  bool has_gap = false;
};

// `cursors` and `generations` are newest first. What no cursor knows is unread, whatever its place:
// a cursor is kept for every generation that was there.
ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_READ_PLAN_H_
