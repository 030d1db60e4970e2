#include "notify/fleet/user_choice.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"

namespace cpuagg::notify {
namespace {

// The ids of IsSystemAccount(), as a regular expression.
constexpr char kSystemIds[] =
    "[0-9]{1,3}|6118[4-9]|6119[0-9]|61[2-9][0-9]{2}|6[2-4][0-9]{3}|65[0-4][0-9]{2}|655[01][0-9]|"
    "65534";

bool IsNumber(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Names, and those among them that may be ids.
struct Asked {
  explicit Asked(const std::vector<std::string>& all) : names(all) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(ids), IsNumber);
  }
  std::vector<std::string> names;
  std::vector<std::string> ids;
};

Conditions With(Conditions conditions, std::string more) {
  conditions.push_back(std::move(more));
  return conditions;
}

}  // namespace

UserChoice ChooseUsers(const aggregate::ReportOptions& options, const Conditions& base) {
  std::vector<Conditions> asked = {base};
  if (!options.only_users.empty()) {
    const Asked only(options.only_users);
    asked = {With(base, IsOneOf("user", only.names))};
    if (!only.ids.empty()) asked.push_back(With(base, IsOneOf("uid", only.ids)));
  }
  // What holds for all that is not ignored, and what each holds for some that is.
  Conditions kept;
  Conditions ignored;
  if (const Asked without(options.ignored_users); !without.names.empty()) {
    kept.push_back(IsNoneOf("user", without.names));
    ignored.push_back(IsOneOf("user", without.names));
    if (!without.ids.empty()) {
      kept.push_back(IsNoneOf("uid", without.ids));
      ignored.push_back(IsOneOf("uid", without.ids));
    }
  }
  if (options.leave_out_unknown_users) {
    // Instead of a name, they have their id.
    kept.emplace_back("user!~\"[0-9]*\"");
    ignored.emplace_back("user=~\"[0-9]*\"");
  }
  if (options.only_people) {
    kept.push_back(absl::StrCat("uid!~\"", kSystemIds, "\""));
    ignored.push_back(absl::StrCat("uid=~\"", kSystemIds, "\""));
  }
  UserChoice choice;
  for (const Conditions& conditions : asked) {
    for (const std::string& some : ignored) choice.excluded.push_back(With(conditions, some));
    choice.chosen.push_back(conditions);
    Conditions& chosen = choice.chosen.back();
    chosen.insert(chosen.end(), kept.begin(), kept.end());
  }
  return choice;
}

}  // namespace cpuagg::notify
