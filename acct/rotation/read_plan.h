// Plans which parts of the generations are still to be read, and computes the new cursors
// afterwards. Pure functions of the previous cursors and of the generations that exist now.

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
  // The length of its content in bytes; nullopt if it is compressed, since only reading it would
  // tell.
  std::optional<uint64_t> size;
  // The cursor (an index) that it matches.
  std::optional<size_t> cursor;
  // All of it has been read, or is read from another file with the same content.
  bool holds_nothing_new = false;
  // Further cursors that it continues: those of copies that are shorter.
  std::vector<size_t> also_continues = {};
  // Cursors that reach further than this generation. Nothing more will come for them.
  std::vector<size_t> ends_before = {};
  // It was truncated below the offset of `cursor`; what is new begins at this offset.
  std::optional<uint64_t> resumes_at = {};
};

// Which of `cursors` are continued by some generation. The lost part of a truncated one counts as
// gone, and is remembered in case it comes back.
std::vector<bool> PresentCursors(const std::vector<Cursor>& cursors,
                                 const std::vector<KnownGeneration>& generations);

// The bytes [begin, end) of generation `generation` (an index). `end` is nullopt for the end of a
// compressed file.
struct UnreadRange {
  size_t generation = 0;
  uint64_t begin = 0;
  std::optional<uint64_t> end;

  friend bool operator==(const UnreadRange&, const UnreadRange&) = default;
};

struct ReadPlan {
  std::vector<UnreadRange> ranges;  // oldest first; ranges may be empty
  // Cursors (indices) of generations that could still grow when they were last read, and that are
  // now missing or truncated: what was written to them since is lost. A generation that was empty
  // then counts as present as long as an older one is.
  std::vector<size_t> missing;
};

// `cursors` and `generations` are newest first. A generation without a cursor is unread, whatever
// its position, because every generation that existed before has a cursor.
ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations);

// The facts that decide whether the kernel may still write to a generation.
struct GenerationState {
  bool is_current = false;   // it has the accounting file's own name
  bool has_records = false;  // at least one
  bool has_grown = false;    // since it was last read
  bool is_fresh = false;     // created moments ago
};

// Whether the kernel may still write to each of the generations, which are newest first. It writes
// to a generation until its successor has records. During a rotation the successor is missing or
// has just been created. A successor that has been empty for some time means only that no process
// has ended.
std::vector<bool> MayGrow(const std::vector<GenerationState>& generations);

// How many cursors of missing generations are kept: those that disappeared last. The cursors of
// present generations are all kept.
inline constexpr size_t kMostGoneRemembered = 1000;

// The cursors after a run, newest generation first, missing ones last. `reached` has a cursor for
// each generation that this run read or checked; the others keep their cursor in `previous`.
std::vector<Cursor> NextCursors(const std::vector<Cursor>& previous,
                                const std::vector<KnownGeneration>& generations,
                                const std::vector<std::optional<Cursor>>& reached);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_READ_PLAN_H_
