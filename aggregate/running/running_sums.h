// What is counted for running processes, as tests of it compare it.

#ifndef CPUAGG_AGGREGATE_RUNNING_RUNNING_SUMS_H_
#define CPUAGG_AGGREGATE_RUNNING_RUNNING_SUMS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "acct/record/units.h"
#include "aggregate/running/running.h"
#include "aggregate/tally/usage_table.h"

namespace cpuagg::aggregate {

inline constexpr int64_t kBoot = 1'700'000'000;
inline constexpr int64_t kTicks = static_cast<int64_t>(acct::kTicksPerSecond);

// The beginning of its hour.
inline int64_t HourOf(int64_t time) { return time - time % 3600; }

// The running CPU of each user and command, in ticks.
using Sums = std::map<std::pair<uint32_t, std::string>, int64_t>;

// Those of which something is counted.
Sums RunningOf(const CommandBucketTable& changes);

// Applies the corrections, in no particular bucket.
void AddTo(CommandBucketTable& sums, const RunningChanges& changes);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_RUNNING_SUMS_H_
