#include "notify/delivery.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/bot_api.h"
#include "notify/http_client.h"
#include "notify/outbox.h"
#include "notify/secret.h"

namespace cpuagg::notify {
namespace {

using acct::testing::TempDir;

HttpResponse Sent() { return {.status = 200, .body = R"({"ok":true,"result":{"message_id":1}})"}; }

std::vector<OutgoingReport> Queued(const Outbox& outbox) {
  absl::StatusOr<std::vector<OutgoingReport>> reports = outbox.LoadAll();
  EXPECT_TRUE(reports.ok()) << reports.status();
  return *std::move(reports);
}

// Answers from a list, then with success, and looks at the outbox while a request is under way.
class ScriptedHttp : public HttpClient {
 public:
  explicit ScriptedHttp(const Outbox& outbox) : outbox_(outbox) {}

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    std::string chat;
    for (const FormPart& part : request.parts) {
      if (part.name == "chat_id") chat = part.content;
    }
    chats.push_back(chat);
    bool recorded = false;
    for (const OutgoingReport& report : Queued(outbox_)) {
      for (const Delivery& delivery : report.deliveries) {
        recorded |= delivery.chat.id == chat && delivery.state == DeliveryState::kSending;
      }
    }
    EXPECT_TRUE(recorded) << "a request left unrecorded";
    if (answers.empty()) return Sent();
    absl::StatusOr<HttpResponse> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  std::deque<absl::StatusOr<HttpResponse>> answers;
  std::vector<std::string> chats;  // of the requests, in order

 private:
  const Outbox& outbox_;
};

class DeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
    Queue("report", {"1", "2"});
  }

  void Queue(const std::string& id, const std::vector<std::string>& chats) {
    OutgoingReport report{.id = id, .created_at = absl::FromUnixSeconds(++queued_)};
    for (const std::string& chat : chats) report.deliveries.push_back({.chat = {.id = chat}});
    ASSERT_TRUE(outbox_.Save(report).ok());
  }

  DeliverySummary DeliverNow() {
    BotApi api(http_, "https://example.org", Secret("1:x"));
    absl::StatusOr<DeliverySummary> summary =
        Deliver(outbox_, api, {.sleep = [this](absl::Duration wait) { waits_.push_back(wait); }});
    EXPECT_TRUE(summary.ok()) << summary.status();
    return *std::move(summary);
  }

  std::vector<DeliveryState> States() {
    std::vector<DeliveryState> states;
    for (const OutgoingReport& report : Queued(outbox_)) {
      for (const Delivery& delivery : report.deliveries) states.push_back(delivery.state);
    }
    return states;
  }

  using Chats = std::vector<std::string>;
  using StateList = std::vector<DeliveryState>;

  TempDir dir_;
  Outbox outbox_{dir_.Path("outbox")};
  ScriptedHttp http_{outbox_};
  std::vector<absl::Duration> waits_;
  int64_t queued_ = 0;
};

TEST_F(DeliveryTest, EveryChatGetsEveryReportInOrderAndTheOutboxIsEmptyThen) {
  Queue("later", {"1"});
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(http_.chats, (Chats{"1", "2", "1"}));
  EXPECT_EQ(summary.sent, 3);
  EXPECT_TRUE(Queued(outbox_).empty());
  EXPECT_EQ(DeliverNow().sent, 0);
}

TEST_F(DeliveryTest, ARefusingChatDoesNotKeepOthersFromTheirs) {
  http_.answers = {HttpResponse{.status = 403, .body = R"({"description":"blocked"})"}};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(http_.chats, (Chats{"1", "2"}));
  EXPECT_EQ(summary.sent, 1);
  EXPECT_EQ(summary.failed, 1);
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_NE(summary.problems[0].find("chat 1"), std::string::npos);
  EXPECT_NE(summary.problems[0].find("blocked"), std::string::npos);
  EXPECT_TRUE(Queued(outbox_).empty());
}

TEST_F(DeliveryTest, ARefusedBotStopsTheRunAndKeepsEverything) {
  http_.answers = {HttpResponse{.status = 401, .body = R"({"description":"Unauthorized"})"}};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(http_.chats, (Chats{"1"}));
  EXPECT_TRUE(summary.bot_refused);
  EXPECT_EQ(summary.postponed, 2);
  EXPECT_EQ(States(), (StateList{DeliveryState::kPending, DeliveryState::kPending}));
}

TEST_F(DeliveryTest, WhatWasNotSentIsTriedAgainWithGrowingWaits) {
  http_.answers = {absl::UnavailableError("refused"), absl::UnavailableError("refused")};
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.chats, (Chats{"1", "1", "1", "2"}));
  EXPECT_EQ(waits_, (std::vector<absl::Duration>{absl::Seconds(1), absl::Seconds(2)}));
}

TEST_F(DeliveryTest, ALongWaitIsLeftToTheNextRun) {
  http_.answers = {HttpResponse{.status = 429, .body = R"({"parameters":{"retry_after":3600}})"}};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.postponed, 1);
  EXPECT_EQ(summary.sent, 1);
  EXPECT_TRUE(waits_.empty());
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.chats, (Chats{"1", "2", "1"}));
  EXPECT_TRUE(Queued(outbox_).empty());
}

TEST_F(DeliveryTest, AnUnconfirmedMessageIsNotRepeatedInTheSameRunButInTheNext) {
  http_.answers = {absl::UnknownError("timeout")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(http_.chats, (Chats{"1", "2"}));
  EXPECT_EQ(summary.postponed, 1);
  EXPECT_EQ(States(), (StateList{DeliveryState::kSending, DeliveryState::kSent}));
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.chats, (Chats{"1", "2", "1"}));
}

}  // namespace
}  // namespace cpuagg::notify
