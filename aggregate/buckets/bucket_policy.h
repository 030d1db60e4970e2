// BucketPolicy: the intervals by which the store keeps usage. It keeps old usage in coarser ones,
// so that a store of years stays small.

#ifndef CPUAGG_AGGREGATE_BUCKETS_BUCKET_POLICY_H_
#define CPUAGG_AGGREGATE_BUCKETS_BUCKET_POLICY_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::aggregate {

// All by the calendar of `zone`. The limits are midnights or first days of a month in that zone, in
// seconds since 1970. Without limits everything is kept by the hour.
struct BucketPolicy {
  absl::TimeZone zone = absl::UTCTimeZone();
  // Users: by the day before this time.
  int64_t days_before = std::numeric_limits<int64_t>::min();
  // Users and commands: by the day before the first, by the month before the second.
  int64_t command_days_before = std::numeric_limits<int64_t>::min();
  int64_t command_months_before = std::numeric_limits<int64_t>::min();
};

// The policy at `now` if users are kept by the hour for `days_of_hours` whole days.
BucketPolicy BucketPolicyAt(absl::Time now, absl::TimeZone zone, int days_of_hours);

// Makes `policy` at least as coarse as `other`.
void Coarsen(BucketPolicy& policy, const BucketPolicy& other);

// Finds the bucket of a time. The bucket of a bucket's own beginning is the same or a coarser one.
class BucketFinder {
 public:
  explicit BucketFinder(const BucketPolicy& policy)
      : policy_(policy),
        hours_(CalendarUnit::kHour, policy.zone),
        days_(CalendarUnit::kDay, policy.zone),
        months_(CalendarUnit::kMonth, policy.zone) {}

  // The beginning of the bucket for a process that ended at `time`; both in seconds since 1970.
  int64_t OfUser(int64_t time) {
    return (time < policy_.days_before ? days_ : hours_).BeginOf(time);
  }
  int64_t OfCommand(int64_t time) {
    if (time < policy_.command_months_before) return months_.BeginOf(time);
    return (time < policy_.command_days_before ? days_ : hours_).BeginOf(time);
  }

  // Whether commands are nowhere kept finer than users. A bucket of users then lies within one of
  // commands: OfCommand(OfUser(time)) is OfCommand(time).
  bool CommandsFollowUsers() const {
    return std::max(policy_.command_days_before, policy_.command_months_before) >=
           policy_.days_before;
  }

  // The end of the bucket that contains `time`.
  int64_t EndOfUser(int64_t time) {
    return (time < policy_.days_before ? days_ : hours_).EndOf(time);
  }
  int64_t EndOfCommand(int64_t time) {
    if (time < policy_.command_months_before) return months_.EndOf(time);
    return (time < policy_.command_days_before ? days_ : hours_).EndOf(time);
  }

  // The bucket under this policy for a bucket of some other policy, given by its beginning. Hours
  // stay unchanged, because they may be hours of another zone.
  int64_t CoarserUser(int64_t begin) { return begin < policy_.days_before ? OfUser(begin) : begin; }
  int64_t CoarserCommand(int64_t begin) {
    return begin < policy_.command_days_before ? OfCommand(begin) : begin;
  }

 private:
  BucketPolicy policy_;
  CalendarBuckets hours_;
  CalendarBuckets days_;
  CalendarBuckets months_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_BUCKETS_BUCKET_POLICY_H_
