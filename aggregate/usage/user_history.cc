#include "aggregate/usage/user_history.h"

#include <cstddef>

namespace cpuagg::aggregate {

uint32_t UserHistory::Add(const UserIdentity& account) {
  const auto next = static_cast<uint32_t>(accounts_.size());
  if (account.name.has_value()) {
    const auto [found, is_new] = named_.try_emplace({account.uid, *account.name}, next);
    if (const auto open = unresolved_.find(account.uid); open != unresolved_.end()) {
      // Nobody had the id before, so the name is new as well.
      found->second = open->second;
      accounts_[open->second] = account;
      unresolved_.erase(open);
    } else if (is_new) {
      accounts_.push_back(account);
    }
    latest_[account.uid] = found->second;
    return found->second;
  }
  if (const auto latest = latest_.find(account.uid); latest != latest_.end()) return latest->second;
  if (account.is_unresolved) {
    const auto [open, is_new] = unresolved_.try_emplace(account.uid, next);
    if (is_new) accounts_.push_back(account);
    return open->second;
  }
  if (const auto open = unresolved_.find(account.uid); open != unresolved_.end()) {
    accounts_[open->second] = account;
    nameless_.try_emplace(account.uid, open->second);
    unresolved_.erase(open);
  }
  const auto [found, is_new] = nameless_.try_emplace(account.uid, next);
  if (is_new) accounts_.push_back(account);
  return found->second;
}

uint32_t UserHistory::Settled(uint32_t place) const {
  const UserIdentity& account = accounts_[place];
  if (account.name.has_value()) return place;
  const auto nameless = nameless_.find(account.uid);
  return nameless == nameless_.end() ? place : nameless->second;
}

JoinedAccounts JoinAccounts(absl::Span<const std::vector<UserIdentity>* const> lists) {
  // Before its first name here, an id keeps the account that it had before this part of the
  // history. If it had none, its unresolved usage belongs to the next known account: to nobody, if
  // there is such a time here before the first name; else to that name or, without one, to a later
  // account. Only the whole history tells which case applies.
  struct User {
    std::optional<size_t> last_nameless;  // before the first name; counted over all lists
    std::optional<uint32_t> nameless;     // places
    std::optional<uint32_t> unresolved;
    std::optional<uint32_t> latest;
    uint32_t last_added = 0;  // with a name
    bool has_name = false;
  };
  absl::flat_hash_map<acct::Uid, User> users;
  const auto for_each = [&](const auto& visit) {
    size_t number = 0;
    for (size_t l = 0; l < lists.size(); ++l) {
      for (const UserIdentity& account : *lists[l]) visit(l, number++, account, users[account.uid]);
    }
  };
  for_each([](size_t, size_t number, const UserIdentity& account, User& user) {
    user.has_name |= account.name.has_value();
    if (!user.has_name && !account.is_unresolved) user.last_nameless = number;
  });

  JoinedAccounts joined;
  joined.places.resize(lists.size());
  absl::flat_hash_map<std::pair<acct::Uid, std::string>, uint32_t> named;
  const auto add = [&](const UserIdentity& account) {
    joined.accounts.push_back(account);
    return static_cast<uint32_t>(joined.accounts.size() - 1);
  };
  for_each([&](size_t list, size_t number, const UserIdentity& account, User& user) {
    if (account.name.has_value()) {
      const auto [found, is_new] = named.try_emplace({account.uid, *account.name});
      if (is_new) found->second = user.last_added = add(account);
      user.latest = found->second;
      joined.places[list].push_back(found->second);
      return;
    }
    std::optional<uint32_t>& place = user.latest.has_value()        ? user.latest
                                     : user.last_nameless >= number ? user.nameless
                                                                    : user.unresolved;
    if (!place.has_value()) {
      place = add({.uid = account.uid, .is_unresolved = &place == &user.unresolved});
    }
    joined.places[list].push_back(*place);
  });
  for (size_t place = 0, end = joined.accounts.size(); place < end; ++place) {
    const User& user = users[joined.accounts[place].uid];
    if (user.latest == place && user.last_added != place) add(UserIdentity(joined.accounts[place]));
  }
  return joined;
}

}  // namespace cpuagg::aggregate
