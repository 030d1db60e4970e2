// Builds a Report from the contents of accounting files.

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

// How to read accounting files.
struct FileOptions {
  size_t threads = 1;  // at most, for large files
  acct::RecordFormat format;
  acct::Progress* progress = nullptr;  // if not null, reports how far reading is
  // There are other files with earlier records, which were left out since they are older than the
  // period.
  bool has_older_files = false;
};

// The report of the processes that ended in `period`, from the records in `paths`, which are read
// as one history (see acct/scan/input_set.h). Units of time are those of `zone`. "-" is standard
// input. Fails if one of the files cannot be read.
absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       absl::TimeZone zone, UserDirectory& names,
                                       const ReportOptions& options, const FileOptions& files);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_
