#include "acct/rotation/read_plan.h"

#include <algorithm>

namespace cpuagg::acct {

std::vector<bool> PresentCursors(const std::vector<Cursor>& cursors,
                                 const std::vector<KnownGeneration>& generations) {
  std::vector<bool> is_present(cursors.size());
  for (const KnownGeneration& generation : generations) {
    const bool is_cut = generation.resumes_at.has_value();
    if (generation.cursor.has_value() && !is_cut) is_present[*generation.cursor] = true;
    for (const size_t c : generation.also_continues) is_present[c] = true;
  }
  return is_present;
}

ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations) {
  ReadPlan plan;
  for (size_t g = generations.size(); g-- > 0;) {
    const KnownGeneration& generation = generations[g];
    if (generation.holds_nothing_new) continue;
    // Checks older generations too: the kernel writes accton's own record to the old file just
    // after it has switched to the new one.
    uint64_t begin = generation.cursor.has_value() ? cursors[*generation.cursor].offset : 0;
    if (generation.resumes_at.has_value()) begin = *generation.resumes_at;
    plan.ranges.push_back({g, begin, generation.size});
  }
  std::vector<bool> is_present = PresentCursors(cursors, generations);
  for (const KnownGeneration& generation : generations) {
    for (const size_t c : generation.ends_before) is_present[c] = true;
  }
  bool had_records = false;
  bool has_records = false;
  for (size_t c = 0; c < cursors.size(); ++c) {
    if (cursors[c].offset == 0 || cursors[c].is_gone) continue;
    had_records = true;
    has_records |= is_present[c];
  }
  for (size_t c = 0; c < cursors.size(); ++c) {
    const Cursor& cursor = cursors[c];
    if (!cursor.may_grow || cursor.is_gone || is_present[c]) continue;
    // A generation that was empty counts as present, whatever it has become, as long as an older
    // one is: rotation removes the oldest first.
    if (cursor.offset > 0 || (had_records && !has_records)) plan.missing.push_back(c);
  }
  return plan;
}

std::vector<bool> MayGrow(const std::vector<GenerationState>& generations) {
  std::vector<bool> may_grow(generations.size());
  for (size_t g = 0; g < generations.size(); ++g) {
    const GenerationState& generation = generations[g];
    const bool is_being_rotated = g == 0 || (g == 1 && generations[0].is_fresh);
    may_grow[g] = generation.is_current || generation.has_grown || is_being_rotated;
    if (generation.has_records) break;
  }
  return may_grow;
}

std::vector<Cursor> NextCursors(const std::vector<Cursor>& previous,
                                const std::vector<KnownGeneration>& generations,
                                const std::vector<std::optional<Cursor>>& reached) {
  std::vector<Cursor> next;
  next.reserve(generations.size());
  for (size_t g = 0; g < generations.size(); ++g) {
    if (reached[g].has_value()) {
      next.push_back(*reached[g]);
    } else if (generations[g].cursor.has_value() && !generations[g].resumes_at.has_value()) {
      next.push_back(previous[*generations[g].cursor]);
    } else {
      continue;
    }
    next.back().is_gone = false;
  }
  const std::vector<bool> is_present = PresentCursors(previous, generations);
  size_t gone = 0;
  for (const bool was_gone : {false, true}) {
    for (size_t c = 0; c < previous.size() && gone < kMostGoneRemembered; ++c) {
      // A cursor without content cannot recognise anything.
      if (is_present[c] || previous[c].is_gone != was_gone || previous[c].offset == 0) continue;
      next.push_back(previous[c]);
      next.back().is_gone = true;
      next.back().TrimMarks();
      ++gone;
    }
  }
  return next;
}

}  // namespace cpuagg::acct
