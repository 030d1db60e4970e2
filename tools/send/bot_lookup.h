// Looks up bots and chats on a Bot API server, with the patience of a waiting person, and names the
// remedy if a lookup fails.
//
//   Patience patience(api, absl::Seconds(30));
//   const notify::LookupResult bot = patience.Ask([&] { return api.GetMe(); });

#ifndef CPUAGG_TOOLS_SEND_BOT_LOOKUP_H_
#define CPUAGG_TOOLS_SEND_BOT_LOOKUP_H_

#include <algorithm>
#include <chrono>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/outbox/delivery.h"
#include "notify/outbox/retry_policy.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/bot_api_reply.h"
#include "notify/telegram/chat.h"

namespace cpuagg::tools {

// What the user can do about a chat that was not reached by a message.
absl::string_view RemedyFor(notify::Outcome outcome, const notify::Chat& chat);
// The same if the server was asked for the chat, and nothing was sent to it.
absl::string_view RemedyForLookup(notify::Outcome outcome, const notify::Chat& chat);

// Asks a server, for at most the time of the run.
class Patience {
 public:
  Patience(notify::BotApi& api, absl::Duration run_budget)
      : api_(api), deadline_(Stopwatch() + run_budget) {}

  // The result of `request`. Waits and repeats the request while the server asks for that.
  template <typename Request>
  auto Ask(const Request& request) {
    for (int attempt = 1;; ++attempt) {
      api_.SetTimeout(std::clamp(TimeLeft(), absl::Seconds(1), absl::Seconds(120)));
      auto result = request();
      if (!IsAskedToWait(result) || attempt == kMostAttempts) return result;
      const std::optional<absl::Duration> wait =
          notify::WaitBeforeRetry(attempt, result.retry_after, std::min(wait_left_, TimeLeft()));
      if (!wait.has_value()) return result;
      wait_left_ -= *wait;
      absl::SleepFor(*wait);
    }
  }

  template <typename Result>
  static bool IsAskedToWait(const Result& result) {
    return result.outcome == notify::Outcome::kNotSent && result.retry_after > absl::ZeroDuration();
  }

 private:
  static constexpr int kMostAttempts = 4;

  static absl::Duration Stopwatch() {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
  absl::Duration TimeLeft() const { return deadline_ - Stopwatch(); }

  notify::BotApi& api_;
  const absl::Duration deadline_;
  absl::Duration wait_left_ = notify::DeliveryOptions().max_wait;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_BOT_LOOKUP_H_
