// Builds a Report from the contents of a store.

#ifndef CPUAGG_AGGREGATE_STORE_STORE_REPORT_H_
#define CPUAGG_AGGREGATE_STORE_STORE_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/rotation/cursor.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report_builder.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

struct StoreReport {
  Report report;
  // The last run in the report; 0 for an empty store.
  uint64_t last_run = 0;
  // Snapshots that could not be read, and why; also those that have been set aside, as long as
  // their files exist. What they held is listed as gaps, unless it has been read again.
  std::vector<std::string> damage;
};

// What a report takes from a store, before its rows are chosen and joined.
struct StoreContents {
  StoreRows rows;
  uint64_t last_run = 0;            // as in StoreReport
  std::vector<std::string> damage;  // as in StoreReport
  // Those of the users in the options, asked for or ignored, that the store has at any time.
  std::vector<std::string> known_users;
  // With StoreOptions::after_run, the period that is new.
  std::optional<Period> new_time;
  StoreListing listing;
  // Of the newest snapshot; empty if it could not be read.
  std::vector<acct::Cursor> newest_cursors;
  // The boot of the machine during which it was captured; empty if it does not say.
  std::string newest_boot;
};

// Reads them. Everything is as for ReportFromStore(), except that the capacity is missing.
absl::StatusOr<StoreContents> ReadStore(const SnapshotStore& store, const Period& period,
                                        absl::TimeZone zone, const StoreOptions& from,
                                        const ReportOptions& options);

// The report of a store for `period`. Widens the period, and the one to compare with, to what the
// store keeps (aggregate/buckets/blocks.h). Units of time are those of `zone`. Sets rows, totals,
// the host of the last run, the known time, period, inputs and gaps, and the comparison with
// `options.compare_with` (none if nothing is known from before that period ended). The caller sets
// the rest. InvalidArgument if the options ask for something that a store does not keep: it has
// users, commands and times. Unavailable if the store keeps being merged while it is read.
absl::StatusOr<StoreReport> ReportFromStore(const SnapshotStore& store, const Period& period,
                                            absl::TimeZone zone, const StoreOptions& from,
                                            const ReportOptions& options);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_STORE_REPORT_H_
