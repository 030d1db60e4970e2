// Delivers what is in the outbox.

#ifndef CPUAGG_NOTIFY_DELIVERY_H_
#define CPUAGG_NOTIFY_DELIVERY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/bot_api.h"
#include "notify/outbox.h"

namespace cpuagg::notify {

struct DeliverySummary {
  int sent = 0;
  int postponed = 0;  // still in the outbox
  int failed = 0;     // given up: the chat or the message was refused
  bool bot_refused = false;
  std::vector<std::string> problems;  // sentences for the person who runs it
};

struct DeliveryOptions {
  // How long one run may wait for servers that ask to be waited for, in all.
  absl::Duration wait_budget = absl::Seconds(30);
  std::function<void(absl::Duration)> sleep;
};

// Tries to deliver every open delivery of every report in `outbox`, oldest report first; a chat
// that fails does not keep others from theirs. The state of a delivery is on disk before its
// request leaves, so that after a kill at any moment the report arrives at least once. Reports with
// nothing left open are removed. The lock of the outbox must be held. An error means that the
// outbox itself cannot be read or written, and that nothing was sent that is not recorded.
absl::StatusOr<DeliverySummary> Deliver(const Outbox& outbox, BotApi& api,
                                        const DeliveryOptions& options);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_DELIVERY_H_
