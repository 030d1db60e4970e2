// ReadSmallFile: the text of a file of unknown kind.

#ifndef CPUAGG_TOOLS_SYSTEM_SMALL_FILE_H_
#define CPUAGG_TOOLS_SYSTEM_SMALL_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::tools::check {

// At most 1 MiB of the regular file at `path`, decompressed if it is compressed. InvalidArgument
// for anything else, such as a named pipe, which may have no writer.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_SMALL_FILE_H_
