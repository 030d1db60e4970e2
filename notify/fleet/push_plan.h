// PlanPush: which samples a receiver of remote write is to be sent: the amounts of the hours that
// it does not have as they are now in the store.
//
// The amounts of an hour are absolute, and stamped strictly inside that hour. Of several samples in
// an hour the newest counts. So sending an hour again changes nothing, and a correction is the same
// series a little later:
//
//   sum_over_time(last_over_time(cpuagg_user_cpu_hourly_seconds[1h])[23h30m:1h])  // of a day

#ifndef CPUAGG_NOTIFY_FLEET_PUSH_PLAN_H_
#define CPUAGG_NOTIFY_FLEET_PUSH_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "aggregate/fleet/hour_amounts.h"
#include "notify/fleet/push_state.h"
#include "notify/fleet/remote_write.h"

namespace cpuagg::notify {

// When the samples of an hour are stamped, after its beginning, if they are sent so long after its
// end: later ones later, and never beyond the hour. 15 minutes after the beginning, plus a
// millisecond for each second, and after a week for each 64 seconds.
absl::Duration StampFor(absl::Duration since_end);

struct PushInput {
  const aggregate::HourAmounts& hours;
  uint64_t gaps = 0;  // of the store
  // The share of the machine's busy time that is accounted for; nullopt if it is not known.
  std::optional<double> coverage = std::nullopt;
  absl::Time now;
  size_t top = 0;  // the users of an hour with series of their own; 0: all
};

// An hour to send. `samples` begin with those of the whole machine, of which there are `of_host`.
struct HourPush {
  int64_t begin = 0;
  std::vector<RemoteSample> samples;
  size_t of_host = 0;
  PushedHour pushed;  // once it is accepted
};

struct PushPlan {
  std::vector<SeriesLabels> series;    // to which samples refer
  std::vector<HourPush> hours;         // oldest first
  std::vector<RemoteSample> current;   // of the machine as it is now
  std::vector<int64_t> dropped_hours;  // of the state, which the store does not have any more
  // Days after the newest hour of the state of which the store no longer has the hours. They cannot
  // be pushed.
  uint64_t days = 0;
  // Hours that would become smaller because of damage in the store; they stay as they were pushed.
  uint64_t held_hours = 0;
  absl::Time last_collect;
};

// FailedPrecondition if the clock is behind an hour that has been pushed. Only hours that are over
// are pushed, and only if a run collected after their end.
absl::StatusOr<PushPlan> PlanPush(const PushInput& input, const PushState& state);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_FLEET_PUSH_PLAN_H_
