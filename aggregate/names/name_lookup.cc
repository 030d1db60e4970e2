#include "aggregate/names/name_lookup.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace cpuagg::aggregate {

std::set<acct::Uid> UnresolvedUsers(absl::Span<const std::vector<UserIdentity>* const> lists) {
  // Nearly always there are none, and never many. So only these are tracked from now on.
  std::set<acct::Uid> users;
  for (const std::vector<UserIdentity>* list : lists) {
    for (const UserIdentity& account : *list) {
      if (account.is_unresolved) users.insert(account.uid);
    }
  }
  if (users.empty()) return users;
  std::set<acct::Uid> named;
  std::set<acct::Uid> pending;
  for (const std::vector<UserIdentity>* list : lists) {
    for (const UserIdentity& account : *list) {
      if (!users.contains(account.uid)) continue;
      if (account.name.has_value()) named.insert(account.uid);
      if (account.is_unresolved && !named.contains(account.uid)) {
        pending.insert(account.uid);
      } else {
        pending.erase(account.uid);
      }
    }
  }
  return pending;
}

NameLookup LookUpNames(const std::set<acct::Uid>& users, const std::set<acct::Uid>& pending,
                       UserDirectory& directory, absl::Time now, NameMemory& memory) {
  ForgetNames(now, memory);
  std::vector<acct::Uid> asked;
  NameLookup lookup;
  const auto ask_for = [&](acct::Uid uid) {
    if (!memory.contains(uid)) {
      asked.push_back(uid);
    } else {
      lookup.unknown.Count(std::nullopt);
    }
  };
  for (const acct::Uid uid : pending) ask_for(uid);
  for (const acct::Uid uid : users) {
    if (!pending.contains(uid)) ask_for(uid);
  }
  const std::vector<NameAnswer> answers = directory.NamesOf(asked);
  absl::flat_hash_map<acct::Uid, std::optional<std::string>> answered;
  // Rounded down to whole seconds, so that the entry is never from the future.
  const absl::Time asked_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  for (size_t i = 0; i < asked.size(); ++i) {
    lookup.unknown.Count(answers[i]);
    if (!answers[i].ok()) continue;
    answered[asked[i]] = *answers[i];
    memory[asked[i]] = {.name = *answers[i], .asked_at = asked_at};
  }
  lookup.memory_has_changed = !answered.empty();

  const auto account_of = [&](acct::Uid uid) {
    if (const auto now_known = answered.find(uid); now_known != answered.end()) {
      return UserIdentity{.uid = uid, .name = now_known->second};
    }
    const auto remembered = memory.find(uid);
    if (remembered == memory.end() || !remembered->second.name.has_value()) {
      return UserIdentity{.uid = uid, .is_unresolved = true};
    }
    return UserIdentity{.uid = uid, .name = remembered->second.name};
  };
  lookup.accounts.reserve(users.size());
  for (const acct::Uid uid : users) lookup.accounts.push_back(account_of(uid));
  for (const acct::Uid uid : pending) {
    if (users.contains(uid)) continue;
    UserIdentity account = account_of(uid);
    if (account.is_unresolved) continue;
    lookup.accounts.push_back(std::move(account));
    lookup.has_learned = true;
  }
  return lookup;
}

}  // namespace cpuagg::aggregate
