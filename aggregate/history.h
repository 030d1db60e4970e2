// The contents of a store, or of accounting files, as a Report.

#ifndef CPUAGG_AGGREGATE_HISTORY_H_
#define CPUAGG_AGGREGATE_HISTORY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/progress.h"
#include "aggregate/period.h"
#include "aggregate/report.h"
#include "aggregate/snapshot.h"
#include "aggregate/user_directory.h"

namespace cpuagg::aggregate {

// The report of `snapshots` (oldest first) for `period`: the buckets that begin in it. Names are
// those of the last snapshot that has one, or those of `names` if that is not null. Sets rows,
// totals, period, inputs and gaps; the rest is the caller's.
Report ReportFromSnapshots(const std::vector<Snapshot>& snapshots, const Period& period,
                           UserDirectory* names, const ReportOptions& options);

// What an input is called in reports.
std::string DisplayName(const std::string& path);

// The report of the records in `paths`, read as one history, that ended in `period`. "-" is
// standard input. Large files are read by up to `threads` threads. Fails if one of them cannot be
// read. `progress`, if there is one, is told how far the reading is.
absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       UserDirectory& names, const ReportOptions& options,
                                       size_t threads, acct::Progress* progress = nullptr);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_HISTORY_H_
