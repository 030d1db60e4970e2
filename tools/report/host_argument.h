// Arguments HOST=FILE, which only `report` takes.

#ifndef CPUAGG_TOOLS_REPORT_HOST_ARGUMENT_H_
#define CPUAGG_TOOLS_REPORT_HOST_ARGUMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace cpuagg::tools {

// Where HOST ends in HOST=FILE; npos in other arguments: those that are files, or have a '/' before
// the '='.
size_t EndOfHost(const std::string& argument);

// InvalidArgument if one of `files` is HOST=FILE with a FILE that exists, for a command that takes
// files only.
absl::Status CheckNamesNoHost(const std::vector<std::string>& files);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_HOST_ARGUMENT_H_
