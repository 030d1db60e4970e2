// The contents of a store as a Report.

#ifndef CPUAGG_AGGREGATE_STORE_STORE_REPORT_H_
#define CPUAGG_AGGREGATE_STORE_STORE_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report_builder.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

struct StoreReport {
  Report report;
  // The last run that the report has; 0 for an empty store.
  uint64_t last_run = 0;
  // Snapshots that could not be read, and why; also what has been set aside, as long as it lies
  // there. What they held is among the gaps, unless it has been read again.
  std::vector<std::string> damage;
};

// The report of a store for `period`, widened to what the store keeps, as is what it is compared
// with (aggregate/buckets/blocks.h). Hours and days are those of `zone`. Sets rows, totals, what is
// known, the comparison with `options.compare_with` (none if nothing is known from before that
// ended), period, inputs and gaps; the rest is the caller's. InvalidArgument if the options ask for
// what a store does not keep: it has users, commands, hours and days. Unavailable if the store is
// merged again and again while it is read.
absl::StatusOr<StoreReport> ReportFromStore(const SnapshotStore& store, const Period& period,
                                            absl::TimeZone zone, const StoreOptions& from,
                                            const ReportOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_STORE_REPORT_H_
