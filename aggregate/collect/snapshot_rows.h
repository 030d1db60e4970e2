// Converts the totals of a run to the rows of its snapshot.

#ifndef CPUAGG_AGGREGATE_COLLECT_SNAPSHOT_ROWS_H_
#define CPUAGG_AGGREGATE_COLLECT_SNAPSHOT_ROWS_H_

#include <vector>

#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/collect/running_settlement.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {

// Sets the rows of `snapshot`, and the accounts in its header. `known` has each user once, with the
// current name. `settled` may have older names, which come first.
void FillSnapshotRows(const UserBucketTable& usage, const CommandBucketTable& commands,
                      SettledRows settled, const std::vector<UserIdentity>& known,
                      BucketFinder& buckets, Snapshot& snapshot);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_SNAPSHOT_ROWS_H_
