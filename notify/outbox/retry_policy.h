// Decides which requests to repeat, how often, and how long to wait before. Pure functions.

#ifndef CPUAGG_NOTIFY_OUTBOX_RETRY_POLICY_H_
#define CPUAGG_NOTIFY_OUTBOX_RETRY_POLICY_H_

#include <optional>

#include "absl/time/time.h"
#include "notify/telegram/bot_api_reply.h"

namespace cpuagg::notify {

// What to do about a message that may or may not have arrived. No Bot API server can tell a
// repeated message from a new one.
enum class Guarantee {
  kAtLeastOnce,  // the next run sends it again
  kAtMostOnce,   // it is not sent again
};

// How often one run makes a request at most, if each attempt has this outcome. If an earlier
// attempt may have succeeded, each repetition can appear in the chat.
int MostAttempts(Outcome outcome, Guarantee guarantee);

// How long to wait before the next attempt. Doubles with each attempt, starting at one second, and
// is at least `asked`, the server's Retry-After (zero without one). nullopt if that exceeds `left`,
// the rest of the run's time.
std::optional<absl::Duration> WaitBeforeRetry(int attempt, absl::Duration asked,
                                              absl::Duration left);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_RETRY_POLICY_H_
