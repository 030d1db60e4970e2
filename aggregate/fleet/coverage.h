// RecentCoverage: how much of what a machine was busy with is accounted for, for an alert if that
// becomes low: accounting is off, or its records are lost.

#ifndef CPUAGG_AGGREGATE_FLEET_COVERAGE_H_
#define CPUAGG_AGGREGATE_FLEET_COVERAGE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

// The share of a store's last 24 hours of `zone` that were over at `last_collect`, as
// Report::coverage(); nullopt if that is not known. Errors as for ReportFromStore().
absl::StatusOr<std::optional<double>> RecentCoverage(const SnapshotStore& store,
                                                     absl::Time last_collect, absl::TimeZone zone);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_FLEET_COVERAGE_H_
