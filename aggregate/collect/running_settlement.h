// Applies the corrections of running time (aggregate/running/running.h) to the buckets where it was
// counted, so that over all snapshots together
//
// - no account has a negative sum in any bucket of time, nor for any of its commands, and
// - the usage of an account in a bucket is the sum of the usage of its commands.
//
// Then every grouping and every period of a report adds up. Snapshots are not changed: a run adds
// rows to its own snapshot that subtract from the buckets of earlier ones. Time is subtracted from
// the latest buckets first: where running time is counted for the user and the command, or for the
// commands that are not kept separately; else from any other buckets of theirs. Time that is not
// found, because a snapshot is damaged or missing, is neither subtracted nor moved.
//
// Buckets follow the policy of the whole store (aggregate/store/common_bucket_policy.h), so that
// they stay comparable when snapshots are merged and become coarser one by one. A subtraction
// overlaps the bucket that it subtracts from, so that both are in one block of a report
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

// Changes of running time for the snapshot of a run. Unlike its other rows, these may refer to an
// account's old name.
struct SettledRows {
  // The accounts of the rows. For each user id the current one comes last, so that it is still the
  // latest one when the snapshot is read.
  std::vector<UserIdentity> accounts;
  std::vector<UserRow> users;
  std::vector<CommandRow> commands;
};

// Adds the growth of running processes to the tables of a run, which already hold its records.
void AddGrowth(const CommandBucketTable& growth, BucketFinder& buckets, UserBucketTable& usage,
               CommandBucketTable& commands);

// Applies `corrections`. Time that was counted too much is first subtracted from the tables of the
// run, where the bucket has enough; that changes nothing earlier. The returned rows subtract the
// rest from `snapshots`, which belong to `store`, and from the tables. The store is read only if
// something is left: from the bucket in which the oldest of the processes began, or all of it if
// that is not enough. `header` is the header of the run, with the bucket policy of the tables.
// `known` has the current accounts of all users in the corrections. Fails if a snapshot cannot be
// read for a reason other than damage.
absl::StatusOr<SettledRows> SettleCorrections(const SnapshotStore& store,
                                              absl::Span<const StoredSnapshot> snapshots,
                                              const SnapshotHeader& header,
                                              std::vector<Correction> corrections,
                                              const std::vector<UserIdentity>& known,
                                              UserBucketTable& usage, CommandBucketTable& commands);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_RUNNING_SETTLEMENT_H_
