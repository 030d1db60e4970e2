// The resolution in which all snapshots of a store can be told together.
//
// Each is kept more coarsely when its time comes, one after the other. What a run takes away from a
// bucket of an earlier one (aggregate/collect/running_settlement.h) may so be told of an hour when
// the other has only the day. In the common resolution both are in one bucket.

#ifndef CPUAGG_AGGREGATE_STORE_COMMON_BUCKET_POLICY_H_
#define CPUAGG_AGGREGATE_STORE_COMMON_BUCKET_POLICY_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

// As coarse as `own` and as any of `snapshots` is up to its last bucket. One that is from more than
// a day after `now`, by a clock that was wrong then, is left out: its limits would hold until that
// time has come. Days and months are those of `own.zone`.
BucketPolicy CommonBucketPolicy(const BucketPolicy& own, absl::Time now,
                                absl::Span<const StoredSnapshot> snapshots);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_COMMON_BUCKET_POLICY_H_
