#include "acct/rotation/candidate.h"

#include "absl/strings/string_view.h"

namespace cpuagg::acct {

bool IsInPlace(const Generation& generation, const Cursor& cursor) {
  // The inode number of a deleted file may be reused.
  const bool is_another = generation.born_nanos != 0 && cursor.born_nanos != 0 &&
                          generation.born_nanos != cursor.born_nanos;
  return !generation.is_compressed && generation.device == cursor.device &&
         generation.inode == cursor.inode && !is_another;
}

bool IsNoCopyOf(const Generation& generation, const Cursor& cursor) {
  return generation.is_current || IsInPlace(generation, cursor);
}

bool WasReadLast(const Cursor& cursor) { return cursor.may_grow && !cursor.is_gone; }

Fit FitOf(const Candidate& candidate, const Cursor& cursor, Fit tail) {
  if (AreAlike(candidate.head, cursor.head)) return tail;
  const absl::string_view beginning = CommonBeginning(candidate.head, cursor.head);
  // If the beginning is zeros, the end of what was read decides alone.
  if (tail == Fit::kReaches && !beginning.empty()) return tail;
  return beginning.empty() || IsInPlace(*candidate.generation, cursor) ? Fit::kNone
                                                                       : Fit::kUnrelated;
}

Cut CutOf(const Candidate& candidate, const std::vector<RelatedCursor>& cursors) {
  const Generation& generation = *candidate.generation;
  // Whether `is_so(related, fit)` of one of the cursors.
  const auto any = [&](auto is_so) {
    for (size_t i = 0; i < cursors.size(); ++i) {
      if (is_so(cursors[i], candidate.fits[i])) return true;
    }
    return false;
  };
  // What the file that was read last has not, another one has: it was cut off there, or is a copy.
  const auto reaches_last = [](const RelatedCursor& related, Fit fit) {
    return fit == Fit::kReaches && WasReadLast(*related.cursor);
  };
  // If creation times do not tell, it may be another file whose own cursor is found under another
  // name.
  const auto misses_own = [&](const RelatedCursor& related, Fit fit) {
    return (fit == Fit::kNone || fit == Fit::kShorter) && !related.cursor->is_gone &&
           IsInPlace(generation, *related.cursor) &&
           (related.cursor->born_nanos != 0 || !related.is_reached);
  };
  const auto misses_present = [](const RelatedCursor& related, Fit fit) {
    return fit == Fit::kNone && !related.cursor->is_gone;
  };
  const auto misses = [&](const RelatedCursor& related, Fit fit) {
    return fit == Fit::kNone || (fit == Fit::kShorter && IsNoCopyOf(generation, *related.cursor));
  };
  const auto reaches = [](const RelatedCursor&, Fit fit) { return fit == Fit::kReaches; };
  const auto is_shorter = [](const RelatedCursor&, Fit fit) { return fit == Fit::kShorter; };

  if (any(reaches_last)) return Cut::kNo;
  if (any(misses_own)) return Cut::kYes;
  // Without process ids, another file may begin with the same record.
  if (!HasPid(candidate.head)) return Cut::kNo;
  if (any(misses_present) || (any(misses) && !any(reaches))) return Cut::kYes;
  return any(is_shorter) ? Cut::kPerhaps : Cut::kNo;
}

}  // namespace cpuagg::acct
