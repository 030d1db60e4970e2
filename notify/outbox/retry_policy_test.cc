#include "notify/outbox/retry_policy.h"

#include <optional>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/telegram/bot_api_reply.h"

namespace cpuagg::notify {
namespace {

TEST(RetryPolicyTest, WaitsTwiceAsLongEachTime) {
  constexpr absl::Duration kLeft = absl::Seconds(30);
  EXPECT_EQ(WaitBeforeRetry(1, absl::ZeroDuration(), kLeft), absl::Seconds(1));
  EXPECT_EQ(WaitBeforeRetry(2, absl::ZeroDuration(), kLeft), absl::Seconds(2));
  EXPECT_EQ(WaitBeforeRetry(3, absl::ZeroDuration(), kLeft), absl::Seconds(4));
  EXPECT_EQ(WaitBeforeRetry(9, absl::ZeroDuration(), kLeft), std::nullopt);
}

TEST(RetryPolicyTest, TheServersWishCountsWithinTheTimeThatIsLeft) {
  EXPECT_EQ(WaitBeforeRetry(1, absl::Seconds(9), absl::Seconds(9)), absl::Seconds(9));
  EXPECT_EQ(WaitBeforeRetry(1, absl::Seconds(9), absl::Seconds(8)), std::nullopt);
  EXPECT_EQ(WaitBeforeRetry(3, absl::Seconds(1), absl::Seconds(9)), absl::Seconds(4));
}

TEST(RetryPolicyTest, OnlyWhatDidNotArriveOrMayComeTwiceIsRepeated) {
  for (const Guarantee guarantee : {Guarantee::kAtLeastOnce, Guarantee::kAtMostOnce}) {
    EXPECT_EQ(MostAttempts(Outcome::kNotSent, guarantee), 4);
    EXPECT_EQ(MostAttempts(Outcome::kUnconfirmed, guarantee), 1);
    EXPECT_EQ(MostAttempts(Outcome::kChatRefused, guarantee), 1);
  }
  EXPECT_EQ(MostAttempts(Outcome::kServerFailed, Guarantee::kAtLeastOnce), 2);
  EXPECT_EQ(MostAttempts(Outcome::kServerFailed, Guarantee::kAtMostOnce), 1);
}

}  // namespace
}  // namespace cpuagg::notify
