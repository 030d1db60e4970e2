// What is still to be read, given how far reading got and which files there are now, and how far it
// has got then. Pure functions.

#ifndef CPUAGG_ACCT_ROTATION_READ_PLAN_H_
#define CPUAGG_ACCT_ROTATION_READ_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "acct/rotation/cursor.h"

namespace cpuagg::acct {

// A generation as the plan sees it.
struct KnownGeneration {
  // The length of its content in bytes; nullopt if it is compressed, and only reading it will tell.
  std::optional<uint64_t> size;
  // The cursor (an index) of the generation that it is.
  std::optional<size_t> cursor;
  // All of it has been read, or is read from another file that holds the same.
  bool holds_nothing_new = false;
  // Other cursors that it continues as well, of copies that reach less far.
  std::vector<size_t> also_continues = {};
  // Cursors that have been read further than it goes, and of which nothing more is to come.
  std::vector<size_t> ends_before = {};
  // It was cut off in the midst of what had been read up to `cursor`, and what is new begins at
  // this offset.
  std::optional<uint64_t> resumes_at = {};
};

// Which of `cursors` some generation continues. What one had before it was cut off is gone, and
// remembered in case that it comes back.
std::vector<bool> PresentCursors(const std::vector<Cursor>& cursors,
                                 const std::vector<KnownGeneration>& generations);

// The bytes [begin, end) of generation `generation` (an index); `end` is nullopt for the end of
// what is compressed.
struct UnreadRange {
  size_t generation = 0;
  uint64_t begin = 0;
  std::optional<uint64_t> end;

  friend bool operator==(const UnreadRange&, const UnreadRange&) = default;
};

struct ReadPlan {
  std::vector<UnreadRange> ranges;  // oldest first; may be empty ranges
  // Cursors (indices) of generations that might still grow when they were read last and are not
  // among the present ones, or have been cut off: what was written to them after that is lost. One
  // that was empty then is taken to be there as long as any older one is.
  std::vector<size_t> missing;
};

// `cursors` and `generations` are newest first. What no cursor knows is unread, whatever its place:
// a cursor is kept for every generation that was there.
ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations);

// What decides whether the kernel may still write to a generation.
struct GenerationState {
  bool is_current = false;   // it has the accounting file's own name
  bool has_records = false;  // at least one
  bool has_grown = false;    // since it was read before
  bool is_fresh = false;     // it was made moments ago
};

// Whether the kernel may still write to each of the generations, which are newest first. It writes
// to one until its successor has records. While a rotation is under way there is no successor, or
// one that was just made; a successor that has been empty for a while means that nothing ends.
std::vector<bool> MayGrow(const std::vector<GenerationState>& generations);

// How many generations that are gone are remembered, those that went last. Those that are there are
// all remembered.
inline constexpr size_t kMostGoneRemembered = 1000;

// The cursors after a run, newest generation first and the gone ones last. `reached` has a cursor
// for each generation that was read or looked at now; of the others those of `previous` stay.
std::vector<Cursor> NextCursors(const std::vector<Cursor>& previous,
                                const std::vector<KnownGeneration>& generations,
                                const std::vector<std::optional<Cursor>>& reached);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_READ_PLAN_H_
