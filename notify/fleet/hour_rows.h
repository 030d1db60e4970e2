// The hours of a store as rows for databases: one for each hour and user.

#ifndef CPUAGG_NOTIFY_FLEET_HOUR_ROWS_H_
#define CPUAGG_NOTIFY_FLEET_HOUR_ROWS_H_

#include <string>

#include "absl/time/time.h"
#include "aggregate/fleet/hour_amounts.h"

namespace cpuagg::notify {

// Rows with the columns host, begin, end, uid, user, processes, user_seconds, system_seconds and
// complete. Times are of UTC, as in RFC 3339. `user` is empty (null) without an account. A row is
// complete if a run collected after its end. Names are as they are, printable, without the
// apostrophes of tables for people.
std::string HoursAsCsv(const aggregate::HourAmounts& hours);
std::string HoursAsJsonLines(const aggregate::HourAmounts& hours);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_HOUR_ROWS_H_
