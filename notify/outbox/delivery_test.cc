#include "notify/outbox/delivery.h"

#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/outbox/outbox.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

using acct::testing::TempDir;

using Strings = std::vector<std::string>;

HttpResponse Sent() {
  return {.status = 200,
          .body = R"({"ok":true,"result":{"message_id":11,"photo":[{"file_id":"p1"}]}})"};
}

HttpResponse Error(int status, const std::string& description, const std::string& more = "") {
  return {.status = status,
          .body = absl::StrCat(R"({"ok":false,"description":")", description, "\"", more, "}")};
}

OutboxListing Queued(const Outbox& outbox) {
  absl::StatusOr<OutboxListing> listing = outbox.List();
  EXPECT_TRUE(listing.ok()) << listing.status();
  return *std::move(listing);
}

// Answers from a list, then with success, and checks the outbox during a request.
class ScriptedHttp : public HttpClient {
 public:
  explicit ScriptedHttp(const Outbox& outbox) : outbox_(outbox) {}

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    std::map<std::string, std::string> sent;
    for (const FormPart& part : request.parts) sent[part.name] = part.content;
    const std::string method = request.url.substr(request.url.rfind('/') + 1);
    requests.push_back(absl::StrCat(method, " ", sent["chat_id"]));
    fields.push_back(sent);
    bool recorded = false;
    for (const QueuedReport& report : Queued(outbox_).reports) {
      for (const ChatQueue& delivery : report.deliveries) {
        for (const QueuedMessage& part : delivery.parts) {
          recorded |= delivery.chat.id == sent["chat_id"] && part.state == PartState::kSending;
        }
      }
    }
    EXPECT_TRUE(recorded) << "a request left unrecorded";
    if (on_request) on_request();
    if (on_answer) {
      std::optional<absl::StatusOr<HttpResponse>> answer =
          on_answer(sent["chat_id"], request.timeout);
      if (answer.has_value()) return *std::move(answer);
    }
    if (answers.empty()) return Sent();
    absl::StatusOr<HttpResponse> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  std::deque<absl::StatusOr<HttpResponse>> answers;
  std::function<void()> on_request;
  // The answer to a request for a chat; nullopt for the next one of the list.
  std::function<std::optional<absl::StatusOr<HttpResponse>>(const std::string& chat,
                                                            absl::Duration timeout)>
      on_answer;
  Strings requests;  // "sendMessage 1", in order
  std::vector<std::map<std::string, std::string>> fields;

 private:
  const Outbox& outbox_;
};

class DeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
    Queue("report", {"1", "2"});
  }

  void Queue(const std::string& id, const Strings& chats,
             const std::vector<QueuedMessage>& parts = {{.html = "<b>text</b>"}}) {
    now_ += absl::Seconds(1);
    const absl::Time clock = now_ + clock_error_;
    QueuedReport report{.id = id, .created_at = clock, .expires_at = clock + absl::Hours(72)};
    report.subject = "lab01 today";
    report.files = {{.name = "a.png", .content_type = "image/png", .content = "png"}};
    for (const std::string& chat : chats) {
      report.deliveries.push_back({.chat = {.id = chat}, .parts = parts});
    }
    ASSERT_TRUE(outbox_.Save(report).ok());
  }

  // Removes all reports but this one.
  void QueueOnly(const Strings& chats,
                 const std::vector<QueuedMessage>& parts = {{.html = "text"}}) {
    ASSERT_TRUE(outbox_.Remove({.id = "report"}).ok());
    Queue("only", chats, parts);
  }

  DeliverySummary DeliverNow(Guarantee guarantee = Guarantee::kAtLeastOnce) {
    BotApi api(http_, "https://example.org", Secret("1:x"));
    absl::StatusOr<DeliverySummary> summary =
        Deliver(outbox_, api,
                {.guarantee = guarantee,
                 .run_budget = run_budget_,
                 .clock = [this] { return now_ + clock_error_; },
                 .stopwatch = [this] { return now_ - absl::UnixEpoch(); },
                 .sleep =
                     [this](absl::Duration time) {
                       slept_ += time;
                       now_ += time;
                     }});
    EXPECT_TRUE(summary.ok()) << summary.status();
    return *std::move(summary);
  }

  const TempDir dir_;
  const Outbox outbox_{dir_.Path("outbox")};
  ScriptedHttp http_{outbox_};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  absl::Duration clock_error_;
  absl::Duration run_budget_ = absl::Minutes(5);
  absl::Duration slept_;
};

TEST_F(DeliveryTest, EveryChatGetsItAndTheReportIsGone) {
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 2);
  EXPECT_TRUE(summary.problems.empty());
  EXPECT_EQ(http_.requests, (Strings{"sendMessage 1", "sendMessage 2"}));
  EXPECT_TRUE(Queued(outbox_).reports.empty());
  EXPECT_EQ(DeliverNow().sent, 0);
}

TEST_F(DeliveryTest, PartsComeInOrderAndTheFileGoesUpOnce) {
  QueueOnly({"1", "2"}, {{.form = PartForm::kPhoto, .html = "caption"},
                         {.html = "rest", .is_silent = true, .is_reply = true}});
  EXPECT_EQ(DeliverNow().sent, 4);
  EXPECT_EQ(http_.requests,
            (Strings{"sendPhoto 1", "sendMessage 1", "sendPhoto 2", "sendMessage 2"}));
  EXPECT_EQ(http_.fields[0].at("photo"), "png");
  EXPECT_EQ(http_.fields[2].at("photo"), "p1");
  EXPECT_EQ(http_.fields[1].at("disable_notification"), "true");
  EXPECT_NE(http_.fields[1].at("reply_parameters").find(":11"), std::string::npos);
}

TEST_F(DeliveryTest, AServerThatAsksToWaitIsWaitedFor) {
  http_.answers = {Error(429, "x", R"(,"parameters":{"retry_after":3})")};
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(slept_, absl::Seconds(3));
  EXPECT_EQ(http_.requests.size(), 3u);
}

TEST_F(DeliveryTest, ALongWaitIsLeftToTheNextRunAndOtherChatsAreServed) {
  http_.answers = {Error(429, "x", R"(,"parameters":{"retry_after":3600})")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 1);
  EXPECT_EQ(summary.postponed, 1);
  EXPECT_EQ(slept_, absl::ZeroDuration());
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.requests, (Strings{"sendMessage 1", "sendMessage 2", "sendMessage 1"}));
}

TEST_F(DeliveryTest, AttemptsInOneRunAreFew) {
  for (int i = 0; i < 20; ++i) http_.answers.push_back(Error(429, "x"));
  EXPECT_EQ(DeliverNow().postponed, 2);
  EXPECT_EQ(http_.requests.size(), 8u);
}

TEST_F(DeliveryTest, ARunEndsInTime) {
  http_.answers.push_back(Error(429, "x", R"(,"parameters":{"retry_after":20})"));
  http_.answers.push_back(Error(429, "x", R"(,"parameters":{"retry_after":20})"));
  EXPECT_EQ(DeliverNow().postponed, 1);
  EXPECT_LE(slept_, absl::Seconds(30));
}

TEST_F(DeliveryTest, WhatFollowsAMessageThatWaitsWaitsToo) {
  QueueOnly({"1"}, {{.html = "first"}, {.html = "second"}});
  http_.answers = {Error(429, "x", R"(,"parameters":{"retry_after":3600})")};
  EXPECT_EQ(DeliverNow().postponed, 2);
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.fields[1].at("text"), "first");
}

TEST_F(DeliveryTest, WhatMayHaveArrivedIsSentAgainByTheNextRunAlone) {
  http_.answers = {absl::UnknownError("timeout")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 1);
  EXPECT_EQ(summary.postponed, 1);
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_NE(summary.problems[0].find("may not have arrived"), std::string::npos);
  EXPECT_EQ(Queued(outbox_).reports[0].deliveries[0].parts[0].state, PartState::kUnconfirmed);
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.requests.size(), 3u);
}

TEST_F(DeliveryTest, WhatMayHaveArrivedIsNeverSentAgainIfOnceIsTheMost) {
  http_.answers = {absl::UnknownError("timeout")};
  EXPECT_EQ(DeliverNow(Guarantee::kAtMostOnce).failed, 1);
  EXPECT_TRUE(Queued(outbox_).reports.empty());
  EXPECT_EQ(http_.requests.size(), 2u);
}

TEST_F(DeliveryTest, AServerThatFailsIsAskedOnceMore) {
  http_.answers = {Error(500, "x")};
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.requests.size(), 3u);
  Queue("second", {"1"});
  http_.answers = {Error(500, "x"), Error(500, "x")};
  EXPECT_EQ(DeliverNow().postponed, 1);
  EXPECT_EQ(http_.requests.size(), 5u);
}

TEST_F(DeliveryTest, AServerThatFailsIsNotAskedAgainIfOnceIsTheMost) {
  http_.answers = {Error(500, "x")};
  EXPECT_EQ(DeliverNow(Guarantee::kAtMostOnce).failed, 1);
  EXPECT_EQ(http_.requests.size(), 2u);
}

TEST_F(DeliveryTest, AnUnconfirmedMessageDoesNotKeepTheNextOneBack) {
  QueueOnly({"1"}, {{.html = "first"}, {.html = "second"}});
  http_.answers = {absl::UnknownError("timeout")};
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.fields[1].at("text"), "second");
  EXPECT_EQ(http_.fields[2].at("text"), "first");
}

TEST_F(DeliveryTest, AChatThatRefusesIsGivenUpAndNotAskedAgainInTheSameRun) {
  Queue("second", {"1", "2"});
  http_.answers = {Error(403, "Forbidden: bot was blocked by the user")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.failed, 2);
  EXPECT_EQ(summary.sent, 2);
  EXPECT_EQ(http_.requests, (Strings{"sendMessage 1", "sendMessage 2", "sendMessage 2"}));
  EXPECT_TRUE(Queued(outbox_).reports.empty());
}

TEST_F(DeliveryTest, ABotThatIsRefusedStopsTheRunAndKeepsEverything) {
  http_.answers = {Error(401, "Unauthorized")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_TRUE(summary.bot_refused);
  EXPECT_EQ(summary.postponed, 2);
  EXPECT_EQ(http_.requests.size(), 1u);
  EXPECT_EQ(Queued(outbox_).reports.size(), 1u);
}

TEST_F(DeliveryTest, AGroupThatMigratedIsFollowedAndRemembered) {
  QueueOnly({"-5"});
  http_.answers = {Error(400, "x", R"(,"parameters":{"migrate_to_chat_id":-1005})")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 1);
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_NE(summary.problems[0].find("chat -5 has become -1005"), std::string::npos);
  EXPECT_EQ(outbox_.LoadState()->ChatNow("-5"), "-1005");
  Queue("next", {"-5"});
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.requests, (Strings{"sendMessage -5", "sendMessage -1005", "sendMessage -1005"}));
}

TEST_F(DeliveryTest, GroupsThatSendItFromOneToTheOtherAreNotFollowedForEver) {
  QueueOnly({"-5"});
  for (int i = 0; i < 20; ++i) {
    http_.answers.push_back(Error(400, "x", R"(,"parameters":{"migrate_to_chat_id":-6})"));
    http_.answers.push_back(Error(400, "x", R"(,"parameters":{"migrate_to_chat_id":-5})"));
  }
  EXPECT_EQ(DeliverNow().failed, 1);
  EXPECT_EQ(http_.requests.size(), 2u);
}

TEST_F(DeliveryTest, HtmlThatIsNotUnderstoodIsSentAsTextOnce) {
  QueueOnly({"1"}, {{.html = "<b>a&lt;b</b>"}});
  http_.answers = {Error(400, "Bad Request: can't parse entities: x")};
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.fields[1].at("text"), "a<b");
  EXPECT_FALSE(http_.fields[1].contains("parse_mode"));
}

TEST_F(DeliveryTest, APhotoThatIsRefusedComesAsADocumentAndThenAsText) {
  QueueOnly({"1"}, {{.form = PartForm::kPhoto, .html = "caption", .texts = {"text", "more text"}}});
  http_.answers = {Error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
                   Error(400, "Bad Request: DOCUMENT_INVALID")};
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.requests,
            (Strings{"sendPhoto 1", "sendDocument 1", "sendMessage 1", "sendMessage 1"}));
}

TEST_F(DeliveryTest, ATextThatIsTooLongComesInPieces) {
  QueueOnly({"1"}, {{.html = "one\ntwo"}});
  http_.answers = {Error(400, "Bad Request: message is too long")};
  EXPECT_EQ(DeliverNow().sent, 2);
  EXPECT_EQ(http_.fields[1].at("text"), "one");
  EXPECT_EQ(http_.fields[2].at("text"), "two");
}

TEST_F(DeliveryTest, ARefusalOfOneLineEnds) {
  QueueOnly({"1"}, {{.html = "one"}});
  for (int i = 0; i < 20; ++i) http_.answers.push_back(Error(400, "Bad Request: text is too long"));
  EXPECT_EQ(DeliverNow().failed, 1);
  EXPECT_EQ(http_.requests.size(), 1u);
}

// The machine was off, or its clock was wrong when the report was queued.
TEST_F(DeliveryTest, WhatHasExpiredIsTriedOnceMore) {
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

TEST_F(DeliveryTest, WhatHasExpiredIsNotGivenUpUntriedWhenTheRunHasNoTimeLeft) {
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
TEST_F(DeliveryTest, WhatHasExpiredIsGivenUpWhenTheBotIsRefused) {
  Queue("second", {"1"});
  now_ += absl::Hours(100);
  http_.answers = {Error(401, "Unauthorized")};
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.failed, 3);
  EXPECT_EQ(summary.postponed, 3) << "notices";
  EXPECT_EQ(http_.requests.size(), 1u);
}

TEST_F(DeliveryTest, AReportFromTheFutureIsAsOldAsTheRunThatFindsIt) {
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
TEST_F(DeliveryTest, AClockThatIsSetWhileARunDeliversDoesNotEndIt) {
  http_.on_request = [this] { clock_error_ += absl::Hours(24 * 365); };
  EXPECT_EQ(DeliverNow().sent, 2);
}

TEST_F(DeliveryTest, WhatHasExpiredBecomesANoticeThatExpiresInSilence) {
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
TEST_F(DeliveryTest, AChatThatHangsStarvesNobody) {
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

TEST_F(DeliveryTest, TheTimeOfARunIsSharedByWhatWaits) {
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

TEST_F(DeliveryTest, AFileThatCannotBeReadKeepsNoOtherBack) {
  dir_.Write("outbox/newer.pb", "\x08\x04");
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 2);
  EXPECT_EQ(summary.postponed, 1);
  EXPECT_NE(summary.problems[0].find("newer.pb"), std::string::npos);
}

TEST_F(DeliveryTest, AMemoryThatIsDamagedKeepsNothingBack) {
  dir_.Write("outbox/memory", "garbage");
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 2);
  EXPECT_TRUE(summary.has_damage);
  EXPECT_NE(summary.problems[0].find("memory.damaged"), std::string::npos);
  Queue("next", {"1"});
  EXPECT_FALSE(DeliverNow().has_damage);
}

TEST_F(DeliveryTest, BesideAMemoryOfANewerVersionNothingIsSent) {
  const std::string path = dir_.Write("outbox/memory", "\x08\x04");
  BotApi api(http_, "https://example.org", Secret("1:x"));
  const absl::Status status = Deliver(outbox_, api,
                                      {.clock = [this] { return now_; },
                                       .stopwatch = [] { return absl::ZeroDuration(); },
                                       .sleep = nullptr})
                                  .status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(http_.requests.empty());
  EXPECT_EQ(acct::testing::ReadFile(path), "\x08\x04");
}

TEST_F(DeliveryTest, ADamagedReportIsSetAsideAndTheOthersAreSent) {
  dir_.Write("outbox/broken.pb", "garbage");
  const DeliverySummary summary = DeliverNow();
  EXPECT_EQ(summary.sent, 2);
  EXPECT_TRUE(summary.has_damage);
  EXPECT_NE(summary.problems[0].find("broken.pb.damaged"), std::string::npos);
  EXPECT_FALSE(DeliverNow().has_damage);
}

TEST_F(DeliveryTest, AnOutboxThatCannotBeWrittenSendsNothing) {
  ASSERT_EQ(std::system(("rm -r " + dir_.Path("outbox")).c_str()), 0);
  dir_.Write("outbox", "a file where the directory should be");
  BotApi api(http_, "https://example.org", Secret("1:x"));
  EXPECT_FALSE(Deliver(outbox_, api,
                       {.clock = [this] { return now_; },
                        .stopwatch = [] { return absl::ZeroDuration(); },
                        .sleep = nullptr})
                   .ok());
  EXPECT_TRUE(http_.requests.empty());
}

}  // namespace
}  // namespace cpuagg::notify
