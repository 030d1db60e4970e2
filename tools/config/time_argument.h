// Parses times and periods of the command line.

#ifndef CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
#define CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::tools {

// Parses a time: "2026-11-22", "2026-11-22 14:00", "2026-11-22T14:00:05" (in `zone`), the same with
// an offset or Z, "@1795000000" (seconds since 1970), "now", "today", "yesterday", or an age:
// "30s", "90m", "36h", "7d", "2w". Years must be 1970 to 9999. An age beyond 2^63 seconds gives an
// infinite time. InvalidArgument names `flag`.
absl::StatusOr<absl::Time> ParseTime(absl::string_view flag, absl::string_view text, absl::Time now,
                                     absl::TimeZone zone);

// The period `name` of `zone`'s calendar: "hour", "day", "week" (from Monday) or "month" for the
// one that contains `now`; "last-hour" and so on for the previous one, which is the last complete
// one; or "all". InvalidArgument names `flag`.
absl::StatusOr<aggregate::Period> ParsePeriod(absl::string_view flag, absl::string_view name,
                                              absl::Time now, absl::TimeZone zone);

// Parses a positive duration: "30s", "90m", "36h", "3d", "2w". InvalidArgument names `flag`.
absl::StatusOr<absl::Duration> ParseLength(absl::string_view flag, absl::string_view text);

// Parses whole days: "400d", "60w", "2y" (of 365 days), "400". At least one day, at most a hundred
// years. InvalidArgument names `flag`.
absl::StatusOr<int> ParseDays(absl::string_view flag, absl::string_view text);

// The period to compare `period` with. `name` is the name of `period`, or "" if it was given by its
// ends.
//
// - A complete period of the calendar: the preceding one.
// - The current period: the same elapsed part of the preceding one, up to where the clock showed
//   what it shows now (the same minute, time of day, weekday or day of the month). So a morning is
//   compared with a morning, even if the clock was changed in between.
// - A period given by its ends: the preceding span of equal length. A period that is not over
//   counts up to now.
//
// nullopt for all time, for "since-last", and if nothing of the period has passed yet.
std::optional<aggregate::Period> PeriodBefore(absl::string_view name,
                                              const aggregate::Period& period, absl::Time now,
                                              absl::TimeZone zone);

// The whole hours of `zone`'s clock that overlap `period`, as one period.
aggregate::Period WholeHours(const aggregate::Period& period, absl::TimeZone zone);

// The nearest beginning of an hour of `zone`'s clock to `time`; the later one if both are equally
// near.
absl::Time NearestHour(absl::Time time, absl::TimeZone zone);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
