#include "aggregate/report/row_filter.h"

#include <fnmatch.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::aggregate {
namespace {

bool HasUser(const std::vector<std::string>& list, acct::Uid uid,
             const std::optional<std::string>& name) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& asked) { return IsUser(asked, uid, name); });
}

}  // namespace

bool IsUser(absl::string_view asked, acct::Uid uid, const std::optional<std::string>& name) {
  if (asked == name) return true;
  return !asked.empty() && absl::ascii_isdigit(static_cast<unsigned char>(asked[0])) &&
         asked == absl::StrCat(uid.value());
}

bool MatchesPattern(const std::string& pattern, const std::string& command, bool ignores_case) {
  return fnmatch(pattern.c_str(), command.c_str(), ignores_case ? FNM_CASEFOLD : 0) == 0;
}

RowFilter::User RowFilter::ChoiceOf(acct::Uid uid, const std::optional<std::string>& name,
                                    bool is_unresolved) const {
  if (!choice_.users.empty() && !HasUser(choice_.users, uid, name)) return User::kNotAsked;
  if (HasUser(choice_.ignored_users, uid, name)) return User::kIgnored;
  if (choice_.ignores_system_accounts && IsSystemAccount(uid)) return User::kIgnored;
  const bool is_unknown = !name.has_value() && !is_unresolved;
  return choice_.ignores_unknown_users && is_unknown ? User::kIgnored : User::kTaken;
}

bool RowFilter::TakesCommand(const std::optional<std::string>& command) const {
  if (choice_.commands.empty()) return true;
  return command.has_value() &&
         std::any_of(choice_.commands.begin(), choice_.commands.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, *command); });
}

}  // namespace cpuagg::aggregate
