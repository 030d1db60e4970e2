// AccountBook: which accounts there were, when user ids are used again and users renamed.

#ifndef CPUAGG_AGGREGATE_ACCOUNT_BOOK_H_
#define CPUAGG_AGGREGATE_ACCOUNT_BOOK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "acct/units.h"

namespace cpuagg::aggregate {

// A user id with the name that it had; nullopt if it had none.
struct Account {
  acct::Uid uid;
  std::optional<std::string> name;

  friend bool operator==(const Account&, const Account&) = default;
};

// Accounts of several times, each of them once.
class AccountBook {
 public:
  // The place of `account` in accounts(). They are added oldest first: what an id without a name
  // used belongs to the last name that it had, since accounts are deleted before their last process
  // has ended, and directories are out of reach at times.
  uint32_t Add(const Account& account);

  const std::vector<Account>& accounts() const { return accounts_; }

 private:
  std::vector<Account> accounts_;
  absl::flat_hash_map<std::pair<acct::Uid, std::string>, uint32_t> named_;
  absl::flat_hash_map<acct::Uid, uint32_t> latest_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_ACCOUNT_BOOK_H_
