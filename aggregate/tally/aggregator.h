// Sums the records of an input up, per user or by other dimensions.
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

// Usage by user, of the processes that ended within `period`.
struct UserTotals {
  Period period;
  FastUserTable usage;
  TimeSpan span;
  // When the first and the last of all processes ended, in seconds since 1970, within the period or
  // not. Of a period that is all of time it is not known.
  int64_t first_end = std::numeric_limits<int64_t>::max();
  int64_t last_end = std::numeric_limits<int64_t>::min();

  // Empty ones with the same settings.
  UserTotals Fresh() const { return {.period = period}; }
};

// Usage by any combination of dimensions, of the processes that ended within `period`. Hours and
// days are those of `time_zone`.
struct GroupTotals {
  Period period;
  Grouping by;
  absl::TimeZone time_zone = absl::UTCTimeZone();
  FastGroupTable usage;
  TimeSpan span;
  int64_t first_end = std::numeric_limits<int64_t>::max();  // as of UserTotals
  int64_t last_end = std::numeric_limits<int64_t>::min();

  // Empty ones with the same settings.
  GroupTotals Fresh() const { return {.period = period, .by = by, .time_zone = time_zone}; }
};

// Adds the records of `source` to `totals`. The account covers all bytes, also of records outside
// the period. After an error, which is that of ByteSource::Next, `totals` is of no use.
absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, UserTotals& totals);
absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, GroupTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_AGGREGATOR_H_
