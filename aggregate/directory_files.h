// The files of a directory of ours, with errors as values.

#ifndef CPUAGG_AGGREGATE_DIRECTORY_FILES_H_
#define CPUAGG_AGGREGATE_DIRECTORY_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::aggregate {

// The paths of what is in `directory`, in order, and has a name that `belongs` takes; none if the
// directory is not there. An error while it is read is never taken for its end.
absl::StatusOr<std::vector<std::string>> FilesIn(const std::string& directory,
                                                 bool (*belongs)(absl::string_view name));

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_DIRECTORY_FILES_H_
