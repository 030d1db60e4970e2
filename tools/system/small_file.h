// ReadSmallFile: the text of a file that may be anything.

#ifndef CPUAGG_TOOLS_SYSTEM_SMALL_FILE_H_
#define CPUAGG_TOOLS_SYSTEM_SMALL_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::tools::check {

// At most 1 MiB of the regular file at `path`, decompressed if it is compressed. InvalidArgument
// for anything else, a named pipe for instance, which nobody may be writing to.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_SMALL_FILE_H_
