// What the users of a collect run are called: asked of the directory, remembered, or not known yet.

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

// The ids that are still unresolved when all these accounts have come, oldest first.
std::set<acct::Uid> UnresolvedUsers(absl::Span<const std::vector<UserIdentity>* const> lists);

struct NameLookup {
  // For each of the users one, in ascending order; then those that are pending and were found out
  // about now.
  std::vector<UserIdentity> accounts;
  // Whether there are any of the latter, which is news for a store even without any usage.
  bool has_learned = false;
  // What the directory did not say. An answer that is remembered counts as one.
  UnknownNames unknown;
  // Whether `memory` has become another one.
  bool memory_has_changed = false;
};

// Finds out about `users`, whose usage a run adds, and of those whom nothing was known of,
// `pending`.
//
// A name that is remembered counts as long as it is. An id of which is remembered that it is
// nobody's is not asked for either, but what it used is unresolved, since the account may have been
// made since. The pending ones are asked for first, so that no slow directory leaves out the same
// ones each time. What is too old in `memory` is dropped when something new is put into it.
NameLookup LookUpNames(const std::set<acct::Uid>& users, const std::set<acct::Uid>& pending,
                       UserDirectory& directory, absl::Time now, NameMemory& memory);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_NAME_LOOKUP_H_
