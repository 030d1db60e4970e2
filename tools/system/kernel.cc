#include "tools/system/kernel.h"

#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tools/system/paths.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

bool HasLine(absl::string_view text, absl::string_view wanted) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line == wanted) return true;
  }
  return false;
}

std::string ConfinementIn(const std::string& root, absl::string_view release) {
  for (const auto& [file, name] :
       {std::pair("/.dockerenv", "docker"), std::pair("/run/.containerenv", "podman")}) {
    if (Exists(root + file)) return absl::StrCat("a container (", name, ")");
  }
  if (absl::StatusOr<std::string> kind = ReadSmallFile(root + "/run/systemd/container");
      kind.ok() && !kind->empty()) {
    return absl::StrCat("a container (", absl::StripAsciiWhitespace(*kind), ")");
  }
  const std::string lower = absl::AsciiStrToLower(release);
  if (absl::StrContains(lower, "microsoft") || absl::StrContains(lower, "wsl")) return "WSL";
  // In the first user namespace, all ids are those of the host (user_namespaces(7)).
  if (absl::StatusOr<std::string> map = ReadSmallFile(root + "/proc/self/uid_map"); map.ok()) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(*map, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
    if (words != std::vector<absl::string_view>{"0", "0", "4294967295"}) return "a user namespace";
  }
  return "";
}

// Whether the capability bounding set in a /proc/self/status contains CAP_SYS_PACCT.
bool MayAccount(absl::string_view status) {
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    uint64_t set = 0;
    if (absl::ConsumePrefix(&line, "CapBnd:") &&
        absl::SimpleHexAtoi(absl::StripAsciiWhitespace(line), &set)) {
      return (set >> CAP_SYS_PACCT & 1) != 0;
    }
  }
  return true;
}

}  // namespace

KernelFacts ReadKernelFacts(const std::string& root) {
  KernelFacts facts;
  utsname names;
  if (uname(&names) == 0) facts.release = names.release;
  facts.confinement = ConfinementIn(root, facts.release);
  facts.may_be_turned_on = facts.confinement != "a user namespace" &&
                           MayAccount(ReadSmallFile(root + "/proc/self/status").value_or(""));
  for (const std::string& path : {absl::StrCat(root, "/proc/config.gz"),
                                  absl::StrCat(root, "/boot/config-", facts.release)}) {
    const absl::StatusOr<std::string> config = ReadSmallFile(path);
    if (!config.ok() || !absl::StrContains(*config, "CONFIG_")) continue;
    facts.has_accounting = HasLine(*config, "CONFIG_BSD_PROCESS_ACCT=y");
    facts.writes_version3 = HasLine(*config, "CONFIG_BSD_PROCESS_ACCT_V3=y");
    facts.source = path;
    return facts;
  }
  // The limits exist if the kernel has accounting (kernel/acct.c).
  if (Exists(root + "/proc/sys/kernel/acct")) {
    facts.has_accounting = true;
    facts.source = "/proc/sys/kernel/acct";
  } else if (::acct("") != 0 && errno == ENOSYS) {
    // No file has this name, so the call turns nothing on or off.
    facts.has_accounting = false;
    facts.source = "acct(2)";
  }
  return facts;
}

}  // namespace cpuagg::tools::check
