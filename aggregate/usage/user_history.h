// UserHistory: which accounts there were, when user ids are used again and users renamed.

#ifndef CPUAGG_AGGREGATE_USAGE_USER_HISTORY_H_
#define CPUAGG_AGGREGATE_USAGE_USER_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

// A user id with the name that it had; nullopt if it had none.
struct UserIdentity {
  acct::Uid uid;
  std::optional<std::string> name;
  // Whether it had one, and which, was not known: the directory was out of reach, or not asked.
  // Without a name only.
  bool is_unresolved = false;

  friend bool operator==(const UserIdentity&, const UserIdentity&) = default;
};

// Accounts of several times, each of them once. They are added oldest first, since what is known
// without a name belongs to somebody who is known at another time:
//
// - what an id without a name used is the last name's that it had, since accounts are deleted
// before
//   their last process has ended; of an id that never had a name it is nobody's;
// - what an unresolved id used is the last name's as well, and else, since the account may have
// been
//   made in between, whosever the id is when that is known next.
class UserHistory {
 public:
  // The place of `account`, to be looked up by Settled() when all have been added.
  uint32_t Add(const UserIdentity& account);

  // The place in accounts() of what was added at `place`. What is still unresolved in the end is,
  // for now, nobody's if the id is known to have been nobody's before.
  uint32_t Settled(uint32_t place) const;
  const std::vector<UserIdentity>& accounts() const { return accounts_; }

 private:
  std::vector<UserIdentity> accounts_;
  absl::flat_hash_map<std::pair<acct::Uid, std::string>, uint32_t> named_;
  absl::flat_hash_map<acct::Uid, uint32_t> latest_;      // with a name
  absl::flat_hash_map<acct::Uid, uint32_t> nameless_;    // known to have none
  absl::flat_hash_map<acct::Uid, uint32_t> unresolved_;  // that nothing was known of since
};

// The accounts of consecutive times in the middle of a history, as one list.
struct JoinedAccounts {
  // Have the same effect on a UserHistory as all of them one after the other, whatever came before
  // and comes after. A renamed user's last name may come twice, to be the last one.
  std::vector<UserIdentity> accounts;
  // For each list, the places of its accounts in `accounts`.
  std::vector<std::vector<uint32_t>> places;
};
JoinedAccounts JoinAccounts(absl::Span<const std::vector<UserIdentity>* const> lists);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_USER_HISTORY_H_
