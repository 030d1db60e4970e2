#include "notify/outbox/delivery.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/outbox/delivery_fixture.h"
#include "notify/outbox/outbox.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

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

TEST_F(DeliveryTest, WhatMayHaveArrivedIsReportedOnceIfOnceBecomesTheMost) {
  QueueOnly({"1", "2"});
  http_.answers = {absl::UnknownError("timeout"), absl::UnavailableError("refused"),
                   absl::UnavailableError("refused"), absl::UnavailableError("refused"),
                   absl::UnavailableError("refused")};
  EXPECT_EQ(DeliverNow().postponed, 2);
  http_.answers = {absl::UnavailableError("refused"), absl::UnavailableError("refused"),
                   absl::UnavailableError("refused"), absl::UnavailableError("refused")};
  const DeliverySummary summary = DeliverNow(Guarantee::kAtMostOnce);
  EXPECT_EQ(summary.failed, 1);
  ASSERT_EQ(summary.problems.size(), 2u);
  EXPECT_EQ(summary.problems[0],
            "report only to chat 1: may not have arrived, and is not sent again: timeout");
  const DeliverySummary last = DeliverNow(Guarantee::kAtMostOnce);
  EXPECT_EQ(last.failed, 0);
  EXPECT_EQ(last.sent, 1);
  EXPECT_TRUE(Queued(outbox_).reports.empty());
}

// The run that sent it wrote so before, and nothing afterwards.
TEST_F(DeliveryTest, WhatAKilledRunSentIsNeverSentAgainIfOnceIsTheMost) {
  QueueOnly({"1"}, {{.html = "first", .state = PartState::kSending}, {.html = "second"}});
  const DeliverySummary summary = DeliverNow(Guarantee::kAtMostOnce);
  EXPECT_EQ(summary.failed, 1);
  EXPECT_EQ(summary.sent, 1);
  ASSERT_EQ(http_.requests.size(), 1u);
  EXPECT_EQ(http_.fields[0].at("text"), "second");
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_EQ(summary.problems[0],
            "report only to chat 1, message 1/2: may not have arrived, and is not sent again: the "
            "run that sent it was killed");
}

// A crash kept the run that queued the alert from writing that down.
TEST_F(DeliveryTest, WhatAnAlertHasToldIsKnownWhenTheAlertIsGone) {
  const std::vector<AlertMark> marks = {
      {.uid = 5, .user = "u", .period = "day", .begin = 7, .limit_ticks = 8},
      {.uid = 6, .user = "v", .period = "day", .begin = 7, .limit_ticks = 8}};
  ASSERT_TRUE(outbox_.SaveState({.last_reported_run = 17, .alerts = {marks[0]}}).ok());
  QueueOnly({"1"});
  QueuedReport alert = Queued(outbox_).reports.at(0);
  alert.alerts = marks;
  ASSERT_TRUE(outbox_.Save(alert).ok());
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_TRUE(Queued(outbox_).reports.empty());
  EXPECT_EQ(outbox_.LoadState()->alerts, marks);
  EXPECT_EQ(outbox_.LoadState()->last_reported_run, 17u);
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

TEST_F(DeliveryTest, AChatThatHasRefusedIsRememberedUntilItTakesAMessage) {
  http_.answers = {Error(403, "Forbidden: bot was blocked by the user")};
  EXPECT_EQ(DeliverNow().failed, 1);
  const OutboxState state = *outbox_.LoadState();
  ASSERT_EQ(state.refusals.size(), 1u);
  EXPECT_EQ(state.refusals[0].chat_id, "1");
  EXPECT_EQ(state.refusals[0].at, now_);
  EXPECT_NE(state.refusals[0].reason.find("blocked by the user"), std::string::npos);
  // It refuses again, and other chats take theirs.
  Queue("second", {"2", "1"});
  http_.answers = {Sent(), Error(403, "Forbidden: bot was kicked")};
  EXPECT_EQ(DeliverNow().failed, 1);
  ASSERT_EQ(outbox_.LoadState()->refusals.size(), 1u);
  EXPECT_NE(outbox_.LoadState()->refusals[0].reason.find("kicked"), std::string::npos);
  Queue("third", {"1"});
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_TRUE(outbox_.LoadState()->refusals.empty());
}

TEST_F(DeliveryTest, EachRefusalForGoodIsRememberedAndHasAdvice) {
  EXPECT_EQ(DeliverNow().sent, 2);
  for (const HttpResponse& refusal :
       {Error(413, "Request Entity Too Large"), Error(400, "Bad Request: something new"),
        Error(400, "Bad Request: can't parse entities: x"),
        Error(400, "Bad Request: text is too long"),
        Error(400, "Bad Request: message thread not found"), Error(409, "Conflict")}) {
    Queue("refused", {"1"}, {{.html = "one", .is_plain = true}});
    http_.answers = {refusal};
    const DeliverySummary summary = DeliverNow();
    EXPECT_EQ(summary.failed, 1) << refusal.body;
    ASSERT_EQ(summary.problems.size(), 1u);
    EXPECT_NE(summary.problems[0].find("cpuagg send --test"), std::string::npos)
        << summary.problems[0];
    EXPECT_EQ(outbox_.LoadState()->refusals.size(), 1u) << refusal.body;
    Queue("taken", {"1"});
    http_.answers = {};
    EXPECT_EQ(DeliverNow().sent, 1);
    EXPECT_TRUE(outbox_.LoadState()->refusals.empty());
  }
}

TEST_F(DeliveryTest, AMessageAfterARefusedOneIsNotAReport) {
  QueueOnly({"1"}, {{.html = "one"}, {.html = "two"}});
  http_.answers = {Error(413, "Request Entity Too Large"), Sent()};
  EXPECT_EQ(DeliverNow().failed, 1);
  EXPECT_EQ(outbox_.LoadState()->refusals.size(), 1u);
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

TEST_F(DeliveryTest, AnotherFormOfAMessageIsTriedAsOftenAsTheFirst) {
  QueueOnly({"1"}, {{.form = PartForm::kPhoto, .html = "caption"}});
  http_.answers = {Error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), Error(429, "x"),
                   Error(429, "x"), Error(429, "x")};
  EXPECT_EQ(DeliverNow().sent, 1);
  EXPECT_EQ(http_.requests, (Strings{"sendPhoto 1", "sendDocument 1", "sendDocument 1",
                                     "sendDocument 1", "sendDocument 1"}));
  EXPECT_EQ(slept_, absl::Seconds(1 + 2 + 4));
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
