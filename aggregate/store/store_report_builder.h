// StoreReportBuilder: adds the snapshots of a store up to a report.
//
//   StoreReportBuilder builder(period, zone, listing, from, options);
//   for (const StoredSnapshot& stored : listing.snapshots) {  // oldest first
//     const bool is_needed = builder.Needs(stored.header, captured_before);
//     builder.AddHeader(stored.header);
//     if (is_needed) builder.Add(*store.Load(stored));
//   }
//   StoreRows rows = builder.Finish(newest);

#ifndef CPUAGG_AGGREGATE_STORE_STORE_REPORT_BUILDER_H_
#define CPUAGG_AGGREGATE_STORE_STORE_REPORT_BUILDER_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/buckets/blocks.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

struct StoreOptions {
  // Only what runs after this one collected.
  uint64_t after_run = 0;
  // Names users by their ids. Null for the names that they had at capture, which also distinguish
  // users who had the same id one after the other.
  UserDirectory* names = nullptr;
  // The end of gaps that are not over.
  absl::Time now = absl::InfiniteFuture();
};

// A report before its rows are chosen and joined.
struct StoreRows {
  // Has the dimensions GroupingFor(options).
  std::vector<ReportRow> rows;
  // Absent if nothing is known of the period before, or none is asked for.
  std::optional<std::vector<ReportRow>> previous_rows;
  // What the report says besides its rows. Its comparison has the period and the unknown times.
  Report report;
};

class StoreReportBuilder {
 public:
  StoreReportBuilder(const Period& asked, absl::TimeZone zone, const StoreListing& listing,
                     const StoreOptions& from, const ReportOptions& options);

  // Whether the snapshot of `header` may have something of the report. `before` is when the
  // snapshot before it was captured.
  bool Needs(const SnapshotHeader& header, absl::Time before) const;

  // Call for every header, whether its snapshot is needed or not: headers say which accounts
  // existed.
  void AddHeader(const SnapshotHeader& header);
  void AddGap(const Gap& gap);
  // Adds the snapshot of the last header.
  void Add(Snapshot snapshot);

  // `newest` is the store's newest snapshot, if it could be read. Call once, after the last one.
  StoreRows Finish(const std::optional<Snapshot>& newest);

 private:
  bool IsOf(const SnapshotHeader& header, absl::Time before, const Period& period) const;
  absl::Time BlockOf(int64_t begin) const;
  void SetStretches(std::vector<ReportRow>& rows) const;
  template <typename Row>
  bool AddRow(const Row& row, const CommandBits& command);
  void SettleAccounts(GroupTable& table) const;
  std::vector<ReportRow> RowsOf(const GroupTable& table) const;

  absl::TimeZone zone_;
  StoreOptions from_;
  ReportOptions options_;
  Grouping by_;
  Blocks blocks_;
  Period asked_;
  Period period_;
  CalendarBuckets buckets_;
  // The bucket of the last row and its block, as a cache: rows come in the order of their buckets.
  int64_t bucket_ = std::numeric_limits<int64_t>::min();
  int64_t block_ = 0;
  UserHistory book_;
  std::vector<uint32_t> accounts_;  // for the last header: its index -> that of the history
  GroupTable table_;
  GroupTable previous_table_;
  bool knows_previous_ = false;
  TimeSpan span_;
  std::vector<Gap> gaps_;  // in the period or not
  Report report_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_STORE_REPORT_BUILDER_H_
