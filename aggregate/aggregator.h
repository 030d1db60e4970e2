// Sums the records of an input up per user.
//
//   absl::StatusOr<Aggregation> all = AggregateByUser(*source, Period());
//   all->users[acct::Uid(1001)].cpu_time()

#ifndef CPUAGG_AGGREGATE_AGGREGATOR_H_
#define CPUAGG_AGGREGATE_AGGREGATOR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "acct/byte_source.h"
#include "acct/input_account.h"
#include "aggregate/period.h"
#include "aggregate/usage_table.h"

namespace cpuagg::aggregate {

struct Aggregation {
  UserTable users;
  acct::InputAccount account;
  TimeSpan span;  // of the records that count
};

// The records of `source` that ended within `period`, per user. `account` covers all bytes, also of
// records outside the period. Fails as ByteSource::Next does.
absl::StatusOr<Aggregation> AggregateByUser(acct::ByteSource& source, const Period& period);

// Usage by user and by the bucket of time in which each process ended. Buckets are `width` seconds
// wide and begin `phase` seconds past the multiples of it since 1970.
struct BucketTotals {
  int64_t width = 3600;
  int64_t phase = 0;
  UserBucketTable usage;
  TimeSpan span;
};

// Adds all records of `source` to `totals`. `base` is the offset of the source within its file.
// After an error `totals` holds part of the records.
absl::StatusOr<acct::InputAccount> AggregateIntoBuckets(acct::ByteSource& source, uint64_t base,
                                                        BucketTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_AGGREGATOR_H_
