#include "aggregate/store/accounting_gap.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace cpuagg::aggregate {

void AddTimeOff(const Period& off, absl::Span<const StoredSnapshot> before,
                std::vector<Gap>& gaps) {
  absl::Time begin = off.begin;
  for (const StoredSnapshot& stored : before) {
    for (const Gap& known : stored.header.gaps) {
      if (known.period.begin <= begin && begin < known.period.end) begin = known.period.end;
    }
  }
  if (begin > off.begin && begin >= off.end) return;
  for (Gap& gap : gaps) {
    if (gap.period.begin > off.end || gap.period.end < begin) continue;
    gap.period = {std::min(gap.period.begin, begin), std::max(gap.period.end, off.end)};
    gap.reason = absl::StrCat(kAccountingWasOff, ", and ", gap.reason);
    return;
  }
  gaps.push_back(
      {.period = {begin, off.end},
       .reason = absl::StrCat(kAccountingWasOff, ": processes that ended then left no record")});
}

}  // namespace cpuagg::aggregate
