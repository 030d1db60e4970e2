// The accounting files in a folder as one history, for who names the folder instead of the files.

#ifndef CPUAGG_AGGREGATE_REPORT_FOLDER_HISTORY_H_
#define CPUAGG_AGGREGATE_REPORT_FOLDER_HISTORY_H_

#include <string>

#include "absl/status/statusor.h"
#include "aggregate/report/history.h"

namespace cpuagg::aggregate {

// All accounting files in `folder`: pacct and its rotated generations, and before them whatever
// else holds accounting records, under any name. What is numbered as rotation or atopacctd do is in
// that order, anything else in that of its times. The rest is passed over, but for hidden files,
// which are nobody's business; so is what cannot be read, if anything can. Folders in it are not
// looked into. NotFound if there is no accounting file; other errors as those of
// acct::ListGenerations().
absl::StatusOr<History> FindInFolder(const std::string& folder);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_FOLDER_HISTORY_H_
