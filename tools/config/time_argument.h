// Times and periods as people write them on the command line.

#ifndef CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
#define CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::tools {

// A moment: "2026-11-22", "2026-11-22 14:00", "2026-11-22T14:00:05" (in `zone`), the same with an
// offset or Z, "@1795000000" (seconds since 1970), "now", "today", "yesterday", or how long ago:
// "30s", "90m", "36h", "7d", "2w". Years are 1970 to 9999; how long ago that is further away than
// 2^63 seconds is infinite. InvalidArgument names `flag`.
absl::StatusOr<absl::Time> ParseTime(absl::string_view flag, absl::string_view text, absl::Time now,
                                     absl::TimeZone zone);

// The period called `name` of `zone`'s calendar: "hour", "day", "week" (from Monday) or "month",
// the one that holds `now`; "last-hour" and so on, the one before that, which is the last complete
// one; or "all". InvalidArgument names `flag`.
absl::StatusOr<aggregate::Period> ParsePeriod(absl::string_view flag, absl::string_view name,
                                              absl::Time now, absl::TimeZone zone);

// A length of time above zero: "30s", "90m", "36h", "3d", "2w". InvalidArgument names `flag`.
absl::StatusOr<absl::Duration> ParseLength(absl::string_view flag, absl::string_view text);

// Whole days: "400d", "60w", "2y" (of 365 days), "400". At least one, at most a hundred years.
// InvalidArgument names `flag`.
absl::StatusOr<int> ParseDays(absl::string_view flag, absl::string_view text);

// What `period` is compared with, which is called `name` ("" if it is given by its ends). For one
// that is complete, the one before it of the calendar; for the one that holds `now`, that up to
// where the clock showed what it shows now (the same minute, time of day, weekday or day of the
// month), so that a morning is compared with a morning, also when the clock has been changed
// between them; for one given by its ends, as long a stretch just before, as if one that is not
// over ended now. None for all of time, "since-last", and where nothing has passed yet.
std::optional<aggregate::Period> PeriodBefore(absl::string_view name,
                                              const aggregate::Period& period, absl::Time now,
                                              absl::TimeZone zone);

// The hours of `zone`'s clock that have something of `period`, as the stretch that they make.
aggregate::Period WholeHours(const aggregate::Period& period, absl::TimeZone zone);

// When the hour of `zone`'s clock began in which `time` is, or when the next one begins, if that is
// nearer or as near.
absl::Time NearestHour(absl::Time time, absl::TimeZone zone);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
