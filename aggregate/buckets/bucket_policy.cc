#include "aggregate/buckets/bucket_policy.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace cpuagg::aggregate {

BucketPolicy BucketPolicyAt(absl::Time now, absl::TimeZone zone, int days_of_hours) {
  // For these days, ten commands for each user and hour are worth their space.
  constexpr int kDaysOfCommandHours = 2;
  const absl::CivilDay today = DateOf(now, zone);
  const auto midnight = [&](absl::CivilDay day) {
    return absl::ToUnixSeconds(BeginOfDate(day, zone));
  };
  const absl::CivilDay first_of_hours = today - days_of_hours;
  BucketPolicy policy{.zone = zone, .days_before = midnight(first_of_hours)};
  policy.command_months_before = midnight(absl::CivilDay(absl::CivilMonth(first_of_hours)));
  policy.command_days_before = std::max(midnight(today - kDaysOfCommandHours), policy.days_before);
  return policy;
}

void Coarsen(BucketPolicy& policy, const BucketPolicy& other) {
  for (int64_t BucketPolicy::*limit :
       {&BucketPolicy::days_before, &BucketPolicy::command_days_before,
        &BucketPolicy::command_months_before}) {
    policy.*limit = std::max(policy.*limit, other.*limit);
  }
}

}  // namespace cpuagg::aggregate
