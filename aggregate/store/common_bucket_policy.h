// Finds the finest bucket policy that fits all snapshots of a store.
//
// Snapshots become coarser at different times. A run may subtract from a bucket of an earlier run
// (aggregate/collect/running_settlement.h). One of the two may then have the hour and the other
// only the day. Under the common policy both are in one bucket.

#ifndef CPUAGG_AGGREGATE_STORE_COMMON_BUCKET_POLICY_H_
#define CPUAGG_AGGREGATE_STORE_COMMON_BUCKET_POLICY_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

// A policy as coarse as `own`, and as coarse as each of `snapshots` up to its last bucket. Ignores
// snapshots from more than a day after `now`, when the clock was wrong: their limits would apply
// until that time comes. Days and months are those of `own.zone`.
BucketPolicy CommonBucketPolicy(const BucketPolicy& own, absl::Time now,
                                absl::Span<const StoredSnapshot> snapshots);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_COMMON_BUCKET_POLICY_H_
