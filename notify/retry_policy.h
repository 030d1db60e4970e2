// How long to wait before a request is repeated within a run. A pure function.

#ifndef CPUAGG_NOTIFY_RETRY_POLICY_H_
#define CPUAGG_NOTIFY_RETRY_POLICY_H_

#include <optional>

#include "absl/time/time.h"

namespace cpuagg::notify {

// After the `attempt`-th attempt in this run, of those that nothing stands against: twice as long
// each time, and not shorter than `asked`, which the server asked to wait (zero if it did not).
// nullopt if that is more than `left`, what remains of the run's time.
std::optional<absl::Duration> WaitBeforeRetry(int attempt, absl::Duration asked,
                                              absl::Duration left);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RETRY_POLICY_H_
