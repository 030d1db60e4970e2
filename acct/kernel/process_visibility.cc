#include "acct/kernel/process_visibility.h"

#include <sys/sysmacros.h>

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace cpuagg::acct {
namespace {

// The mount option that hides processes, "hidepid=invisible" or another word of a later kernel;
// empty if none are hidden.
absl::string_view HidingOption(absl::string_view options) {
  for (const absl::string_view option : absl::StrSplit(options, ',')) {
    absl::string_view value = option;
    if (absl::ConsumePrefix(&value, "hidepid=") && value != "0" && value != "off") return option;
  }
  return {};
}

}  // namespace

std::string WhatIsHidden(absl::string_view root, const Visibility& visibility) {
  if (!visibility.refused.empty()) {
    return absl::StrCat(visibility.refused,
                        ": may not be read (is /proc mounted with hidepid?); root, or a user with "
                        "CAP_SYS_PTRACE, sees all");
  }
  if (!visibility.first_user.has_value()) {
    return absl::StrCat(root,
                        ": does not show process 1, and so hides others too (is it mounted with "
                        "hidepid?); root, or a user with CAP_SYS_PTRACE, sees all");
  }
  if (visibility.may_trace || *visibility.first_user != visibility.reader) return "";
  if (!visibility.mount_options.has_value()) {
    return absl::StrCat(root,
                        ": cannot find out how it is mounted, and whether it hides processes");
  }
  const absl::string_view hiding = HidingOption(*visibility.mount_options);
  if (hiding.empty()) return "";
  return absl::StrCat(root, ": is mounted with ", hiding,
                      ", which hides processes from users without CAP_SYS_PTRACE");
}

std::optional<std::string> SuperOptionsOf(absl::string_view mountinfo, dev_t device) {
  const std::string numbers = absl::StrCat(major(device), ":", minor(device));
  for (const absl::string_view line : absl::StrSplit(mountinfo, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, absl::MaxSplits(' ', 3));
    if (words.size() < 3 || words[2] != numbers) continue;
    // A blank inside a field is written as \040.
    const size_t separator = line.find(" - ");
    if (separator == absl::string_view::npos) return std::nullopt;
    const std::vector<absl::string_view> fields = absl::StrSplit(line.substr(separator + 3), ' ');
    if (fields.size() != 3) return std::nullopt;
    return std::string(fields[2]);
  }
  return std::nullopt;
}

}  // namespace cpuagg::acct
