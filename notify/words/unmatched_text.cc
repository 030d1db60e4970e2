#include "notify/words/unmatched_text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
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
  // As a report compares ids: "01001" is not one.
  const bool is_id =
      (unmatched.asked == "0" || !absl::StartsWith(unmatched.asked, "0")) &&
      std::all_of(unmatched.asked.begin(), unmatched.asked.end(), absl::ascii_isdigit);
  const std::string name =
      is_id ? absl::StrCat("with the id ", unmatched.asked) : InQuotes(unmatched.asked);
  const std::string user = absl::StrCat(is_id ? "The user " : "User ", name);
  if (unmatched.kind == Unmatched::Kind::kIgnoredUser) {
    return absl::StrCat("There is no user ", name, " to leave out");
  }
  if (unmatched.is_in_store) {
    return absl::StrCat(user, " is in the store, but used nothing in this period");
  }
  if (unmatched.has_account == true) {
    return absl::StrCat(user, " has an account, but used nothing in this period");
  }
  if (unmatched.has_account == false) {
    return absl::StrCat("There is no user ", name,
                        ": no account here and no user of this period has that ",
                        is_id ? "id" : "name");
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
