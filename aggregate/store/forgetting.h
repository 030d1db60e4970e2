// Deletes from a store what somebody does not want to be kept any more.
//
// The deletion is written down: a run of its own holds a gap that says what is missing. It is
// published before anything is deleted, so that no report is ever silently too small. A deletion
// that was interrupted is completed by repeating it.

#ifndef CPUAGG_AGGREGATE_STORE_FORGETTING_H_
#define CPUAGG_AGGREGATE_STORE_FORGETTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

// How the reason of the gap of a deletion begins, if it is of some users only, and ends.
inline constexpr absl::string_view kWhatSomeUsed = "what ";
inline constexpr absl::string_view kByForget = " by `cpuagg forget`";

// Whether somebody wanted what is missing to be deleted, and whether it is that of some users only.
bool IsDeletion(const Gap& gap);
bool IsDeletionOfSome(const Gap& gap);

// The usage to delete. Both choices apply.
struct Forgetting {
  // Names, or ids in digits if they are nobody's name; empty: everybody.
  std::vector<std::string> users = {};
  // Of processes that ended before this time; nullopt: of any time.
  std::optional<absl::Time> before = std::nullopt;
  // The reason of the gap.
  std::string reason = {};
  // Only finds out what would be deleted.
  bool is_dry_run = false;
  absl::Duration lock_timeout = absl::Seconds(5);
};

struct Forgotten {
  Usage usage;
  std::optional<Period> period;     // from the first bucket of it to the last; nullopt if none
  std::vector<UserIdentity> users;  // those of Forgetting::users that were found, each once
  uint64_t snapshots = 0;           // that had some of it
  // The end of a bucket that began before Forgetting::before but did not end before it: that day or
  // hour stays.
  std::optional<absl::Time> kept_until = std::nullopt;
  // How many accounting records of it the cursors of all snapshots have, each counted once. They
  // stay: without them the accounting file would not be recognised, and its records counted again.
  uint64_t records_in_cursors = 0;
  // Files that cannot be read, and may have some of it.
  std::vector<std::string> unreadable = {};
};

// Deletes the usage of `what` from `store`. A process that still runs is counted anew. Unavailable
// if another run holds the lock; else the errors of reading and writing snapshots.
absl::StatusOr<Forgotten> Forget(const SnapshotStore& store, const Forgetting& what);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_FORGETTING_H_
