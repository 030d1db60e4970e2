#include "aggregate/common_resolution.h"

#include <algorithm>
#include <cstdint>

#include "aggregate/grouping.h"
#include "aggregate/snapshot.h"

namespace cpuagg::aggregate {

Resolution CommonResolution(const Resolution& own, absl::Time now,
                            absl::Span<const StoredSnapshot> snapshots) {
  constexpr int64_t kDay = int64_t{24} * 3600;
  CalendarBuckets days(CalendarUnit::kDay, own.zone);
  CalendarBuckets months(CalendarUnit::kMonth, own.zone);
  Resolution common = own;
  for (const StoredSnapshot& stored : snapshots) {
    const SnapshotHeader& header = stored.header;
    if (header.buckets.empty() || header.captured_at > now + absl::Hours(24)) continue;
    // Longer than any day or month, and shorter than any two.
    const int64_t last = header.buckets.last_end;
    const int64_t next_day = days.BeginOf(days.BeginOf(last) + kDay * 3 / 2);
    const int64_t next_month = months.BeginOf(months.BeginOf(last) + 40 * kDay);
    const Resolution& each = header.resolution;
    common.days_before = std::max(common.days_before, std::min(each.days_before, next_day));
    common.command_days_before =
        std::max(common.command_days_before, std::min(each.command_days_before, next_day));
    common.command_months_before =
        std::max(common.command_months_before, std::min(each.command_months_before, next_month));
  }
  // Commands are never finer than users, nor are their months before their days.
  common.command_days_before =
      std::max({common.command_days_before, common.days_before, common.command_months_before});
  return common;
}

}  // namespace cpuagg::aggregate
