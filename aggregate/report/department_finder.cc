#include "aggregate/report/department_finder.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {
namespace {

// The users of the list that have not been found, with those without a department that have a
// similar name. Those with one come first, since the line is probably theirs.
std::vector<Unmatched> UnusedLines(const std::vector<std::string>& users,
                                   const std::map<std::string, acct::ExactTime>& without) {
  UnmatchedFinder finder(users, {}, {});
  // A long list is of many machines, and the search would take long.
  constexpr size_t kMostCompared = 1'000'000;
  if (users.size() * without.size() <= kMostCompared) {
    for (const auto& [name, cpu] : without) finder.Add(acct::Uid(), name, std::nullopt, 1);
  }
  std::vector<Unmatched> unused = finder.Found();
  for (Unmatched& each : unused) each.kind = Unmatched::Kind::kListedUser;
  std::stable_partition(unused.begin(), unused.end(),
                        [](const Unmatched& each) { return !each.near_users.empty(); });
  return unused;
}

}  // namespace

void DepartmentFinder::Add(const ReportOptions& options, const std::vector<ReportRow>& rows) {
  if (!Has(options.by, Dimension::kDepartment)) return;
  for (const ReportRow& row : rows) {
    const std::string id = absl::StrCat(row.uid.value());
    if (row.department.has_value()) {
      found_.insert(id);
      if (row.user.has_value()) found_.insert(*row.user);
    } else {
      without_[row.user.value_or(id)] += row.usage.cpu_time();
    }
  }
}

DepartmentUse DepartmentFinder::Found(const ReportOptions& options) const {
  DepartmentUse use;
  if (!Has(options.by, Dimension::kDepartment)) return use;
  use.has_some = !found_.empty();
  std::vector<std::pair<std::string, acct::ExactTime>> without(without_.begin(), without_.end());
  std::stable_sort(without.begin(), without.end(),
                   [](const auto& a, const auto& b) { return b.second < a.second; });
  for (auto& [user, cpu] : without) use.users_without.push_back(std::move(user));
  std::map<std::string, std::string> by_small_letters;
  for (const std::string& department : options.departments.Names()) {
    const auto [place, is_new] =
        by_small_letters.try_emplace(absl::AsciiStrToLower(department), department);
    if (!is_new) use.differ_in_case.emplace_back(place->second, department);
  }
  // Others may be there that the report leaves out.
  if (options.chooses() || !use.has_some) return use;
  std::vector<std::string> users = options.departments.Users();
  std::erase_if(users, [&](const std::string& user) { return found_.contains(user); });
  use.unused = UnusedLines(users, without_);
  return use;
}

}  // namespace cpuagg::aggregate
