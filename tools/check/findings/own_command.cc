#include "tools/check/findings/own_command.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {
namespace {

// The paths that the command line names, by flag.
using Paths = std::vector<std::pair<absl::string_view, std::string>>;

Paths PathsOf(const Flags& flags, absl::string_view command) {
  Paths paths = {{"--config", flags.config}, {"--store", flags.store.value_or("")}};
  if (!absl::StartsWith(command, "collect")) return paths;
  paths.emplace_back("--accounting-file", flags.accounting_file.value_or(""));
  for (const std::string& directory : flags.rotated_directories) {
    paths.emplace_back("--rotated-dir", directory);
  }
  return paths;
}

std::string TextOf(const Paths& paths) {
  std::string text;
  for (const auto& [flag, path] : paths) {
    if (!path.empty()) absl::StrAppend(&text, " ", flag, " ", ShellWord(path));
  }
  return text;
}

}  // namespace

std::string OwnCommand(const CommandContext& context, absl::string_view command) {
  return absl::StrCat("cpuagg ", command, TextOf(PathsOf(context.flags, command)));
}

std::string CronFlags(const CommandContext& context, absl::string_view command) {
  Flags flags = context.flags;
  for (const auto& [name, value] : context.config.OfEnvironment()) {
    if (name == "STORE") flags.store = context.StoreDirectory();
    if (name == "ACCOUNTING_FILE") flags.accounting_file = context.AccountingFile();
    if (name == "ROTATED_DIR") flags.rotated_directories = context.RotatedDirectories();
  }
  Paths paths = PathsOf(flags, command);
  for (auto& [flag, path] : paths) {
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    // ".." stays: after a link, it is not the folder that the text suggests.
    if (!path.empty() && !error) path = absolute.string();
  }
  return absl::StrReplaceAll(TextOf(paths), {{"%", "\\%"}});
}

}  // namespace cpuagg::tools::check
