#include "aggregate/buckets/resolution.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace cpuagg::aggregate {

Resolution ResolutionAt(absl::Time now, absl::TimeZone zone, int days_of_hours) {
  // Ten commands of each user and hour are worth their room for these.
  constexpr int kDaysOfCommandHours = 2;
  const absl::CivilDay today = DateOf(now, zone);
  const auto midnight = [&](absl::CivilDay day) {
    return absl::ToUnixSeconds(BeginOfDate(day, zone));
  };
  const absl::CivilDay first_of_hours = today - days_of_hours;
  Resolution resolution{.zone = zone, .days_before = midnight(first_of_hours)};
  resolution.command_months_before = midnight(absl::CivilDay(absl::CivilMonth(first_of_hours)));
  resolution.command_days_before =
      std::max(midnight(today - kDaysOfCommandHours), resolution.days_before);
  return resolution;
}

void Coarsen(Resolution& resolution, const Resolution& other) {
  for (int64_t Resolution::*limit : {&Resolution::days_before, &Resolution::command_days_before,
                                     &Resolution::command_months_before}) {
    resolution.*limit = std::max(resolution.*limit, other.*limit);
  }
}

}  // namespace cpuagg::aggregate
