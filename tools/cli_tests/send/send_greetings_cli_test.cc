// The built binary, `cpuagg send --test`, against a Bot API server on loopback.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/api_reply.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using notify::testing::Error;
using notify::testing::Migrated;
using notify::testing::SuccessReply;
using notify::testing::TooManyRequests;
using testing::Finished;

class GreetingsCliTest : public testing::SendingTest {};

TEST_F(GreetingsCliTest, TestGreetsEveryChatAndSaysWhoTheyAre) {
  const Finished run = Run("send", {"--test"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "bot @fake_cpuagg_bot at " + url_ +
                         "\nchat 42 (private Reader): greeted\n"
                         "chat @lab_news (channel Channel lab_news): greeted\n");
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42", "sendMessage @lab_news"}));
  EXPECT_EQ(server_->received()[2].visible_text, "lab<01> · cpuagg reaches this chat");
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(GreetingsCliTest, TestSaysWhatIsToBeMended) {
  chats_ = "42, -777, 43";
  const Finished run = Run("send", {"--test"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.out.find("chat 42 (private"), std::string::npos);
  EXPECT_NE(run.err.find("chat -777: HTTP status 400: Bad Request: chat not found; add the bot to "
                         "this chat"),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("chat 43: HTTP status 400: Bad Request: chat not found; let the person "
                         "write to the bot first"),
            std::string::npos)
      << run.err;

  StartServer("987654321:AAE-another-token-than-the-one-we-have");
  const Finished refused = Run("send", {"--test"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("check the bot token, which is from BOT_TOKEN in "), std::string::npos)
      << refused.err;
  // Names the actual origin, not the possible ones.
  token_.clear();
  environment_ = {std::string("BOT_TOKEN=") + kToken};
  const Finished of_environment = Run("send", {"--test"});
  EXPECT_NE(of_environment.err.find("which is from BOT_TOKEN in the environment, and "),
            std::string::npos)
      << of_environment.err;
  server_.reset();
  const Finished gone = Run("send", {"--test"});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_NE(gone.err.find("check the network"), std::string::npos) << gone.err;
}

// The group that CHAT_ID names is a supergroup now.
TEST_F(GreetingsCliTest, AGroupThatHasAnotherIdIsGreetedThereAndTheIdTold) {
  chats_ = "-4242";
  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  server_->Enqueue({SuccessReply({{"title", "Lab"}, {"type", "group"}})});
  server_->Enqueue({Migrated(-1001234567890)});
  const Finished run = Run("send", {"--test"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(absl::StrContains(run.out,
                                "\nchat -4242 has become -1001234567890; write that into CHAT_ID\n"
                                "chat -1001234567890 (supergroup "))
      << run.out;
  EXPECT_EQ(Delivered(), Strings{"sendMessage -1001234567890"});
}

TEST_F(GreetingsCliTest, AGroupThatGoesRoundIsNotFollowedForEver) {
  chats_ = "-4242";
  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  for (int i = 0; i < 4; ++i) server_->Enqueue({Migrated(-4242)});
  EXPECT_EQ(Run("send", {"--test"}).exit_code, 1);
  EXPECT_EQ(Requests(), 3u);
}

TEST_F(GreetingsCliTest, AServerThatAsksToWaitIsWaitedForAsByADelivery) {
  chats_ = "42";
  server_->Enqueue({TooManyRequests(1)});
  EXPECT_EQ(Run("send", {"--test"}).exit_code, 0);
  EXPECT_EQ(Requests(), 4u);

  server_->Enqueue({TooManyRequests(3600)});
  const Finished bot = Run("send", {"--test"});
  EXPECT_EQ(bot.exit_code, 75);
  EXPECT_TRUE(absl::StrContains(bot.err, "the bot cannot be reached: HTTP status 429")) << bot.err;
  EXPECT_EQ(Requests(), 5u);

  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  server_->Enqueue({TooManyRequests(3600)});
  const Finished chat = Run("send", {"--test"});
  EXPECT_EQ(chat.exit_code, 75);
  EXPECT_TRUE(absl::StrContains(chat.err, "chat 42: HTTP status 429")) << chat.err;
  EXPECT_TRUE(absl::StrContains(chat.err, "; try again then\n")) << chat.err;
}

// Before the greeting, the server is asked for the chat.
TEST_F(GreetingsCliTest, AQuestionThatFailsIsNotTakenForAGreeting) {
  chats_ = "42";
  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  server_->Enqueue({Error(500, "Internal Server Error")});
  const Finished question = Run("send", {"--test"});
  EXPECT_EQ(question.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(question.err, "and nothing was sent to it; try again later\n"))
      << question.err;
  EXPECT_EQ(Delivered(), Strings());

  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  server_->Enqueue({SuccessReply({{"type", "private"}, {"first_name", "Reader"}})});
  server_->Enqueue({Error(500, "Internal Server Error")});
  const Finished greeting = Run("send", {"--test"});
  EXPECT_TRUE(absl::StrContains(greeting.err, "look in the chat to see whether it arrived"))
      << greeting.err;
}

TEST_F(GreetingsCliTest, AServerThatIsSilentTakesNoLongerThanARunMay) {
  more_ = "SEND_WITHIN=1s\n";
  server_->Enqueue({notify::testing::NeverReply{}});
  const Finished run = Run("send", {"--test"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.err, "the bot cannot be reached: ")) << run.err;
}

// The first topic is called General, every forum has it, and its address is that of the forum
// itself.
TEST_F(GreetingsCliTest, TheFirstTopicIsTheChatItselfToTestAndSend) {
  chats_ = "-1001234567890/1";
  const Finished test = Run("send", {"--test"});
  EXPECT_EQ(test.exit_code, 0) << test.err;
  EXPECT_EQ(test.err, "");
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(Delivered(), (Strings{"sendMessage -1001234567890", "sendPhoto -1001234567890"}));
}

TEST_F(GreetingsCliTest, NamesThatHoldTheTokenAreShownWithoutIt) {
  chats_ = "42";
  const std::string secret = std::string(kToken).substr(std::string(kToken).find(':') + 1);
  server_->Enqueue({SuccessReply({{"username", "a" + secret}})});
  server_->Enqueue(
      {SuccessReply({{"type", "123456789%3A" + secret}, {"title", "123456789&#58;" + secret}})});
  const Finished run = Run("send", {"--test"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            absl::StrCat("bot @a<token> at ", url_, "\nchat 42 (<token> <token>): greeted\n"));
  ExpectNowhere(secret, run);
}

}  // namespace
}  // namespace cpuagg::tools
