// UserHistory: the accounts that existed over time, when user ids are reused and users renamed.

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

// A user id with its name at a time; nullopt if it had none.
struct UserIdentity {
  acct::Uid uid;
  std::optional<std::string> name;
  // It was unknown whether it had a name, and which: the directory was unreachable or not asked.
  // Only if `name` is nullopt.
  bool is_unresolved = false;

  friend bool operator==(const UserIdentity&, const UserIdentity&) = default;
};

// Accounts of several times, each once. Add them oldest first, because usage without a name belongs
// to an account that is known at another time:
//
// - Usage of an id without a name belongs to the last name that the id had, since accounts are
//   deleted before their last process has ended. If the id never had a name, the usage belongs to
//   nobody.
// - Usage of an unresolved id also belongs to the last name. If there is none, the account may have
//   been created in between: the usage belongs to the next account known for that id.
class UserHistory {
 public:
  // Adds `account` and returns its place, for Settled() after all accounts have been added.
  uint32_t Add(const UserIdentity& account);

  // The index in accounts() of the account added at `place`. An account that is still unresolved at
  // the end belongs to nobody for now, if the id is known to have had no account before.
  uint32_t Settled(uint32_t place) const;
  const std::vector<UserIdentity>& accounts() const { return accounts_; }

 private:
  std::vector<UserIdentity> accounts_;
  absl::flat_hash_map<std::pair<acct::Uid, std::string>, uint32_t> named_;
  absl::flat_hash_map<acct::Uid, uint32_t> latest_;      // with a name
  absl::flat_hash_map<acct::Uid, uint32_t> nameless_;    // known to have no name
  absl::flat_hash_map<acct::Uid, uint32_t> unresolved_;  // nothing has become known since
};

// The accounts of consecutive times in the middle of a history, as one list.
struct JoinedAccounts {
  // Has the same effect on a UserHistory as all the lists one after another, whatever comes before
  // and after. A renamed user's last name may appear twice, so that it is also the last one.
  std::vector<UserIdentity> accounts;
  // For each list, the indices of its accounts in `accounts`.
  std::vector<std::vector<uint32_t>> places;
};
JoinedAccounts JoinAccounts(absl::Span<const std::vector<UserIdentity>* const> lists);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_USER_HISTORY_H_
