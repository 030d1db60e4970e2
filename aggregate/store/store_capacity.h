// The capacity of a report from the store: what its snapshots know of the machine's CPU time.

#ifndef CPUAGG_AGGREGATE_STORE_STORE_CAPACITY_H_
#define CPUAGG_AGGREGATE_STORE_STORE_CAPACITY_H_

#include <cstdint>

#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// Sets `report.capacity`, for the report's period up to the last run, or for the runs after
// `after_run` if that is not 0. A stretch of time that the period cuts is not known. Leaves it
// absent if nothing is known. `asked` is the requested period. The report has its rows, hours and
// days of `zone`, its period and the known time.
void SetCapacity(const StoreListing& listing, const Period& asked, uint64_t after_run,
                 absl::TimeZone zone, Report& report);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_STORE_CAPACITY_H_
