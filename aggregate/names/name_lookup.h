// Finds the names of the users of a collect run: from the memory, from the directory, or unknown
// for now.

#ifndef CPUAGG_AGGREGATE_NAMES_NAME_LOOKUP_H_
#define CPUAGG_AGGREGATE_NAMES_NAME_LOOKUP_H_

#include <set>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/record/units.h"
#include "aggregate/names/name_memory.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

// The ids that are unresolved after all these lists of accounts, which are oldest first.
std::set<acct::Uid> UnresolvedUsers(absl::Span<const std::vector<UserIdentity>* const> lists);

struct NameLookup {
  // One for each of the users, in ascending order; then those of the pending users that are
  // resolved now.
  std::vector<UserIdentity> accounts;
  // Whether `accounts` has any pending users. That is news for a store even without new usage.
  bool has_learned = false;
  // The ids for which the directory had no answer. A remembered answer counts as one.
  UnknownNames unknown;
  // Whether `memory` has changed.
  bool memory_has_changed = false;
};

// Looks up `users`, whose usage a run adds, and `pending`, the users that are still unresolved.
//
// A remembered name is used as long as it is kept. An id remembered as having no account is not
// asked for either, but its usage is unresolved, since the account may have been created since.
// Pending users are asked for first, so that a slow directory does not always leave out the same
// ones. Old entries of `memory` are dropped whenever a new one is added.
NameLookup LookUpNames(const std::set<acct::Uid>& users, const std::set<acct::Uid>& pending,
                       UserDirectory& directory, absl::Time now, NameMemory& memory);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_NAME_LOOKUP_H_
