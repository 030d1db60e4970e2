// Parses times and periods of the command line.

#ifndef CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_
#define CPUAGG_TOOLS_CONFIG_TIME_ARGUMENT_H_

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
