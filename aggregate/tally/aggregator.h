// Sums the records of an input, per user or by other dimensions.
//
//   UserTotals totals;
//   absl::StatusOr<acct::ByteAccount> account = Aggregate(*source, {.threads = 2}, totals);
//   totals.usage[acct::Uid(1001)].cpu_time()

#ifndef CPUAGG_AGGREGATE_TALLY_AGGREGATOR_H_
#define CPUAGG_AGGREGATE_TALLY_AGGREGATOR_H_

#include <cstdint>
#include <limits>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/byte_source.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "aggregate/tally/fast_usage_table.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// Usage by user, of the processes that ended in `period`.
struct UserTotals {
  Period period;
  FastUserTable usage;
  TimeSpan span;
  // The first and the last end of a process, in seconds since 1970, inside or outside of the
  // period. Unknown if the period is all time.
  int64_t first_end = std::numeric_limits<int64_t>::max();
  int64_t last_end = std::numeric_limits<int64_t>::min();

  // An empty one with the same settings.
  UserTotals Fresh() const { return {.period = period}; }
};

// Usage by any combination of dimensions that is not IsAmbiguous(), of the processes that ended in
// `period`. Units of time are those of `time_zone`.
struct GroupTotals {
  Period period;
  Grouping by;
  absl::TimeZone time_zone = absl::UTCTimeZone();
  FastGroupTable usage;
  TimeSpan span;
  int64_t first_end = std::numeric_limits<int64_t>::max();  // as in UserTotals
  int64_t last_end = std::numeric_limits<int64_t>::min();

  // An empty one with the same settings.
  GroupTotals Fresh() const { return {.period = period, .by = by, .time_zone = time_zone}; }
};

// Adds the records of `source` to `totals`. The account covers all bytes, including those of
// records outside of the period. After an error, which is that of ByteSource::Next, the content of
// `totals` is meaningless.
absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, UserTotals& totals);
absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, GroupTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_AGGREGATOR_H_
