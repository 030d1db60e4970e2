#include "acct/read_plan.h"

#include <algorithm>

namespace cpuagg::acct {

ReadPlan PlanReading(const std::vector<Cursor>& cursors,
                     const std::vector<KnownGeneration>& generations) {
  ReadPlan plan;
  bool found_last_read = cursors.empty();
  bool found_any = false;
  for (size_t g = 0; g < generations.size(); ++g) {
    const KnownGeneration& generation = generations[g];
    if (generation.cursor.has_value()) {
      // Older generations are looked at too: the kernel writes accton's own record to the old file
      // just after it has switched to the new one.
      plan.segments.push_back({g, cursors[*generation.cursor].offset, generation.size});
      found_any = true;
      found_last_read = found_last_read || *generation.cursor == 0;
    } else if (!found_any) {
      plan.segments.push_back({g, 0, generation.size});
    }
  }
  std::reverse(plan.segments.begin(), plan.segments.end());
  plan.has_gap = !found_last_read;
  return plan;
}

}  // namespace cpuagg::acct
