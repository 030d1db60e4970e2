// The contents of accounting files as a Report.

#ifndef CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_
#define CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/record/plausibility.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// How accounting files are read.
struct FileOptions {
  size_t threads = 1;  // at most, for large files
  acct::RecordFormat format;
  acct::Progress* progress = nullptr;  // is told how far the reading is, if there is one
};

// The report of the records in `paths`, read as one history (see acct/scan/input_set.h), that ended
// in `period`. Hours and days are those of `zone`. "-" is standard input. Fails if one of them
// cannot be read.
absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       absl::TimeZone zone, UserDirectory& names,
                                       const ReportOptions& options, const FileOptions& files);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_
