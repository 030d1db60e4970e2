#include "tools/installation/setup_record.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tools/env_file.h"
#include "tools/installation/root_file.h"
#include "tools/settings_file.h"

namespace cpuagg::tools {

absl::StatusOr<SetupRecord> SetupRecord::Load(const std::string& path) {
  SetupRecord record;
  const absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
  if (absl::IsNotFound(file.status())) return record;
  if (!file.ok()) return file.status();
  const absl::StatusOr<EnvEntries> entries = ParseEnvFile(file->text, path);
  if (!entries.ok()) return entries.status();
  for (const auto& [key, value] : *entries) {
    if (key == "ACCOUNTING_FILE") record.accounting_file = value;
    if (key == "ACCOUNTING_UNIT") record.accounting_unit = value;
    if (key == "GREETED") record.greeted = value;
  }
  return record;
}

absl::Status SetupRecord::Save(const std::string& path) const {
  const std::string directory = std::filesystem::path(path).parent_path();
  if (absl::Status status = MakeRootDirectory(directory, {.mode = 0755}); !status.ok()) {
    return status;
  }
  return WriteRootFile(
      path,
      absl::StrCat("# What cpuagg setup has done, for cpuagg setup --undo.\n", "ACCOUNTING_FILE=\"",
                   accounting_file, "\"\n", "ACCOUNTING_UNIT=\"", accounting_unit, "\"\n",
                   "GREETED=\"", greeted, "\"\n"),
      {.mode = 0644});
}

}  // namespace cpuagg::tools
