#include "aggregate/directory_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"

namespace cpuagg::aggregate {

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  // After an error the iterator is at the end.
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().string());
  }
  if (error) return acct::ErrnoStatus(error.value(), directory, "list the directory");
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status CheckWriters(const std::string& directory) {
  struct stat info;
  if (stat(directory.c_str(), &info) != 0 || (info.st_mode & S_IWOTH) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      directory, ": everybody may write to it, and so change what is counted and sent; chmod o-w ",
      directory));
}

absl::Status RemoveUnfinishedFiles(const std::string& directory, FileChanges& changes) {
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(directory);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (!absl::StartsWith(name, kUnfinishedPrefix)) continue;
    changes.Remove(absl::StrCat(directory, "/", name)).IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::aggregate
