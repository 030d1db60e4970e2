#include "tools/config/ca_file.h"

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/config/settings_file.h"

namespace cpuagg::tools {

absl::Status CheckCertificates(absl::string_view key, const std::string& path) {
  // Whoever can change the file decides which servers get the token.
  const absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
  if (!file.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": ", file.status().message()));
  }
  if (!absl::StrContains(file->text, "CERTIFICATE-----")) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": ", path, ": has no certificate in it (a PEM file has)"));
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
