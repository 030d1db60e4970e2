#include "aggregate/report/unmatched.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "aggregate/report/edit_distance.h"
#include "aggregate/report/row_filter.h"

namespace cpuagg::aggregate {
namespace {

// The length of a command name in the kernel: TASK_COMM_LEN without the terminating zero.
constexpr size_t kCommandLength = 15;

constexpr size_t kMostNear = 3;

// The distance between a name and the requested one; nullopt if it is too large. Two transposed
// letters are two changes.
std::optional<size_t> DistanceOf(const std::string& name, const std::string& asked) {
  constexpr size_t kMostCompared = 64;
  if (name.empty() || asked.empty() || std::max(name.size(), asked.size()) > kMostCompared) {
    return std::nullopt;
  }
  constexpr size_t kMostDistance = 2;
  const bool is_beginning =
      absl::StartsWithIgnoreCase(name, asked) || absl::StartsWithIgnoreCase(asked, name);
  const size_t length = std::min(name.size(), asked.size());
  if (!is_beginning && std::max(name.size(), asked.size()) > length + kMostDistance) {
    return std::nullopt;
  }
  const std::string a = absl::AsciiStrToLower(name);
  const std::string b = absl::AsciiStrToLower(asked);
  const size_t distance = EditDistance(a, b);
  if (distance <= (length > 3 ? kMostDistance : 1) && distance < length) return distance;
  constexpr size_t kShortestBeginning = 2;
  if (is_beginning && length >= kShortestBeginning) return distance;
  return std::nullopt;
}

// Patterns that may have been meant by one that matches nothing: without the path, and cut to the
// length that the kernel keeps.
std::vector<std::pair<std::string, uint64_t>> NearPatterns(const std::string& asked) {
  const std::string name = asked.substr(asked.rfind('/') + 1);
  std::vector<std::pair<std::string, uint64_t>> near;
  const auto add = [&](std::string pattern) {
    if (!pattern.empty() && pattern != asked) near.emplace_back(std::move(pattern), 0);
  };
  add(name);
  if (name.size() > kCommandLength) add(name.substr(0, kCommandLength));
  if (name.empty()) return near;
  if (!absl::EndsWith(name, "*")) add(absl::StrCat(name, "*"));
  add(absl::StrCat(absl::StartsWith(name, "*") ? "" : "*", name,
                   absl::EndsWith(name, "*") ? "" : "*"));
  return near;
}

}  // namespace

UnmatchedFinder::UnmatchedFinder(const std::vector<std::string>& users,
                                 const std::vector<std::string>& ignored_users,
                                 const std::vector<std::string>& commands)
    : chooses_users_(!users.empty()) {
  for (const std::string& user : users) users_.push_back({Unmatched::Kind::kUser, user});
  for (const std::string& user : ignored_users) {
    users_.push_back({Unmatched::Kind::kIgnoredUser, user});
  }
  for (const std::string& command : commands) {
    commands_.push_back({.asked = command, .near = NearPatterns(command)});
  }
}

bool UnmatchedFinder::IsLooking() const {
  return std::any_of(users_.begin(), users_.end(),
                     [](const User& user) { return !user.is_found; }) ||
         std::any_of(commands_.begin(), commands_.end(),
                     [](const Command& command) { return !command.is_found; });
}

void UnmatchedFinder::Add(acct::Uid uid, const std::optional<std::string>& name,
                          const std::optional<std::string>& command, uint64_t processes) {
  bool is_chosen = !chooses_users_;
  bool is_ignored = false;
  for (User& user : users_) {
    const bool is_user = IsUser(user.asked, uid, name);
    user.is_found |= is_user;
    is_chosen |= is_user && user.kind == Unmatched::Kind::kUser;
    is_ignored |= is_user && user.kind == Unmatched::Kind::kIgnoredUser;
    if (user.is_found || !name.has_value()) continue;
    const std::optional<size_t> distance = DistanceOf(*name, user.asked);
    if (!distance.has_value()) continue;
    const std::pair<size_t, std::string> near(*distance, *name);
    const auto place = std::lower_bound(user.near.begin(), user.near.end(), near);
    if (place != user.near.end() && *place == near) continue;
    user.near.insert(place, near);
    if (user.near.size() > kMostNear) user.near.pop_back();
  }
  if (commands_.empty()) return;
  if (!command.has_value()) {
    has_unnamed_commands_ |= is_chosen && !is_ignored;
  } else {
    AddCommand(*command, is_chosen, is_ignored, processes);
  }
}

void UnmatchedFinder::AddCommand(const std::string& text, bool is_chosen, bool is_ignored,
                                 uint64_t processes) {
  for (Command& command : commands_) {
    if (command.is_found) continue;
    if (MatchesPattern(command.asked, text)) {
      command.is_found = is_chosen;
      if (!is_chosen) command.processes_of_others += processes;
      continue;
    }
    // Excluded processes would not match another pattern either.
    if (!is_chosen || is_ignored) continue;
    for (auto& [pattern, count] : command.near) {
      if (MatchesPattern(pattern, text)) count += processes;
    }
    auto& [name, count] = command.other_case;
    if ((count == 0 || name == text) && !command.near.empty() &&
        MatchesPattern(command.near.back().first, text, /*ignores_case=*/true)) {
      name = text;
      count += processes;
    }
    if (command.asked.find_first_of("*?[,") != std::string::npos) continue;
    const std::optional<size_t> distance = DistanceOf(text, command.asked);
    if (!distance.has_value() || *distance > command.distance) continue;
    if (*distance < command.distance) command.misspelt = {text, 0};
    command.distance = *distance;
    if (command.misspelt.first == text) command.misspelt.second += processes;
  }
}

std::vector<Unmatched> UnmatchedFinder::Found() const {
  std::vector<Unmatched> found;
  for (const User& user : users_) {
    if (user.is_found) continue;
    Unmatched unmatched{.kind = user.kind, .asked = user.asked};
    for (const auto& [distance, name] : user.near) unmatched.near_users.push_back(name);
    found.push_back(std::move(unmatched));
  }
  for (const Command& command : commands_) {
    if (command.is_found) continue;
    Unmatched unmatched{.kind = Unmatched::Kind::kCommand,
                        .asked = command.asked,
                        .is_of_some_users = chooses_users_,
                        .processes_of_others = command.processes_of_others,
                        .has_unnamed_commands = has_unnamed_commands_};
    const auto near = std::find_if(command.near.begin(), command.near.end(),
                                   [](const auto& entry) { return entry.second > 0; });
    const auto& [pattern, processes] = near != command.near.end()      ? *near
                                       : command.other_case.second > 0 ? command.other_case
                                                                       : command.misspelt;
    unmatched.near_pattern = pattern;
    unmatched.near_processes = processes;
    found.push_back(std::move(unmatched));
  }
  return found;
}

}  // namespace cpuagg::aggregate
