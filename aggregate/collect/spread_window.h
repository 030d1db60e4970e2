// The time over whose hours a run of `collect` may divide usage.

#ifndef CPUAGG_AGGREGATE_COLLECT_SPREAD_WINDOW_H_
#define CPUAGG_AGGREGATE_COLLECT_SPREAD_WINDOW_H_

#include "absl/time/time.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/snapshot/snapshot.h"

namespace cpuagg::aggregate {

// From the last run, whose snapshot is `last`, to this one at `now`. Reports may have been sent of
// what was before. So the last run must be known: while accounting is off, and with a file that the
// kernel does not write, runs leave no snapshot. If it is null, nothing is divided.
SpreadWindow WindowSince(const Snapshot* last, absl::Time now);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_SPREAD_WINDOW_H_
