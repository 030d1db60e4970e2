// Candidates: generations that begin alike, and how they fit the cursors of files that began so.
// For acct/rotation/recognition.h.

#ifndef CPUAGG_ACCT_ROTATION_CANDIDATE_H_
#define CPUAGG_ACCT_ROTATION_CANDIDATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acct/rotation/cursor.h"
#include "acct/rotation/likeness.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::acct {

// A cursor that candidates may continue.
struct RelatedCursor {
  size_t index = 0;  // among all cursors
  const Cursor* cursor = nullptr;
  // A generation is known by it unopened, or a candidate has all that had been read.
  bool is_reached = false;
};

// One of several generations that begin alike.
struct Candidate {
  size_t index = 0;  // among all generations
  const Generation* generation = nullptr;
  std::string head = {};
  std::vector<Fit> fits = {};           // to each of the related cursors, in their order
  std::optional<uint64_t> length = {};  // of its content, if that is known
};

// Whether `generation` is the very file of `cursor`: the same inode, which no other file has been
// given since, and not compressed.
bool IsInPlace(const Generation& generation, const Cursor& cursor);

// Whether `generation` is the very file of `cursor`, or the one that the kernel writes to, and thus
// no copy.
bool IsNoCopyOf(const Generation& generation, const Cursor& cursor);

// Whether the cursor's file was written by the kernel at the last run.
bool WasReadLast(const Cursor& cursor);

// How `candidate` fits `cursor` if what comes before the cursor's offset fits like `tail`.
Fit FitOf(const Candidate& candidate, const Cursor& cursor, Fit tail);

// Whether a candidate was cut off inside the part that had been read.
enum class Cut {
  kNo,
  kPerhaps,  // it ends before that; it may be an unfinished copy or the rest of one
  kYes,
};
Cut CutOf(const Candidate& candidate, const std::vector<RelatedCursor>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_CANDIDATE_H_
