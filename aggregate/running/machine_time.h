// MachineTime: the CPU time that the machine had in a stretch of time, and how much of it was busy.
//
// The kernel counts since boot (acct/kernel/cpu_times.h). Each collect run keeps the counters, and
// how far they have gone since the run before. What is between two runs is divided over the hours
// by their length, unless the runs are far apart.

#ifndef CPUAGG_AGGREGATE_RUNNING_MACHINE_TIME_H_
#define CPUAGG_AGGREGATE_RUNNING_MACHINE_TIME_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/kernel/cpu_times.h"
#include "aggregate/buckets/bucket_policy.h"

namespace cpuagg::aggregate {

// The sums of [begin, end), in seconds since 1970: an hour or a day, of which `known` seconds are
// in the sums, or all the time between two runs that are far apart. Ticks as in acct::CpuTimes.
struct MachineTime {
  int64_t begin = 0;
  int64_t end = 0;
  uint64_t known = 0;
  uint32_t processors = 0;  // the most that were online at a run
  uint64_t busy = 0;
  uint64_t idle = 0;
  uint64_t stolen = 0;

  auto key() const { return std::tuple(begin, end); }
  MachineTime& operator+=(const MachineTime& other);
  friend bool operator==(const MachineTime&, const MachineTime&) = default;
};

// The counters that a run has seen; none if `times.boot_id` is empty.
struct MachineCounters {
  acct::CpuTimes times;
  int64_t seen_at = 0;  // in seconds since 1970

  friend bool operator==(const MachineCounters&, const MachineCounters&) = default;
};

struct MachineTimeFound {
  std::vector<MachineTime> times;  // as Joined() returns them
  // Why nothing is known of the time since the last run; empty if it is, or if this is the first.
  std::string problem;
};

// What the machine had between two runs, `now` being that of the later one. After a boot, only what
// was since. Without `before`, nothing is known. A step that so many processors cannot make is not
// believed.
MachineTimeFound MachineTimeBetween(const MachineCounters& before, const MachineCounters& now,
                                    BucketFinder& buckets);

// The same, from `counters` to `times` at `now`, and moves `counters` there. An error is a problem,
// and leaves them, so that the next run counts from there.
MachineTimeFound CountOn(const absl::StatusOr<acct::CpuTimes>& times, int64_t now,
                         BucketFinder& buckets, MachineCounters& counters);

// In ascending order of their beginnings. Those of the same stretch are added up.
std::vector<MachineTime> Joined(std::vector<MachineTime> times);

// The same by the hours and days of `buckets`, as far as they lie inside of them.
std::vector<MachineTime> Coarsened(std::vector<MachineTime> times, BucketFinder& buckets);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_MACHINE_TIME_H_
