#include "tools/system/paths.h"

#include <filesystem>
#include <string>
#include <system_error>

namespace cpuagg::tools::check {

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool IsDirectory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace cpuagg::tools::check
