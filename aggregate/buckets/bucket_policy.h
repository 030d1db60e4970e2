// BucketPolicy: into which stretches of time the store divides what ended when. What is old is kept
// more coarsely, so that a store of years stays small.

#ifndef CPUAGG_AGGREGATE_BUCKETS_BUCKET_POLICY_H_
#define CPUAGG_AGGREGATE_BUCKETS_BUCKET_POLICY_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"

namespace cpuagg::aggregate {

// All of the calendar of `zone`, whose midnights and first days of a month the limits are, in
// seconds since 1970. Without limits everything is kept by the hour.
struct BucketPolicy {
  absl::TimeZone zone = absl::UTCTimeZone();
  // Users: before this, by the day.
  int64_t days_before = std::numeric_limits<int64_t>::min();
  // Users and commands: before the one by the day, before the other by the month.
  int64_t command_days_before = std::numeric_limits<int64_t>::min();
  int64_t command_months_before = std::numeric_limits<int64_t>::min();
};

// What is fitting at `now` if users are kept by the hour for `days_of_hours` whole days.
BucketPolicy BucketPolicyAt(absl::Time now, absl::TimeZone zone, int days_of_hours);

// Makes `resolution` as coarse as `other` is.
void Coarsen(BucketPolicy& policy, const BucketPolicy& other);

// Finds the buckets. Looking a bucket's own beginning up again gives the same or a coarser one.
class BucketFinder {
 public:
  explicit BucketFinder(const BucketPolicy& policy)
      : policy_(policy),
        hours_(CalendarUnit::kHour, policy.zone),
        days_(CalendarUnit::kDay, policy.zone),
        months_(CalendarUnit::kMonth, policy.zone) {}

  // When the bucket of what ended at `time` begins; both in seconds since 1970.
  int64_t OfUser(int64_t time) {
    return (time < policy_.days_before ? days_ : hours_).BeginOf(time);
  }
  int64_t OfCommand(int64_t time) {
    if (time < policy_.command_months_before) return months_.BeginOf(time);
    return (time < policy_.command_days_before ? days_ : hours_).BeginOf(time);
  }

  // When the bucket ends that holds `time`.
  int64_t EndOfUser(int64_t time) {
    return (time < policy_.days_before ? days_ : hours_).EndOf(time);
  }
  int64_t EndOfCommand(int64_t time) {
    if (time < policy_.command_months_before) return months_.EndOf(time);
    return (time < policy_.command_days_before ? days_ : hours_).EndOf(time);
  }

  // The bucket of one that is kept at some other resolution, given by its beginning; it stays as it
  // is where hours are kept, whose zone may be another one.
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
