// Finds all accounting files of a folder as one history, for users who name the folder instead of
// the files.

#ifndef CPUAGG_AGGREGATE_REPORT_FOLDER_HISTORY_H_
#define CPUAGG_AGGREGATE_REPORT_FOLDER_HISTORY_H_

#include <string>

#include "absl/status/statusor.h"
#include "aggregate/report/history.h"

namespace cpuagg::aggregate {

// All accounting files in `folder`, oldest first: pacct and its rotated generations; before them,
// any other files that hold accounting records, under any name. Files numbered as rotation or
// atopacctd do are ordered by number, all others by time. Other entries are listed as passed over,
// except hidden files, which are ignored. Unreadable files are also passed over, as long as some
// file is readable. Does not descend into subfolders. NotFound if there is no accounting file;
// other errors as those of acct::ListGenerations(). Does not open the files of `known`, an earlier
// result, again.
absl::StatusOr<History> FindInFolder(const std::string& folder, const History& known = {});

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_FOLDER_HISTORY_H_
