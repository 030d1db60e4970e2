#include "tools/installation/context/distribution_package.h"

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "tools/installation/context/system_facts.h"

namespace cpuagg::tools {
namespace {

struct PackageManager {
  const char* program;
  // The program's arguments; the last one is the package.
  std::vector<std::string> accounting;
  std::vector<std::string> cron;
};

const std::array<PackageManager, 5>& PackageManagers() {
  static const std::array<PackageManager, 5> managers = {{
      // cron recommends a mail server, which is not needed.
      {"apt-get", {"install", "-y", "acct"}, {"install", "-y", "--no-install-recommends", "cron"}},
      {"dnf", {"install", "-y", "psacct"}, {"install", "-y", "cronie"}},
      {"yum", {"install", "-y", "psacct"}, {"install", "-y", "cronie"}},
      {"zypper",
       {"--non-interactive", "install", "acct"},
       {"--non-interactive", "install", "cron"}},
      {"pacman",
       {"-S", "--noconfirm", "--needed", "acct"},
       {"-S", "--noconfirm", "--needed", "cronie"}},
  }};
  return managers;
}

absl::Status Install(SetupContext& context, std::vector<std::string> PackageManager::*package) {
  for (const PackageManager& manager : PackageManagers()) {
    if (FindSystemProgram(manager.program).empty()) continue;
    const std::vector<std::string>& arguments = manager.*package;
    const absl::StatusOr<bool> agreed = context.dialogue.Confirm(
        absl::StrCat("Install the package ", arguments.back(), " now (", manager.program, " ",
                     absl::StrJoin(arguments, " "), ")?"));
    if (!agreed.ok()) return agreed.status();
    if (!*agreed) return absl::OkStatus();
    const absl::Status installed =
        context.Run(manager.program, arguments, absl::Minutes(15), /*is_watched=*/true);
    if (!installed.ok()) {
      context.dialogue.Note(absl::StrCat(installed.message(), "; going on without the package"));
      return absl::OkStatus();
    }
    absl::StrAppend(&context.record.packages, context.record.packages.empty() ? "" : " ",
                    arguments.back());
    return context.SaveRecord();
  }
  return absl::OkStatus();
}

}  // namespace

bool IsAccountingRotated() {
  for (const char* path : {"/etc/cron.daily/acct", "/etc/logrotate.d/acct",
                           "/etc/logrotate.d/psacct", "/etc/cron.daily/psacct"}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return true;
  }
  return false;
}

absl::Status InstallAccountingPackage(SetupContext& context) {
  return Install(context, &PackageManager::accounting);
}

absl::Status InstallCronPackage(SetupContext& context) {
  return Install(context, &PackageManager::cron);
}

}  // namespace cpuagg::tools
