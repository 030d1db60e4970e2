// What is repeated, how often, and how long to wait before that. Pure functions.

#ifndef CPUAGG_NOTIFY_OUTBOX_RETRY_POLICY_H_
#define CPUAGG_NOTIFY_OUTBOX_RETRY_POLICY_H_

#include <optional>

#include "absl/time/time.h"
#include "notify/telegram/bot_api_reply.h"

namespace cpuagg::notify {

// What is done about a message of which nobody knows whether it arrived: no server of the Bot API
// tells a repeated message from a new one.
enum class Guarantee {
  kAtLeastOnce,  // it is sent again, by the next run
  kAtMostOnce,   // it is not
};

// How often a request is made in one run at most, if each time it ends so. Each repetition of what
// may have been done can show up in the chat.
int MostAttempts(Outcome outcome, Guarantee guarantee);

// How long to wait before the next attempt. Doubles with each of them, from a second, and is at
// least `asked`, the server's Retry-After (zero if it asked for nothing). nullopt if that exceeds
// `left`, what remains of the run's time.
std::optional<absl::Duration> WaitBeforeRetry(int attempt, absl::Duration asked,
                                              absl::Duration left);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_RETRY_POLICY_H_
