// Delivers what is in the outbox.

#ifndef CPUAGG_NOTIFY_OUTBOX_DELIVERY_H_
#define CPUAGG_NOTIFY_OUTBOX_DELIVERY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/retry_policy.h"
#include "notify/telegram/bot_api.h"

namespace cpuagg::notify {

struct DeliverySummary {
  // Messages.
  int sent = 0;
  int postponed = 0;  // still in the outbox; a file that cannot be read counts as one
  int failed = 0;     // given up: refused, expired, or unconfirmed with Guarantee::kAtMostOnce
  bool bot_refused = false;
  bool has_damage = false;            // files of the outbox were set aside
  std::vector<std::string> problems;  // sentences for the person who runs it
};

struct DeliveryOptions {
  Guarantee guarantee = Guarantee::kAtLeastOnce;
  // How long one run may wait for servers that ask to be waited for, in all.
  absl::Duration max_wait = absl::Seconds(30);
  // How long one run may take; what is not sent by then is left to the next one.
  absl::Duration run_budget = absl::Minutes(5);
  // How long what begins its way in this run may be on it: a notice about a report that was given
  // up, and a report of which the clock says that it is not made yet.
  absl::Duration lifetime = absl::Hours(72);
  // The time of day, which may be wrong, also when a report was queued.
  std::function<absl::Time()> clock;
  // Grows by the time that passes, whatever is done to the clock: what the budgets are of.
  std::function<absl::Duration()> stopwatch;
  std::function<void(absl::Duration)> sleep;
};

// Tries to deliver every message of every report in `outbox` that is open, oldest report first; a
// chat that fails does not keep others from theirs. Each has its share of the run's time, and one
// that hung in the run before, or hangs in this one, comes behind all others. The state of a
// message is on disk before its request leaves, so that the guarantee holds after a kill at any
// moment. Reports with nothing left open are removed. One that has expired is tried like the
// others, and becomes a notice that says so if something is still open then. One from the future is
// as old as this run. Outbox::Lock() must be held. An error means that the outbox itself cannot be
// read or written, and that nothing was sent that is not recorded.
absl::StatusOr<DeliverySummary> Deliver(const Outbox& outbox, BotApi& api,
                                        const DeliveryOptions& options);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_DELIVERY_H_
