#include "acct/io/directory_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"
#include "acct/io/shell_word.h"

namespace cpuagg::acct {

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return names;
  // After an error the iterator equals the end iterator.
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().string());
  }
  if (error) return ErrnoStatus(error.value(), directory, "list the directory");
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status CheckWriters(const std::string& directory) {
  struct stat info;
  if (stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return absl::OkStatus();
  // A group with the owner's number is the owner's own group, and group 0 is root's.
  const bool is_shared_group = info.st_gid != info.st_uid && info.st_gid != 0;
  if ((info.st_mode & S_IWOTH) == 0 && ((info.st_mode & S_IWGRP) == 0 || !is_shared_group)) {
    return absl::OkStatus();
  }
  // Do not suggest changing a directory for everybody, such as /tmp.
  const bool is_sticky = (info.st_mode & S_ISVTX) != 0;
  return absl::FailedPreconditionError(absl::StrCat(
      directory, ": others may write to it, and so change what is counted and sent; ",
      is_sticky ? std::string("use a directory of its own for the store, such as one below it")
                : absl::StrCat("chmod go-w ", ShellWord(directory))));
}

absl::Status RemoveUnfinishedFiles(const std::string& directory, FileSystem& changes) {
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(directory);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (!absl::StartsWith(name, kUnfinishedPrefix)) continue;
    changes.Remove(absl::StrCat(directory, "/", name)).IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::acct
