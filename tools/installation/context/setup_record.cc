#include "tools/installation/context/setup_record.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/config/env_file.h"
#include "tools/config/settings_file.h"
#include "tools/system/root_file.h"

namespace cpuagg::tools {
namespace {

constexpr char kAccountingFile[] = "ACCOUNTING_FILE";
constexpr char kAccountingUnit[] = "ACCOUNTING_UNIT";
constexpr char kGreeted[] = "GREETED";
constexpr char kPackages[] = "PACKAGES";
constexpr char kUser[] = "USER";

}  // namespace

absl::StatusOr<SetupRecord> SetupRecord::Load(const std::string& path) {
  SetupRecord record;
  const absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
  if (absl::IsNotFound(file.status())) return record;
  if (!file.ok()) return file.status();
  const absl::StatusOr<EnvEntries> entries = ParseEnvFile(file->text, path);
  if (!entries.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(entries.status().message(), "; fix that line, or run rm ", path,
                     ": setup then does not know any more that it turned accounting on"));
  }
  for (const auto& [key, value] : *entries) {
    if (key == kAccountingFile) record.accounting_file = value;
    if (key == kAccountingUnit) record.accounting_unit = value;
    if (key == kGreeted) record.greeted = value;
    if (key == kPackages) record.packages = value;
    if (key == kUser) record.user = value;
  }
  return record;
}

absl::Status SetupRecord::Save(const std::string& path) const {
  const EnvEntries entries = {{kAccountingFile, accounting_file},
                              {kAccountingUnit, accounting_unit},
                              {kGreeted, greeted},
                              {kPackages, packages},
                              {kUser, user}};
  std::string text = "# What cpuagg setup has done, for cpuagg setup --undo.\n";
  for (const auto& [key, value] : entries) {
    const std::string line = absl::StrCat(key, "=", QuotedEnvValue(value), "\n");
    const absl::StatusOr<EnvEntries> read = ParseEnvFile(line, path);
    if (!read.ok() || *read != EnvEntries{{key, value}}) {
      return absl::InvalidArgumentError(absl::StrCat(
          key, ": its value cannot be kept in one line of ", path, "; choose another one"));
    }
    text.append(line);
  }
  const std::string directory = std::filesystem::path(path).parent_path();
  if (absl::Status status = MakeRootDirectory(directory, {.mode = 0755}); !status.ok()) {
    return status;
  }
  return WriteRootFile(path, text, {.mode = 0644});
}

}  // namespace cpuagg::tools
