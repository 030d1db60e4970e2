// Parses times and periods of the command line.

#ifndef CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
#define CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::tools {

// Parses a time. InvalidArgument names `flag`. A time of the clock is in `zone`, unless it has an
// offset; words may have capitals.
//
// - "2026-11-22 14:00", "2026-11-22T14:00:05", "2026-11-22T14:00Z", "2026-11-22 14" (o'clock);
// - "2026-11-22", "2026-11", "2026": where the day, month or year begins;
// - "14:00", "14:00:05": of today;
// - "today", "yesterday", "tomorrow", "monday", "mon": where it begins, "yesterday 14:00" a time of
// it. A weekday
//   is the latest one, which may be today;
// - "30s", "90m", "36h", "7d", "2w", "3 weeks ago", "1 month ago": how long ago. Days have 24
// hours,
//   months and years are the calendar's;
// - "now", "@1795000000" (seconds since 1970).
//
// Years must be 1970 to 9999.
absl::StatusOr<absl::Time> ParseTime(absl::string_view flag, absl::string_view text, absl::Time now,
                                     absl::TimeZone zone);

// The period of that name, see aggregate::NamedPeriod(). InvalidArgument names `flag`.
absl::StatusOr<aggregate::Period> ParsePeriod(absl::string_view flag, absl::string_view name,
                                              absl::Time now, absl::TimeZone zone);

// Parses a positive duration: "30s", "90m", "36h", "3d", "2w". InvalidArgument names `flag`.
absl::StatusOr<absl::Duration> ParseLength(absl::string_view flag, absl::string_view text);

// Parses whole days: "400d", "60w", "2y" (of 365 days), "400". At least one day, at most a hundred
// years. InvalidArgument names `flag`.
absl::StatusOr<int> ParseDays(absl::string_view flag, absl::string_view text);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
