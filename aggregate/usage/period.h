// Period: a half-open time interval. TimeSpan: the interval that some processes cover.

#ifndef CPUAGG_AGGREGATE_USAGE_PERIOD_H_
#define CPUAGG_AGGREGATE_USAGE_PERIOD_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace cpuagg::aggregate {

// [begin, end). The default is all time.
struct Period {
  absl::Time begin = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();

  bool Contains(absl::Time time) const { return begin <= time && time < end; }
  bool Overlaps(const Period& other) const { return begin < other.end && other.begin < end; }
  bool is_all() const { return begin == absl::InfinitePast() && end == absl::InfiniteFuture(); }

  friend bool operator==(const Period&, const Period&) = default;
};

// The begin of the first process and the end of the last one, in seconds since 1970.
struct TimeSpan {
  int64_t first_begin = std::numeric_limits<int64_t>::max();
  int64_t last_end = std::numeric_limits<int64_t>::min();

  bool empty() const { return first_begin > last_end; }
  void Cover(int64_t begin, int64_t end) {
    if (begin < first_begin) first_begin = begin;
    if (end > last_end) last_end = end;
  }
  void Cover(const TimeSpan& other) {
    if (!other.empty()) Cover(other.first_begin, other.last_end);
  }
};

// The period of a report for `asked`: an open end is replaced by the end of the span found,
// including all of its last second.
inline Period OrSpan(const Period& asked, const TimeSpan& found) {
  Period period = asked;
  if (found.empty()) return period;
  if (period.begin == absl::InfinitePast()) period.begin = absl::FromUnixSeconds(found.first_begin);
  if (period.end == absl::InfiniteFuture()) {
    period.end = absl::FromUnixSeconds(found.last_end) + absl::Seconds(1);
  }
  return period;
}

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_PERIOD_H_
