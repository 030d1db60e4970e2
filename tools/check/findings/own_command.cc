#include "tools/check/findings/own_command.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::tools::check {
namespace {

// The paths that the command line names, by flag.
using Paths = std::vector<std::pair<absl::string_view, std::string>>;

Paths PathsOf(const Flags& flags, absl::string_view command) {
  Paths paths = {{"--config", flags.config}, {"--store", flags.store.value_or("")}};
  if (!absl::StartsWith(command, "collect") && command != "check") return paths;
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

// Why nothing can be collected with the paths that were given; empty if something can.
std::string WhyNothingIsCollected(const CommandContext& context) {
  if (!aggregate::SnapshotStore(context.StoreDirectory()).CheckIsNotOfSeveral().ok()) {
    return "name the store of one machine";
  }
  std::error_code ignored;
  const std::string& file = context.flags.accounting_file.value_or("");
  if (!file.empty() && !std::filesystem::exists(file, ignored)) {
    return absl::StrCat("name an accounting file that exists, instead of ", file);
  }
  return "";
}

// Whether a mend reads the accounting file, or adds a line to a crontab that uses these paths.
bool NeedsPaths(const std::string& mend) {
  return absl::StrContains(mend, "cpuagg collect") || absl::StartsWith(mend, "echo ");
}

}  // namespace

std::string NameOfProgram(const std::string& program, absl::string_view path_variable) {
  std::error_code failed;
  for (const absl::string_view folder : absl::StrSplit(path_variable, ':')) {
    const std::string found = absl::StrCat(folder.empty() ? "." : folder, "/cpuagg");
    if (access(found.c_str(), X_OK) != 0) continue;
    if (std::filesystem::equivalent(found, program, failed) && !failed) return "cpuagg";
    break;
  }
  // The file may have been replaced since it was started.
  return std::filesystem::exists(program, failed) ? ShellWord(program) : "cpuagg";
}

void AdaptMends(const CommandContext& context, const std::string& name,
                std::vector<Finding>& findings) {
  const std::string why = WhyNothingIsCollected(context);
  const std::string check = absl::StrCat("cpuagg check", TextOf(PathsOf(context.flags, "check")));
  for (Finding& finding : findings) {
    if (!why.empty() && std::erase_if(finding.mends, NeedsPaths) > 0) {
      // A cron is installed for the line.
      std::erase_if(finding.mends,
                    [](const std::string& mend) { return absl::StrContains(mend, " install "); });
      finding.advice.push_back(why);
    }
    for (std::string& mend : finding.mends) {
      absl::StrReplaceAll({{"cpuagg check", check}}, &mend);
      if (absl::StartsWith(mend, "cpuagg ")) mend.replace(0, 6, name);
      absl::StrReplaceAll({{"sudo cpuagg ", absl::StrCat("sudo ", name, " ")},
                           {"&& cpuagg ", absl::StrCat("&& ", name, " ")}},
                          &mend);
    }
  }
}

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
