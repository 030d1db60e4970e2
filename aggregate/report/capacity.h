// Capacity: the CPU time that the machine had in the period of a report, and how much of it was
// busy, whoever used it. Coverage: how much of the busy time the report accounts for.

#ifndef CPUAGG_AGGREGATE_REPORT_CAPACITY_H_
#define CPUAGG_AGGREGATE_REPORT_CAPACITY_H_

#include <cstdint>
#include <limits>

#include "absl/numeric/int128.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

// Sums over all processors. Only the `known_seconds` of the `period_seconds` are in the times.
struct Capacity {
  uint32_t processors = 0;  // the most that were online
  acct::Ticks busy;
  acct::Ticks idle;
  acct::Ticks stolen;           // by the hypervisor: neither busy nor idle
  uint64_t period_seconds = 0;  // up to the last run
  uint64_t known_seconds = 0;
  // An hour or a day of the rows has more CPU time than the machine had then.
  bool rows_exceed = false;

  acct::Ticks total() const { return busy + idle + stolen; }
  // The most CPU time that the processors can have had in the rest of the period.
  acct::Ticks most_unknown() const {
    const absl::uint128 ticks =
        absl::uint128(period_seconds - known_seconds) * acct::kTicksPerSecond * processors;
    constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
    return acct::Ticks(ticks > kMost ? kMost : absl::Uint128Low64(ticks));
  }
  bool is_complete() const { return known_seconds == period_seconds; }
};

struct Coverage {
  // The CPU time of all users, including those that the report leaves out. May be more than what
  // was busy, since a process counts where it ended.
  acct::ExactTime accounted;
  acct::ExactTime unaccounted;  // the rest of the busy time; zero if there is none
  double share = 0;             // of the busy time; may be above 1

  // Whether the share is above 1 by more than rounding.
  bool exceeds() const { return share >= 1.005; }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_CAPACITY_H_
