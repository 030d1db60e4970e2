// What a path names.

#ifndef CPUAGG_TOOLS_SYSTEM_PATHS_H_
#define CPUAGG_TOOLS_SYSTEM_PATHS_H_

#include <string>

namespace cpuagg::tools::check {

// Both follow links, and are false where cpuagg may not look.
bool Exists(const std::string& path);
bool IsDirectory(const std::string& path);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_PATHS_H_
