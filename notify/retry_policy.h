// What to do after an attempt to send failed before anything arrived: wait and try again within
// this run, or leave it to the next one. A pure function.

#ifndef CPUAGG_NOTIFY_RETRY_POLICY_H_
#define CPUAGG_NOTIFY_RETRY_POLICY_H_

#include <optional>

#include "absl/time/time.h"

namespace cpuagg::notify {

// How long to wait before the next attempt; nullopt to leave off for this run. `attempt` is the
// number of attempts made in this run, `asked` what the server asked to wait (zero if it did not),
// `left` what remains of the run's time for waiting.
std::optional<absl::Duration> WaitBeforeRetry(int attempt, absl::Duration asked,
                                              absl::Duration left);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RETRY_POLICY_H_
