// Makes the corrections of running time (aggregate/running/running.h) where it was counted, so that
//
//   no account has less than nothing in any bucket of time, nor for any of its commands, and what
//   an account used in a bucket is what its commands used,
//
// over all snapshots together: then every grouping and every period of a report adds up. Snapshots
// are not changed; a run adds rows to its own that take away from the buckets of earlier ones. What
// is taken away is looked for in the latest buckets first: there, where running time is counted for
// the user and the command, or for the commands that are not kept one by one; else in whatever else
// there is of them. What is not found, because a snapshot is damaged or missing, is neither taken
// away nor moved.
//
// Buckets are those of the whole store (aggregate/store/common_bucket_policy.h): they stay
// comparable when snapshots are merged and become coarser one after the other. What is taken away
// overlaps with what it is taken from, so that both are in one block of a report
// (aggregate/buckets/blocks.h).

#ifndef CPUAGG_AGGREGATE_COLLECT_RUNNING_SETTLEMENT_H_
#define CPUAGG_AGGREGATE_COLLECT_RUNNING_SETTLEMENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/running/running.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

// Changes of running time for the snapshot of a run, of which only these have an account's old
// name.
struct SettledRows {
  // Those that the rows are about. For each user id the one that it has now comes last, so that it
  // is still the latest one when the snapshot is read.
  std::vector<UserIdentity> accounts;
  std::vector<UserRow> users;
  std::vector<CommandRow> commands;
};

// Adds what running processes have used to the tables of a run, whose records they have already.
void AddGrowth(const CommandBucketTable& growth, BucketFinder& buckets, UserBucketTable& usage,
               CommandBucketTable& commands);

// Makes `corrections`. What was too much is taken from the tables of the run where the bucket has
// as much, and changes nothing earlier then; the rest from `snapshots`, which are of `store`, and
// from the tables, by rows that are returned. The store is read only if there is something left,
// and then from the bucket on in which the oldest of the processes began; or all of it, if that is
// not enough. `header` is that of the run, with the resolution of the tables; `known` has the
// accounts of all users that the corrections are about, as they are called now. Fails if a snapshot
// cannot be read for another reason than damage.
absl::StatusOr<SettledRows> SettleCorrections(const SnapshotStore& store,
                                              absl::Span<const StoredSnapshot> snapshots,
                                              const SnapshotHeader& header,
                                              std::vector<Correction> corrections,
                                              const std::vector<UserIdentity>& known,
                                              UserBucketTable& usage, CommandBucketTable& commands);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_RUNNING_SETTLEMENT_H_
