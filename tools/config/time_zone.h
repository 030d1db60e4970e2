// LocalTimeZone: the zone of the local clock, as the C library and `date` interpret the variable
// TZ.

#ifndef CPUAGG_TOOLS_CONFIG_TIME_ZONE_H_
#define CPUAGG_TOOLS_CONFIG_TIME_ZONE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cpuagg::tools {

// Without TZ the zone of the system; with an empty TZ, UTC. Otherwise TZ, without a leading colon,
// is
//
// - the name of a zone or the path of its file, or
// - a rule of POSIX, such as "EST5" or "CET-1CEST,M3.5.0,M10.5.0/3", which is applied from 1969 to
//   2106, the range of records.
//
// InvalidArgument if it is neither; the message names TZ and a valid value. Calls tzset(), so no
// other thread may use the C library's time functions meanwhile.
absl::StatusOr<absl::TimeZone> LocalTimeZone();

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TIME_ZONE_H_
