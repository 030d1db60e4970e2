#include "aggregate/store/common_bucket_policy.h"

#include <algorithm>
#include <cstdint>

#include "aggregate/snapshot/snapshot.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

BucketPolicy CommonBucketPolicy(const BucketPolicy& own, absl::Time now,
                                absl::Span<const StoredSnapshot> snapshots) {
  CalendarBuckets days(CalendarUnit::kDay, own.zone);
  CalendarBuckets months(CalendarUnit::kMonth, own.zone);
  BucketPolicy common = own;
  for (const StoredSnapshot& stored : snapshots) {
    const SnapshotHeader& header = stored.header;
    if (header.buckets.empty() || header.captured_at > now + absl::Hours(24)) continue;
    const int64_t next_day = days.EndOf(header.buckets.last_end);
    const int64_t next_month = months.EndOf(header.buckets.last_end);
    const BucketPolicy& each = header.policy;
    common.days_before = std::max(common.days_before, std::min(each.days_before, next_day));
    common.command_days_before =
        std::max(common.command_days_before, std::min(each.command_days_before, next_day));
    common.command_months_before =
        std::max(common.command_months_before, std::min(each.command_months_before, next_month));
  }
  // Commands are never finer than users, nor do their months begin before their days.
  common.command_days_before =
      std::max({common.command_days_before, common.days_before, common.command_months_before});
  return common;
}

}  // namespace cpuagg::aggregate
