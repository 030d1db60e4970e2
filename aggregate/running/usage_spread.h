// UsageSpread: divides what a process has used since the last run over the hours of that time.
//
// A run learns how much CPU time a process has used, and not when. So each second since the last
// run, or since the process began, gets the same share. The last run saw what was used before. So
// nothing that was counted or reported by then changes.
//
//   UsageSpread spread(policy, {.since = last_run, .now = now});
//   for (const auto& part : spread.EarlierParts(begin, end, user_ticks, system_ticks)) ...
//
// For example, the runs are at 10:30 and 12:30, and a process ran from 9:00 on. Of 120 ticks, 30
// are of 10:00 – 11:00, 60 of 11:00 – 12:00, and the last 30 stay in the hour of 12:30.

#ifndef CPUAGG_AGGREGATE_RUNNING_USAGE_SPREAD_H_
#define CPUAGG_AGGREGATE_RUNNING_USAGE_SPREAD_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "aggregate/buckets/bucket_policy.h"

namespace cpuagg::aggregate {

// From the last run to this one, in seconds since 1970. By default nothing is known about a last
// run, and nothing is divided.
struct SpreadWindow {
  int64_t since = std::numeric_limits<int64_t>::max();
  int64_t now = std::numeric_limits<int64_t>::min();
};

class UsageSpread {
 public:
  struct Part {
    int64_t bucket = 0;
    uint64_t user_ticks = 0;
    uint64_t system_ticks = 0;

    friend bool operator==(const Part&, const Part&) = default;
  };

  UsageSpread(const BucketPolicy& policy, const SpreadWindow& window)
      : buckets_(policy), window_(window) {}

  // Whether anything is divided at all.
  bool divides() const { return window_.since < window_.now; }
  int64_t BucketOf(int64_t time) { return buckets_.OfUser(time); }
  int64_t now() const { return window_.now; }

  // Whether a process that began at `begin` may have used something before `bucket`, that of its
  // end. Cheap, because it is asked for every record.
  bool MayDivide(int64_t begin, int64_t bucket) const {
    return std::max(begin, window_.since) < bucket;
  }

  // What was used in earlier buckets than that of `end`, of ticks that were used between `begin`
  // and `end`; in order of time. The rest belongs to the bucket of `end`. All of it does if the
  // clock was set so that no time is left to divide by, or if the last run is very long ago.
  std::vector<Part> EarlierParts(int64_t begin, int64_t end, uint64_t user_ticks,
                                 uint64_t system_ticks);

 private:
  BucketFinder buckets_;
  SpreadWindow window_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_USAGE_SPREAD_H_
