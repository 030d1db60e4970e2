// The zone of the local clock, as the C library and `date` understand the variable TZ.

#ifndef CPUAGG_TOOLS_CONFIG_TIME_ZONE_H_
#define CPUAGG_TOOLS_CONFIG_TIME_ZONE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cpuagg::tools {

// Without TZ the zone of the system, with an empty one UTC. Else TZ, of which a colon at the
// beginning is ignored, is the name of a zone or the path of its file; or a rule of POSIX, such as
// "EST5" or "CET-1CEST,M3.5.0,M10.5.0/3", which is followed from 1969 to 2106, as far as records
// reach. InvalidArgument names TZ and what to write if it is neither. Asks the C library by
// tzset(), so no other thread may ask it for times.
absl::StatusOr<absl::TimeZone> LocalTimeZone();

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TIME_ZONE_H_
