#include "tools/report/host_argument.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace cpuagg::tools {
namespace {

bool IsThere(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

}  // namespace

size_t EndOfHost(const std::string& argument) {
  const size_t end = argument.find('=');
  if (end == std::string::npos || argument.find('/') < end || IsThere(argument)) {
    return std::string::npos;
  }
  return end;
}

absl::Status CheckNamesNoHost(const std::vector<std::string>& files) {
  for (const std::string& argument : files) {
    const size_t end = EndOfHost(argument);
    if (end == std::string::npos) continue;
    const std::string file = argument.substr(end + 1);
    if (file != "-" && !IsThere(file)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        argument, ": there is no such file, and only cpuagg report takes HOST=FILE; write ", file));
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
