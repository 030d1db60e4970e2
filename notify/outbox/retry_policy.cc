#include "notify/outbox/retry_policy.h"

#include <algorithm>

namespace cpuagg::notify {

int MostAttempts(Outcome outcome, Guarantee guarantee) {
  constexpr int kNothingArrived = 4;
  constexpr int kPerhapsDone = 2;
  if (outcome == Outcome::kNotSent) return kNothingArrived;
  const bool repeats = outcome == Outcome::kServerFailed && guarantee == Guarantee::kAtLeastOnce;
  return repeats ? kPerhapsDone : 1;
}

std::optional<absl::Duration> WaitBeforeRetry(int attempt, absl::Duration asked,
                                              absl::Duration left) {
  // One second, two, four.
  const absl::Duration wait = std::max(asked, absl::Seconds(1 << (attempt - 1)));
  if (wait > left) return std::nullopt;
  return wait;
}

}  // namespace cpuagg::notify
