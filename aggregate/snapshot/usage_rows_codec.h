// The rows of a snapshot, and the buckets of time that they are of, as they are on disk.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_USAGE_ROWS_CODEC_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_USAGE_ROWS_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregate/buckets/blocks.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.pb.h"

namespace cpuagg::aggregate {

// Whether `seconds` can be reckoned with.
bool IsTime(int64_t seconds);

// For how long a bucket that begins at `begin` lasts at most, in seconds, which a file of an
// earlier development version does not say. One that is thought to be too long makes a report less
// fine, and not wrong.
int64_t LongestOfUser(const BucketPolicy& policy, int64_t begin);
int64_t LongestOfCommand(const BucketPolicy& policy, int64_t begin);

// `rows` are as Joined() leaves them.
void EncodeRows(const std::vector<UserRow>& rows, storage::Body& body);
void EncodeRows(const std::vector<CommandRow>& rows, storage::Body& body);
void EncodeBuckets(const std::vector<UserRow>& rows, storage::Buckets& proto);
void EncodeBuckets(const std::vector<CommandRow>& rows, storage::Buckets& proto);

// The reverse. False if what is there does not fit together, or not to so many accounts.
bool DecodeRows(storage::Body& body, size_t accounts, const BucketPolicy& policy,
                std::vector<UserRow>& rows);
bool DecodeRows(storage::Body& body, size_t accounts, const BucketPolicy& policy,
                std::vector<CommandRow>& rows);
bool DecodeBuckets(const storage::Buckets& proto, std::vector<Bucket>& buckets);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_USAGE_ROWS_CODEC_H_
