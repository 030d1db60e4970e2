#include "tools/report/asked_groups.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "aggregate/names/user_directory.h"

namespace cpuagg::tools {
namespace {

bool IsNumber(const std::string& text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

absl::StatusOr<acct::Gid> GroupOf(const std::string& digits) {
  uint32_t id;
  if (absl::SimpleAtoi(digits, &id)) return acct::Gid(id);
  return absl::InvalidArgumentError(
      absl::StrCat("--group: ", digits, " is too large for the id of a group"));
}

absl::StatusOr<acct::Gid> GroupNamed(const std::string& name, aggregate::UserDirectory& names) {
  const aggregate::NameAnswer id = names.IdOfGroup(name);
  if (absl::IsUnimplemented(id.status())) {
    return absl::InvalidArgumentError(
        absl::StrCat("--group: '", name,
                     "' is a name, and --passwd has no groups; give the number of the group"));
  }
  if (!id.ok()) {
    return absl::UnavailableError(absl::StrCat("--group: the group '", name,
                                               "' cannot be looked up: ", id.status().message(),
                                               "; give its number"));
  }
  if (id->has_value()) return GroupOf(**id);
  return absl::InvalidArgumentError(
      absl::StrCat("--group: there is no group '", name,
                   "' on this host; a group of another host is given by its number"));
}

}  // namespace

absl::StatusOr<std::vector<acct::Gid>> AskedGroups(const CommandContext& context) {
  const std::vector<std::string>& asked = context.flags.groups;
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names;
  if (!std::all_of(asked.begin(), asked.end(), IsNumber)) {
    names = context.UserNames(kNamesOfReports);
    if (!names.ok()) return names.status();
  }
  std::vector<acct::Gid> groups;
  for (const std::string& group : asked) {
    const absl::StatusOr<acct::Gid> id =
        IsNumber(group) ? GroupOf(group) : GroupNamed(group, **names);
    if (!id.ok()) return id.status();
    groups.push_back(*id);
  }
  return groups;
}

}  // namespace cpuagg::tools
