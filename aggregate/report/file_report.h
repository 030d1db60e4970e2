// Builds a Report from the contents of accounting files.

#ifndef CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_
#define CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/record/plausibility.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
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

// What a report takes from accounting files, before its rows are chosen and joined. The arguments
// of HostRows::Add().
struct FileRows {
  std::vector<ReportRow> rows;
  std::optional<std::vector<ReportRow>> previous_rows;
  std::vector<ReportRow> other_rows;
  Report report;  // what it says besides them
};

// Reads them. The rows have no names yet.
absl::StatusOr<FileRows> ReadFileRows(const std::vector<std::string>& paths, const Period& period,
                                      absl::TimeZone zone, const ReportOptions& options,
                                      const FileOptions& files);

// Whether names decide which rows a report shows. Otherwise only those of shown rows are looked up:
// a directory service may take a tenth of a millisecond per name, or much longer.
bool NamesDecide(const ReportOptions& options);

// Looks up the names of users and groups, if they are dimensions of `by`, all at once. A row
// without an answer has no name.
void FillInNames(const Grouping& by, UserDirectory& names, std::vector<ReportRow>& rows);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_FILE_REPORT_H_
