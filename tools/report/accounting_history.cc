#include "tools/report/accounting_history.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "acct/rotation/rotation.h"
#include "aggregate/report/folder_history.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

mode_t TypeOf(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? info.st_mode & S_IFMT : 0;
}

}  // namespace

absl::StatusOr<aggregate::History> FindHistory(const CommandContext& context, absl::Time begin) {
  return aggregate::FindHistory(
      {.path = context.AccountingFile(), .other_folders = context.RotatedDirectories()}, begin);
}

absl::StatusOr<bool> IsStillThere(const CommandContext& context, absl::Time begin,
                                  const aggregate::History& history) {
  const absl::StatusOr<aggregate::History> now = FindHistory(context, begin);
  if (!now.ok()) return now.status();
  return history.IsSameAs(*now);
}

bool NamesFolder(const std::vector<std::string>& files) {
  return std::any_of(files.begin(), files.end(),
                     [](const std::string& file) { return TypeOf(file) == S_IFDIR; });
}

absl::StatusOr<aggregate::History> FindNamed(const std::vector<std::string>& files,
                                             const aggregate::History& known) {
  aggregate::History named;
  for (const std::string& file : files) {
    if (TypeOf(file) != S_IFDIR) {
      named.paths.push_back(file);
      named.inodes.emplace_back();
      continue;
    }
    absl::StatusOr<aggregate::History> found = aggregate::FindInFolder(file, known);
    if (!found.ok()) return found.status();
    named.paths.insert(named.paths.end(), found->paths.begin(), found->paths.end());
    named.inodes.insert(named.inodes.end(), found->inodes.begin(), found->inodes.end());
    named.passed_over.insert(named.passed_over.end(), found->passed_over.begin(),
                             found->passed_over.end());
  }
  return named;
}

bool CanBeReadAgain(const aggregate::History& named) {
  return std::all_of(named.paths.begin(), named.paths.end(), [](const std::string& path) {
    // A file that has just been rotated may have no name at this moment.
    const mode_t type = TypeOf(path);
    return path != "-" && (type == S_IFREG || type == 0);
  });
}

std::string SourceText(const CommandContext& context, const aggregate::History& history) {
  const std::string path = context.AccountingFile();
  const bool has_path =
      std::find(history.paths.begin(), history.paths.end(), path) != history.paths.end();
  const size_t rotated = history.paths.size() - (has_path ? 1 : 0);
  std::string text;
  if (has_path) {
    text = path;
    if (rotated > 0) {
      absl::StrAppend(&text, " and ", notify::Pluralize(rotated, "rotated file"));
    }
  } else {
    text = absl::StrCat(notify::Pluralize(rotated, "file"), " of ", path);
  }
  if (history.older_files > 0) {
    absl::StrAppend(&text, " (", notify::Pluralize(history.older_files, "older file"),
                    " left out, written last before the period)");
  }
  return text;
}

void WarnOfPassedOver(const acct::PassedOver& other, Console& console) {
  console.Warn(absl::StrCat(other.path, ": ", other.why, "; it is not read"));
}

absl::Status RotatedWhileRead(absl::string_view name) {
  return absl::UnavailableError(absl::StrCat(name, ": was rotated while it was read; run again"));
}

}  // namespace cpuagg::tools
