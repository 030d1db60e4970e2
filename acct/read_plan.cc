#include "acct/read_plan.h"

#include <algorithm>

namespace cpuagg::acct {

ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations) {
  ReadPlan plan;
  std::vector<bool> is_present(cursors.size());
  for (size_t g = generations.size(); g-- > 0;) {
    const KnownGeneration& generation = generations[g];
    if (generation.cursor.has_value()) is_present[*generation.cursor] = true;
    if (generation.holds_nothing_new) continue;
    // Older generations are looked at too: the kernel writes accton's own record to the old file
    // just after it has switched to the new one.
    uint64_t begin = generation.cursor.has_value() ? cursors[*generation.cursor].offset : 0;
    // A file that was cut shorter goes on from its new end.
    if (generation.size.has_value()) begin = std::min(begin, *generation.size);
    plan.segments.push_back({g, begin, generation.size});
  }
  const auto last_read = std::find_if(cursors.begin(), cursors.end(),
                                      [](const Cursor& cursor) { return !cursor.is_gone; });
  plan.has_gap =
      last_read != cursors.end() && !is_present[static_cast<size_t>(last_read - cursors.begin())];
  return plan;
}

}  // namespace cpuagg::acct
