#include "notify/retry_policy.h"

#include <algorithm>

namespace cpuagg::notify {

std::optional<absl::Duration> WaitBeforeRetry(int attempt, absl::Duration asked,
                                              absl::Duration left) {
  // One second, two, four.
  const absl::Duration wait = std::max(asked, absl::Seconds(1 << (attempt - 1)));
  if (wait > left) return std::nullopt;
  return wait;
}

}  // namespace cpuagg::notify
