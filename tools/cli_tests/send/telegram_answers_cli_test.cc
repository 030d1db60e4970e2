// The built binary against everything that a Bot API server may answer: behaviours B1 to B14 of
// docs/telegram_behaviours.md. What the server received, what the outbox holds, the exit code, and
// that the token is nowhere (SendingTest looks for it after every run).

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using notify::testing::BadGatewayPage;
using notify::testing::Error;
using notify::testing::HttpReply;
using notify::testing::Migrated;
using notify::testing::TooManyRequests;
using testing::Finished;

class TelegramAnswersTest : public testing::SendingTest {
 protected:
  TelegramAnswersTest() { chats_ = "42"; }
};

TEST_F(TelegramAnswersTest, B01SuccessIsRecordedAndTheReportIsGone) {
  const Finished run = Run("run", {"--verbose"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("1 sent, 0 postponed, 0 failed"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(TelegramAnswersTest, B02AShortWaitIsWaitedForAndThenTwoRequestsWereMade) {
  server_->Enqueue({TooManyRequests(2)});
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_GE(absl::Now() - begin, absl::Seconds(2));
  EXPECT_EQ(Requests(), 2u);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
}

TEST_F(TelegramAnswersTest, B03ALongWaitIsLeftToTheNextRun) {
  server_->Enqueue({TooManyRequests(3600)});
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_EQ(Requests(), 1u);
  EXPECT_EQ(Waiting(), 1);
  const Finished status = Run("send", {"--status"});
  EXPECT_EQ(status.exit_code, 0);
  EXPECT_NE(
      status.out.find("42                    1/1 photo    pending     1 attempt: HTTP status 429"),
      std::string::npos)
      << status.out;
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
  EXPECT_EQ(Run("send", {"--status"}).out, "Nothing is waiting to be sent.\n");
}

TEST_F(TelegramAnswersTest, B04EndlessWaitsEnd) {
  for (int i = 0; i < 50; ++i) server_->Enqueue({TooManyRequests(0)});
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_LE(Requests(), 5u);
  EXPECT_EQ(Waiting(), 1);
}

TEST_F(TelegramAnswersTest, B05AMigratedGroupIsFollowedAndRememberedByLaterRuns) {
  chats_ = "-4242";
  server_->Enqueue({Migrated(-1001234567890)});
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("chat -4242 has become -1001234567890; write that into CHAT_ID"),
            std::string::npos)
      << run.err;
  EXPECT_EQ(Run("send").exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto -1001234567890", "sendPhoto -1001234567890"}));
  EXPECT_EQ(Requests(), 3u) << "the second run knows";
}

TEST_F(TelegramAnswersTest, B06HtmlThatIsRefusedComesOnceAsText) {
  server_->Enqueue({Error(400, "Bad Request: can't parse entities: Unsupported start tag")});
  EXPECT_EQ(Run("run").exit_code, 0);
  ASSERT_EQ(Requests(), 2u);
  const FakeBotApi::Received plain = server_->received()[1];
  EXPECT_FALSE(plain.fields.contains("parse_mode"));
  EXPECT_TRUE(absl::StartsWith(plain.visible_text, "lab<01> · CPU by user\n"))
      << plain.visible_text;
}

TEST_F(TelegramAnswersTest, B07WhatIsTooLongComesInSmallerParts) {
  server_->Enqueue({Error(400, "Bad Request: message caption is too long")});
  server_->Enqueue({Error(400, "Bad Request: message caption is too long")});
  EXPECT_EQ(Run("run").exit_code, 0);
  std::string seen;
  for (const FakeBotApi::Received& request : server_->received()) {
    if (request.message_id != 0) absl::StrAppend(&seen, request.visible_text, "\n");
  }
  for (const char* line : {"lab<01> · CPU by user\n", "bob     ", "dave     ", "carolinelongname ",
                           "Left out: 7 users", "lab-01-"}) {
    EXPECT_NE(seen.find(line), std::string::npos) << line << " is not in\n" << seen;
  }
}

TEST_F(TelegramAnswersTest, B08ATopicThatIsGoneIsLeftOut) {
  chats_ = "-1001234567890/7";
  server_->Enqueue({Error(400, "Bad Request: message thread not found")});
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto -1001234567890"}));
  EXPECT_FALSE(server_->received()[1].fields.contains("message_thread_id"));
}

TEST_F(TelegramAnswersTest, B09AChatThatBlockedTheBotDoesNotKeepOthersFromTheirReport) {
  chats_ = "42,@lab_news";
  server_->Enqueue({Error(403, "Forbidden: bot was blocked by the user")});
  EXPECT_EQ(Run("run").exit_code, 1);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto @lab_news"}));
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(TelegramAnswersTest, B10ARefusedTokenStopsTheRun) {
  chats_ = "42,@lab_news";
  server_->Enqueue({Error(401, "Unauthorized")});
  EXPECT_EQ(Run("run").exit_code, 1);
  EXPECT_EQ(Requests(), 1u);
  EXPECT_EQ(Waiting(), 1);
}

TEST_F(TelegramAnswersTest, B11AWrongAddressIsNamedWithoutTheToken) {
  server_->Enqueue({Error(404, "Not Found")});
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("cannot send to " + url_ + ": check the bot token"), std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("TELEGRAM_API_URL"), std::string::npos);
}

TEST_F(TelegramAnswersTest, B12AServerThatFailsIsAskedAgainAFewTimesAtMost) {
  for (int i = 0; i < 20; ++i) server_->Enqueue({Error(500, "Internal Server Error")});
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_LE(Requests(), 4u);
  EXPECT_NE(Run("send", {"--status"}).out.find("unconfirmed"), std::string::npos);
}

TEST_F(TelegramAnswersTest, B13APageThatEchoesTheTokenReachesNoLog) {
  for (int i = 0; i < 2; ++i) {
    server_->Enqueue({BadGatewayPage(url_ + "/bot" + kToken + "/sendPhoto")});
  }
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 75);
  EXPECT_NE(run.err.find("HTTP status 502"), std::string::npos) << run.err;
  Run("send", {"--status"});
}

TEST_F(TelegramAnswersTest, B14AnAnswerThatIsNoneIsNoSuccess) {
  ASSERT_EQ(Run("collect").exit_code, 0);
  for (const char* body : {"<html>ok</html>", R"({"ok":false})", R"({"ok":true,"result":{"mess)"}) {
    server_->Enqueue({HttpReply{.status_code = 200, .body = body}});
    EXPECT_EQ(Run("send").exit_code, 75) << body;
  }
  EXPECT_TRUE(Delivered().size() == 2u) << "each run sends again what the one before could not";
  EXPECT_EQ(Waiting(), 1);
}

// A program that recurses into values would run out of stack here.
TEST_F(TelegramAnswersTest, B14AnAnswerOfAnyDepthIsOneThatIsNone) {
  const auto repeated = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  ASSERT_EQ(Run("collect").exit_code, 0);
  for (const std::string& body :
       {absl::StrCat(R"({"ok":true,"result":)", repeated(R"({"a":)", 53'000)),
        absl::StrCat(R"({"ok":true,"result":)", repeated(R"({"a":)", 53'000), "1",
                     repeated("}", 53'001)),
        absl::StrCat(R"({"ok":true,"result":)", std::string(105'000, '[')),
        absl::StrCat(R"({"ok":true,"result":)", std::string(105'000, '['),
                     std::string(105'000, ']'), "}"),
        absl::StrCat(R"({"ok":false,"error_code":400,"parameters":)", repeated(R"({"a":)", 53'000),
                     "1", repeated("}", 53'001)),
        std::string(1'000'000, '[')}) {
    const bool is_queued = Waiting() > 0;
    server_->Enqueue({HttpReply{.status_code = 200, .body = body}});
    EXPECT_EQ(Run("send", is_queued ? Strings{"--pending"} : Strings{}).exit_code, 75);
    for (const int status : {200, 502}) {
      server_->Enqueue({HttpReply{.status_code = status, .body = body}});
      EXPECT_EQ(Run("send", {"--test"}).exit_code, 1);
    }
  }
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
  EXPECT_EQ(Waiting(), 0);
}

}  // namespace
}  // namespace cpuagg::tools
