// Sums the records of an input, per user or by other dimensions.
//
//   UserTotals totals;
//   absl::StatusOr<acct::ByteAccount> account = Aggregate(*source, {.threads = 2}, totals);
//   totals.usage[acct::Uid(1001)].cpu_time()

#ifndef CPUAGG_AGGREGATE_TALLY_AGGREGATOR_H_
#define CPUAGG_AGGREGATE_TALLY_AGGREGATOR_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/byte_source.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "aggregate/tally/fast_usage_table.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// Usage by user, of the processes that ended in `period`.
struct UserTotals {
  Period period;
  FastUserTable usage;
  uint64_t bytes = 0;  // read for it
  TimeSpan span;
  // The first and the last end of a process, in seconds since 1970, inside or outside of the
  // period. Unknown if the period is all time.
  int64_t first_end = std::numeric_limits<int64_t>::max();
  int64_t last_end = std::numeric_limits<int64_t>::min();

  // An empty one with the same settings.
  UserTotals Fresh() const { return {.period = period}; }
  // Adds those of other inputs, with the same settings.
  void Merge(UserTotals other);
};

// Usage by any combination of dimensions that is not IsAmbiguous(), of the processes that ended in
// `period`. Units of time are those of `time_zone`.
struct GroupTotals {
  Period period;
  Grouping by;
  absl::TimeZone time_zone = absl::UTCTimeZone();
  // Only these processes.
  ProcessChoice processes = {};
  // Another period whose usage is also summed, by the same dimensions.
  std::optional<Period> compare_with = std::nullopt;
  FastGroupTable usage = {};
  // Of the processes in `period` that `processes` does not take.
  FastGroupTable other_usage = {};
  FastGroupTable previous_usage = {};  // in `compare_with`
  TimeSpan span;
  int64_t first_end = std::numeric_limits<int64_t>::max();  // as in UserTotals
  int64_t last_end = std::numeric_limits<int64_t>::min();

  // An empty one with the same settings.
  GroupTotals Fresh() const {
    return {.period = period,
            .by = by,
            .time_zone = time_zone,
            .processes = processes,
            .compare_with = compare_with};
  }
  void Merge(GroupTotals other);
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
