#include "notify/words/department_notes.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

void AddDepartmentNotes(const aggregate::Report& report, std::vector<Note>& notes) {
  constexpr size_t kMostUsersNamed = 5;
  const aggregate::DepartmentUse& use = report.departments;
  if (!use.has_some) return;
  const auto add = [&](const std::string& text) {
    notes.push_back({NoteKind::kMeaning, absl::StrCat(text, "."), absl::StrCat("⚠ ", text)});
  };
  if (!use.users_without.empty()) {
    std::vector<std::string> users;
    for (const std::string& user : use.users_without) users.push_back(Printable(user));
    add(absl::StrCat(Pluralize(users.size(), "user"), users.size() == 1 ? " has" : " have",
                     " no department: ", FirstNames(users, kMostUsersNamed)));
  }
  std::vector<std::string> unused;
  for (const aggregate::Unmatched& line : use.unused) {
    unused.push_back(Printable(line.asked));
    if (line.near_users.empty()) continue;
    absl::StrAppend(&unused.back(), " (did you mean ", Printable(line.near_users[0]), "?)");
  }
  if (!unused.empty()) {
    add(absl::StrCat("The list of departments has ", unused.size() == 1 ? "a user" : "users",
                     " without account and usage: ", FirstNames(unused, kMostUsersNamed)));
  }
  for (const auto& [one, other] : use.differ_in_case) {
    add(absl::StrCat("The departments ", Printable(one), " and ", Printable(other),
                     " differ in upper and lower case only"));
  }
}

}  // namespace cpuagg::notify
