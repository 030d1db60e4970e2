#include "tools/report/report_host.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

namespace fs = std::filesystem;

// HOST_NAME of the environment, which is for this command alone. That of a configuration file names
// the machine that the file is on.
std::optional<std::string> HostOfEnvironment(const CommandContext& context) {
  for (const auto& [key, value] : context.config.OfEnvironment()) {
    if (key == "HOST_NAME" && !value.empty()) return value;
  }
  return std::nullopt;
}

// Without symbolic links; empty if there is nothing.
fs::path RealPath(const fs::path& path) {
  std::error_code failed;
  fs::path real = fs::canonical(path, failed);
  return failed ? fs::path() : real;
}

// The folders in which this machine keeps its accounting file and what it was rotated to.
std::vector<fs::path> FoldersOfThisMachine(const CommandContext& context) {
  const fs::path file = fs::path(context.AccountingFile());
  std::error_code failed;
  std::vector<fs::path> folders = {
      RealPath(fs::is_directory(file, failed) ? file : fs::absolute(file, failed).parent_path()),
      RealPath(file).parent_path()};
  for (const std::string& folder : context.RotatedDirectories()) {
    folders.push_back(RealPath(folder));
  }
  return folders;
}

}  // namespace

std::string HostOfFiles(const CommandContext& context, const std::vector<std::string>& files) {
  if (context.flags.host.has_value()) return *context.flags.host;
  if (std::optional<std::string> named = HostOfEnvironment(context); named.has_value()) {
    return *std::move(named);
  }
  const std::vector<fs::path> folders = FoldersOfThisMachine(context);
  const bool is_this_machine =
      std::all_of(files.begin(), files.end(), [&](const std::string& file) {
        if (file == "-") return false;
        std::error_code failed;
        const fs::path path = fs::absolute(file, failed);
        const fs::path folder =
            RealPath(fs::is_directory(path, failed) ? path : path.parent_path());
        return !folder.empty() &&
               std::find(folders.begin(), folders.end(), folder) != folders.end();
      });
  return is_this_machine ? context.HostName() : "";
}

absl::StatusOr<std::string> HostOfStore(const CommandContext& context,
                                        const std::string& collected_on) {
  const std::optional<std::string>& asked = context.flags.host;
  std::string host = HostOfEnvironment(context).value_or(
      context.flags.store.has_value() && !collected_on.empty() ? collected_on : context.HostName());
  if (!asked.has_value() || *asked == host) return host;
  // The store does not say what it is of.
  if (collected_on.empty() || *asked == collected_on) return *asked;
  return absl::InvalidArgumentError(absl::StrCat(
      "--host: the store ", context.StoreDirectory(), " is of ", notify::Printable(collected_on),
      ", and not of ", notify::Printable(*asked), "; name the store of that host with --store"));
}

void WarnOfForeignNames(CommandContext& context) {
  const std::optional<std::string>& host = context.flags.host;
  if (!host.has_value() || *host == context.HostName() || context.flags.passwd.has_value()) return;
  context.console.Warn(
      absl::StrCat("user names are those of this machine; if ", *host,
                   " has other accounts, name a copy of its /etc/passwd with --passwd"));
}

}  // namespace cpuagg::tools
