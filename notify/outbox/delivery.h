// Delivers the reports in the outbox.

#ifndef CPUAGG_NOTIFY_OUTBOX_DELIVERY_H_
#define CPUAGG_NOTIFY_OUTBOX_DELIVERY_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/retry_policy.h"
#include "notify/telegram/bot_api.h"

namespace cpuagg::notify {

struct DeliverySummary {
  // Numbers of messages.
  int sent = 0;
  std::set<std::string> served_chats;  // the ids of those to which some of them went
  int postponed = 0;                   // still in the outbox; an unreadable file counts as one
  int failed = 0;  // given up: refused, expired, or unconfirmed with Guarantee::kAtMostOnce
  bool bot_refused = false;
  bool has_damage = false;            // files of the outbox were set aside
  std::vector<std::string> problems;  // sentences for the user
};

struct DeliveryOptions {
  Guarantee guarantee = Guarantee::kAtLeastOnce;
  // How long one run may wait altogether for servers that ask it to.
  absl::Duration max_wait = absl::Seconds(30);
  // How long one run may take; unsent messages are left to the next one.
  absl::Duration run_budget = absl::Minutes(5);
  // The lifetime of what this run adds: a notice about a report that was given up, and a report
  // whose creation time is in the future.
  absl::Duration lifetime = absl::Hours(72);
  // The time of day. It may be wrong now, and may have been wrong when a report was queued.
  std::function<absl::Time()> clock;
  // A monotonic time for the time limits, independent of changes to the clock.
  std::function<absl::Duration()> stopwatch;
  std::function<void(absl::Duration)> sleep;
};

// Tries to deliver every open message of every report in `outbox`, oldest report first. A chat that
// fails does not block others. Each chat has its share of the run's time; a chat that hung in the
// previous run, or hangs in this one, comes last.
//
// The state of a message is on disk before its request is sent, so that the guarantee holds after a
// kill at any time. Reports without open messages are removed. An expired report is tried like the
// others, and becomes a notice that says so if something is still open afterwards. A report from
// the future counts as created now.
//
// The caller must hold Outbox::Lock(). An error means that the outbox itself cannot be read or
// written, and that every message sent has been recorded.
absl::StatusOr<DeliverySummary> Deliver(const Outbox& outbox, BotApi& api,
                                        const DeliveryOptions& options);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_DELIVERY_H_
