// Encodes and decodes the rows of a snapshot, and their buckets of time.

#ifndef CPUAGG_AGGREGATE_SNAPSHOT_USAGE_ROWS_CODEC_H_
#define CPUAGG_AGGREGATE_SNAPSHOT_USAGE_ROWS_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregate/buckets/blocks.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.pb.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

// Whether `seconds` is a time that arithmetic can handle.
bool IsTime(int64_t seconds);

// The longest possible duration, in seconds, of a bucket that begins at `begin`. Needed because
// files of an earlier development version do not store it. A duration that is too long makes a
// report coarser, but not wrong.
int64_t LongestOfUser(const BucketPolicy& policy, int64_t begin);
int64_t LongestOfCommand(const BucketPolicy& policy, int64_t begin);

// `rows` must be in the order of Joined().
void EncodeRows(const std::vector<UserRow>& rows, storage::Body& body);
void EncodeRows(const std::vector<CommandRow>& rows, storage::Body& body);
void EncodeBuckets(const std::vector<UserRow>& rows, storage::Buckets& proto);
void EncodeBuckets(const std::vector<CommandRow>& rows, storage::Buckets& proto);

// The reverse. False if the data is inconsistent, or if it refers to more than `accounts` accounts.
bool DecodeRows(storage::Body& body, size_t accounts, const BucketPolicy& policy,
                std::vector<UserRow>& rows);
bool DecodeRows(storage::Body& body, size_t accounts, const BucketPolicy& policy,
                std::vector<CommandRow>& rows);
bool DecodeBuckets(const storage::Buckets& proto, std::vector<Bucket>& buckets);

// The usage of several accounts without a bucket, in their order.
void EncodeUsage(const std::vector<Usage>& usage, storage::Columns& columns);
// False if the columns are not of `count` accounts.
bool DecodeUsage(storage::Columns& columns, int count, std::vector<Usage>& usage);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SNAPSHOT_USAGE_ROWS_CODEC_H_
