#include "aggregate/directory_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "acct/file.h"

namespace cpuagg::aggregate {

absl::StatusOr<std::vector<std::string>> FilesIn(const std::string& directory,
                                                 bool (*belongs)(absl::string_view name)) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return paths;
  // A loop over the iterator itself throws.
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (belongs(entries->path().filename().string())) paths.push_back(entries->path().string());
  }
  if (error) return acct::ErrnoStatus(error.value(), directory, "list");
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace cpuagg::aggregate
