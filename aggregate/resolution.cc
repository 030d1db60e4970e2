#include "aggregate/resolution.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace cpuagg::aggregate {

Resolution ResolutionAt(absl::Time now, absl::TimeZone zone, int days_of_hours) {
  // Ten commands of each user and hour are worth their room for these.
  constexpr int kDaysOfCommandHours = 2;
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  const auto midnight = [&](absl::CivilDay day) {
    return absl::ToUnixSeconds(absl::FromCivil(day, zone));
  };
  const absl::CivilDay first_of_hours = today - days_of_hours;
  Resolution resolution{.zone = zone, .days_before = midnight(first_of_hours)};
  resolution.command_months_before = midnight(absl::CivilDay(absl::CivilMonth(first_of_hours)));
  resolution.command_days_before =
      std::max(midnight(today - kDaysOfCommandHours), resolution.days_before);
  return resolution;
}

Resolution CommonResolution(const Resolution& newest, absl::Span<const Resolution> others) {
  constexpr int64_t kDay = 25 * 3600;  // the longest one
  constexpr int64_t kMonth = 31 * kDay;
  Resolution common = newest;
  const auto cover = [&](int64_t Resolution::*limit, int64_t most_ahead) {
    for (const Resolution& other : others) {
      if (other.*limit <= newest.*limit + most_ahead) {
        common.*limit = std::max(common.*limit, other.*limit);
      }
    }
  };
  cover(&Resolution::days_before, kDay);
  cover(&Resolution::command_days_before, kDay);
  cover(&Resolution::command_months_before, kMonth);
  return common;
}

}  // namespace cpuagg::aggregate
