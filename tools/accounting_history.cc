#include "tools/accounting_history.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "acct/rotation.h"
#include "notify/text.h"

namespace cpuagg::tools {

absl::StatusOr<aggregate::History> FindHistory(const Session& session, absl::Time begin) {
  return aggregate::FindHistory(
      {.path = session.AccountingFile(), .other_folders = session.RotatedDirectories()}, begin);
}

absl::StatusOr<bool> IsStillThere(const Session& session, absl::Time begin,
                                  const aggregate::History& history) {
  const absl::StatusOr<aggregate::History> now = FindHistory(session, begin);
  if (!now.ok()) return now.status();
  return history.IsSameAs(*now);
}

std::string SourceText(const Session& session, const aggregate::History& history) {
  const std::string path = session.AccountingFile();
  const bool has_path =
      std::find(history.paths.begin(), history.paths.end(), path) != history.paths.end();
  const size_t rotated = history.paths.size() - (has_path ? 1 : 0);
  std::string text;
  if (has_path) {
    text = path;
    if (rotated > 0) {
      absl::StrAppend(&text, " and ", notify::Counted(rotated, "rotated file"));
    }
  } else {
    text = absl::StrCat(notify::Counted(rotated, "file"), " of ", path);
  }
  if (history.older_files > 0) {
    absl::StrAppend(&text, " (", notify::Counted(history.older_files, "older file"),
                    " left out, written last before the period)");
  }
  return text;
}

void WarnOfPassedOver(const aggregate::History& history, Console& console) {
  for (const acct::PassedOver& other : history.passed_over) {
    console.Warn(absl::StrCat(other.path, ": ", other.why, "; it is not read"));
  }
}

absl::Status RotatedWhileRead(const Session& session) {
  return absl::UnavailableError(
      absl::StrCat(session.AccountingFile(), ": was rotated while it was read; run again"));
}

}  // namespace cpuagg::tools
