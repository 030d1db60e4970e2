#include "notify/outbox/open_messages.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/outbox/retry_policy.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {
namespace {

QueuedMessage In(PartState state) { return {.html = "x", .state = state}; }

QueuedReport Example() {
  return {.id = "lab01-1",
          .subject = "lab<01> yesterday",
          .files = {{.name = "a.png"}},
          .deliveries = {
              {.chat = {.id = "1"}, .parts = {In(PartState::kSent), In(PartState::kPending)}},
              {.chat = {.id = "2"}, .parts = {In(PartState::kSent), In(PartState::kFailed)}},
              {.chat = {.id = "3"}, .parts = {In(PartState::kUnconfirmed)}},
              {.chat = {.id = "4"}, .parts = {In(PartState::kSending)}}}};
}

TEST(OpenMessagesTest, WhatMayHaveArrivedIsOpenOnlyIfItHasToArrive) {
  for (const Guarantee guarantee : {Guarantee::kAtLeastOnce, Guarantee::kAtMostOnce}) {
    EXPECT_TRUE(IsOpen(In(PartState::kPending), guarantee));
    EXPECT_TRUE(IsOpen(In(PartState::kSending), guarantee));
    EXPECT_FALSE(IsOpen(In(PartState::kSent), guarantee));
    EXPECT_FALSE(IsOpen(In(PartState::kFailed), guarantee));
    EXPECT_EQ(IsOpen(In(PartState::kUnconfirmed), guarantee), guarantee == Guarantee::kAtLeastOnce);
  }
  EXPECT_EQ(CountOpen(Example(), Guarantee::kAtLeastOnce), 3);
  EXPECT_EQ(CountOpen(Example(), Guarantee::kAtMostOnce), 2);
}

TEST(OpenMessagesTest, AReportThatIsLostBecomesANoticeForThoseWhoLackIt) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  QueuedReport report = Example();
  BecomeNotice(report, Guarantee::kAtMostOnce, now, absl::Hours(5));
  EXPECT_TRUE(report.is_notice);
  EXPECT_TRUE(report.files.empty());
  EXPECT_EQ(report.created_at, now);
  EXPECT_EQ(report.expires_at, now + absl::Hours(5));
  ASSERT_EQ(report.deliveries.size(), 2u);
  EXPECT_EQ(report.deliveries[0].chat.id, "1");
  EXPECT_EQ(report.deliveries[1].chat.id, "4");
  ASSERT_EQ(report.deliveries[0].parts.size(), 1u);
  EXPECT_EQ(report.deliveries[0].parts[0].html,
            "⚠ lab&lt;01&gt; yesterday: report lab01-1 could not be delivered in time and is lost");
  // There is no notice of a notice.
  BecomeNotice(report, Guarantee::kAtMostOnce, now, absl::Hours(5));
  EXPECT_TRUE(report.deliveries.empty());
}

}  // namespace
}  // namespace cpuagg::notify
