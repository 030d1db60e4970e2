#include "notify/words/unmatched_text.h"

#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Unmatched;

std::string InQuotes(absl::string_view bytes) { return absl::StrCat("\"", Printable(bytes), "\""); }

std::string CommandText(const Unmatched& unmatched) {
  std::string text =
      absl::StrCat("No command ", unmatched.has_unnamed_commands ? "that is known by name " : "",
                   unmatched.is_of_some_users ? "of the chosen users " : "", "matches ",
                   InQuotes(unmatched.asked));
  if (unmatched.near_processes > 0) {
    const uint64_t near = unmatched.near_processes;
    absl::StrAppend(&text, "; ", Pluralize(near, "process"), near == 1 ? " matches " : " match ",
                    InQuotes(unmatched.near_pattern));
  } else if (unmatched.processes_of_others > 0) {
    const uint64_t others = unmatched.processes_of_others;
    absl::StrAppend(&text, "; ", Pluralize(others, "process"), " of other users ",
                    others == 1 ? "does" : "do");
  } else if (absl::StrContains(unmatched.asked, ',')) {
    absl::StrAppend(&text,
                    "; a comma is part of the pattern: give --command once for each pattern");
  }
  return absl::StrCat(text, ".");
}

std::string UserText(const Unmatched& unmatched) {
  const std::string name = InQuotes(unmatched.asked);
  if (unmatched.kind == Unmatched::Kind::kIgnoredUser) {
    return absl::StrCat("There is no user ", name, " to leave out");
  }
  if (unmatched.is_in_store) {
    return absl::StrCat("User ", name, " is in the store, but used nothing in this period");
  }
  if (unmatched.has_account == true) {
    return absl::StrCat("User ", name, " has an account, but used nothing in this period");
  }
  if (unmatched.has_account == false) {
    return absl::StrCat("There is no user ", name,
                        ": no account here and no user of this period has that name");
  }
  return absl::StrCat("No user ", name, " used anything in this period");
}

}  // namespace

std::string UnmatchedText(const Unmatched& unmatched) {
  if (unmatched.kind == Unmatched::Kind::kCommand) return CommandText(unmatched);
  std::vector<std::string> near;
  for (const std::string& name : unmatched.near_users) near.push_back(Printable(name));
  std::string text = absl::StrCat(UserText(unmatched), ".");
  if (near.empty() || unmatched.is_in_store || unmatched.has_account == true) return text;
  return absl::StrCat(text, " Did you mean ", absl::StrJoin(near, " or "), "?");
}

}  // namespace cpuagg::notify
