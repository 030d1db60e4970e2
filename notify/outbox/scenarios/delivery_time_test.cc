// What time decides of a delivery: reports that expire, clocks that are set, and how the time of a
// run is shared.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/outbox/delivery_fixture.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {
namespace {

class DeliveryTimeTest : public DeliveryTest {};

// The machine was off, or its clock was wrong when the report was queued.
TEST_F(DeliveryTimeTest, WhatHasExpiredIsTriedOnceMore) {
  EXPECT_EQ(DeliverNow().sent, 2) << "what is queued at first";
  for (const absl::Duration clock_error : {absl::ZeroDuration(), absl::Hours(-24 * 365 * 50)}) {
    SCOPED_TRACE(clock_error);
    clock_error_ = clock_error;
    Queue("only", {"1"}, {{.html = "text"}});
    http_.answers = {Error(429, "x", R"(,"parameters":{"retry_after":3600})")};
    EXPECT_EQ(DeliverNow().postponed, 1);
    clock_error_ = absl::ZeroDuration();
    now_ += absl::Hours(100);
    const DeliverySummary summary = DeliverNow();
    EXPECT_EQ(summary.sent, 1);
    EXPECT_EQ(summary.failed, 0);
    EXPECT_TRUE(summary.problems.empty());
    EXPECT_EQ(http_.fields.back().at("text"), "text");
    EXPECT_TRUE(Queued(outbox_).reports.empty());
  }
}

TEST_F(DeliveryTimeTest, WhatHasExpiredIsNotGivenUpUntriedWhenTheRunHasNoTimeLeft) {
  QueueOnly({"1"});
  now_ += absl::Hours(100);
  Queue("second", {"1"});
  now_ += absl::Hours(100);
  http_.on_request = [this] { now_ += absl::Minutes(6); };
  http_.answers = {Error(500, "x")};
  EXPECT_EQ(DeliverNow().failed, 1) << "the first one";
  EXPECT_EQ(http_.requests.size(), 1u);
  EXPECT_EQ(Queued(outbox_).reports.size(), 2u) << "a notice, and the second";
  http_.on_request = nullptr;
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.fields[1].at("text"), "<b>text</b>");
}

// With a wrong token, reports are kept until they expire, but no longer.
TEST_F(DeliveryTimeTest, WhatHasExpiredIsGivenUpWhenTheBotIsRefused) {
  Queue("second", {"1"});
  now_ += absl::Hours(100);
  http_.answers = {Error(401, "Unauthorized")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.failed, 3);
  EXPECT_EQ(summary.postponed, 3) << "notices";
  EXPECT_EQ(http_.requests.size(), 1u);
}

TEST_F(DeliveryTimeTest, AReportFromTheFutureIsAsOldAsTheRunThatFindsIt) {
  EXPECT_EQ(DeliverNow().sent, 2) << "what is queued at first";
  // Within the range of times that the outbox can store.
  for (const absl::Duration clock_error :
       {absl::Hours(24 * 365 * 5), absl::Hours(24 * 365 * 500)}) {
    SCOPED_TRACE(clock_error);
    clock_error_ = clock_error;
    Queue("only", {"1"}, {{.html = "text"}});
    clock_error_ = absl::ZeroDuration();
    const auto no_network = [&] { http_.answers.assign(4, absl::UnavailableError("no network")); };
    no_network();
    EXPECT_EQ(DeliverNow().postponed, 1);
    now_ += absl::Hours(71);
    no_network();
    EXPECT_EQ(DeliverNow().failed, 0);
    now_ += absl::Hours(1);
    no_network();
    const DeliverySummary summary = DeliverNow();
    EXPECT_EQ(summary.failed, 1);
    EXPECT_EQ(summary.sent, 1) << "the notice";
  }
}

// SEND_WITHIN and `run_budget` do not depend on changes of the clock.
TEST_F(DeliveryTimeTest, AClockThatIsSetWhileARunDeliversDoesNotEndIt) {
  http_.on_request = [this] { clock_error_ += absl::Hours(24 * 365); };
  EXPECT_EQ(DeliverNow().sent, 2);
}

TEST_F(DeliveryTimeTest, WhatHasExpiredBecomesANoticeThatExpiresInSilence) {
  http_.answers = {Error(429, "Too Many Requests", R"(,"parameters":{"retry_after":3600})")};
  EXPECT_EQ(DeliverNow().postponed, 1);
  now_ += absl::Hours(100);
  http_.answers.assign(8, absl::UnavailableError("no network"));
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.failed, 1);
  EXPECT_EQ(summary.postponed, 1);
  EXPECT_TRUE(http_.answers.empty()) << "the report was not tried, or its notice";
  ASSERT_EQ(summary.problems.size(), 2u);
  EXPECT_NE(summary.problems[0].find("expired"), std::string::npos) << summary.problems[0];
  const QueuedReport notice = Queued(outbox_).reports.at(0);
  ASSERT_EQ(notice.deliveries.size(), 1u) << "chat 2 has the report";
  EXPECT_EQ(notice.deliveries[0].chat.id, "1");
  EXPECT_EQ(notice.deliveries[0].parts[0].html,
            "⚠ lab01 today: report report could not be delivered in time and is lost");

  now_ += absl::Hours(100);
  http_.answers.assign(4, absl::UnavailableError("no network"));
  EXPECT_EQ(DeliverNow().failed, 1);
  EXPECT_TRUE(Queued(outbox_).reports.empty());
}

// A request to a hanging chat takes all the time that it may.
TEST_F(DeliveryTimeTest, AChatThatHangsStarvesNobody) {
  QueueOnly({"hangs", "1", "2"});
  Queue("next", {"hangs", "1", "2"});
  http_.on_answer = [this](const std::string& chat,
                           absl::Duration timeout) -> std::optional<absl::StatusOr<HttpResponse>> {
    if (chat != "hangs") return std::nullopt;
    now_ += timeout;
    return absl::UnknownError("timeout");
  };
  run_budget_ = absl::Seconds(6);
  EXPECT_EQ(DeliverNow().sent, 4);
  EXPECT_EQ(http_.requests, (Strings{"sendMessage hangs", "sendMessage 1", "sendMessage 2",
                                     "sendMessage 1", "sendMessage 2", "sendMessage hangs"}));

  // In the next run it comes last.
  http_.requests.clear();
  Queue("third", {"hangs", "1", "2"});
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.requests, (Strings{"sendMessage 1", "sendMessage 2", "sendMessage hangs"}));

  // It has missed nothing when it answers again.
  http_.on_answer = nullptr;
  EXPECT_EQ(DeliverNow().sent, 3);
  EXPECT_TRUE(Queued(outbox_).reports.empty());
}

// A connection that is never made takes all the time, too.
TEST_F(DeliveryTimeTest, AChatThatCannotBeReachedInItsTimeIsAskedAgainAfterAllOthers) {
  QueueOnly({"hangs", "1", "2"});
  http_.on_answer = [this](const std::string& chat,
                           absl::Duration timeout) -> std::optional<absl::StatusOr<HttpResponse>> {
    if (chat != "hangs") return std::nullopt;
    now_ += timeout;
    return absl::UnavailableError("Connection timed out");
  };
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 2);
  EXPECT_EQ(summary.postponed, 1);
  EXPECT_EQ(http_.requests,
            (Strings{"sendMessage hangs", "sendMessage 1", "sendMessage 2", "sendMessage hangs"}));
  EXPECT_EQ(slept_, absl::ZeroDuration());
}

TEST_F(DeliveryTimeTest, TheTimeOfARunIsSharedByWhatWaits) {
  QueueOnly({"1", "2", "3"});
  run_budget_ = absl::Seconds(60);
  std::vector<absl::Duration> timeouts;
  http_.on_answer = [&](const std::string&,
                        absl::Duration timeout) -> std::optional<absl::StatusOr<HttpResponse>> {
    timeouts.push_back(timeout);
    now_ += absl::Seconds(6);
    return std::nullopt;
  };
  EXPECT_EQ(DeliverNow().sent, 3);
  EXPECT_EQ(timeouts,
            (std::vector<absl::Duration>{absl::Seconds(20), absl::Seconds(27), absl::Seconds(48)}));
}

}  // namespace
}  // namespace cpuagg::notify
