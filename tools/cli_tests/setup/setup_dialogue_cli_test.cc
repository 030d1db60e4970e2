// `cpuagg setup` with a user at a terminal. Needs root and mounts; otherwise prints that and skips.

#include <signal.h>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fault.h"
#include "tools/testing/process.h"
#include "tools/testing/setting_up.h"
#include "tools/testing/terminal.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Finished;
using testing::TerminalProgram;

class SetupDialogueCliTest : public testing::SetupTest {};

TEST_F(SetupDialogueCliTest, AnAdminIsAskedTheTokenIsNotShownAndChatsAreChosenFromAList) {
  InstallUnits();
  TerminalProgram setup(Setup({api_}));
  ASSERT_TRUE(setup.Shows("It is off. Turn it on, now and for the next boots? [Y/n]"));
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("Turn it on at the next boots as well, by acct.service? [Y/n]"));
  setup.Type("y\n");
  ASSERT_TRUE(setup.Shows("Token of the bot (it is not shown"));
  EXPECT_FALSE(setup.Echoes());
  setup.Type("no token at all\n");
  ASSERT_TRUE(setup.Shows("what was typed: the bot token is malformed"));
  ASSERT_TRUE(setup.Shows("Token of the bot"));
  setup.Type("123456789:AAE-this-is-none-of-any-bot-there-is\n");
  ASSERT_TRUE(setup.Shows("the server rejects this token: http"));
  ASSERT_TRUE(setup.Shows("Token of the bot"));
  setup.Type(absl::StrCat(kToken, "\n"));
  ASSERT_TRUE(setup.Shows("the token belongs to @fake_cpuagg_bot"));
  ASSERT_TRUE(setup.Shows("The bot has not seen any chats recently."));
  ASSERT_TRUE(setup.Shows("Chats (numbers as 1,3"));
  EXPECT_TRUE(setup.Echoes());
  BotSees(1, -1001234567890, "supergroup", "Lab news");
  BotSees(2, -77, "group", "basement");
  BotSees(3, 4242424, "private", "Alice");
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("1  Alice     private     4242424\r\n"));
  ASSERT_TRUE(setup.Shows("2  basement  group       -77\r\n"));
  ASSERT_TRUE(setup.Shows("Chats (numbers as 1,3"));
  setup.Type("no chat\n");
  ASSERT_TRUE(setup.Shows("Chats (numbers as 1,3"));
  setup.Type("1,3\n");
  ASSERT_TRUE(setup.Shows("reports go to 4242424,-1001234567890"));
  ASSERT_TRUE(setup.Shows("Enable cpuagg-collect.timer"));
  setup.Type("y\n");
  const Finished run = setup.Wait();
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_FALSE(Has(run.out, "AAE-this-is"));
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_TRUE(Has(ReadFile(kConfiguration), "CHAT_ID=4242424,-1001234567890\n"));
  EXPECT_EQ(Greeted(), (Strings{"4242424", "-1001234567890"}));
  // Updates were not confirmed, so that another program of the bot does not miss them.
  for (const FakeBotApi::Received& request : server_->received()) {
    EXPECT_EQ(request.fields.count("offset"), 0u);
  }
}

TEST_F(SetupDialogueCliTest, ABotThatAnotherProgramServesHasItsChatsTyped) {
  InstallUnits();
  TerminalProgram setup(Setup({api_, absl::StrCat("BOT_TOKEN=", kToken)}));
  ASSERT_TRUE(setup.Shows("Turn it on"));
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("next boots as well"));
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("Chats (numbers"));
  server_->Enqueue({notify::testing::Error(
      409, "Conflict: can't use getUpdates method while webhook is active")});
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("another program gets what is written to this bot"));
  ASSERT_TRUE(setup.Shows("Chats (numbers"));
  setup.Type("@lab_news\n");
  ASSERT_TRUE(setup.Shows("reports go to @lab_news"));
  ASSERT_TRUE(setup.Shows("Enable "));
  setup.Type("n\n");
  setup.Wait();
  EXPECT_FALSE(Has(machine_->Calls(), "enable --now"));
}

TEST_F(SetupDialogueCliTest, AShortIdIsTakenForOneWhereNoListHasIt) {
  InstallUnits();
  TerminalProgram setup(Setup({api_, absl::StrCat("BOT_TOKEN=", kToken)}));
  ASSERT_TRUE(setup.Shows("Turn it on"));
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("next boots as well"));
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("The bot has not seen any chats recently."));
  ASSERT_TRUE(setup.Shows("Chats (numbers"));
  setup.Type("42\n");
  ASSERT_TRUE(setup.Shows("42: there is no list to choose from; taken as the id of a chat"));
  ASSERT_TRUE(setup.Shows("reports go to 42"));
  ASSERT_TRUE(setup.Shows("Enable "));
  setup.Type("\n");
  EXPECT_EQ(setup.Wait().exit_code, 0);
  EXPECT_TRUE(Has(ReadFile(kConfiguration), "CHAT_ID=42\n"));
  EXPECT_EQ(Greeted(), (Strings{"42"}));
}

TEST_F(SetupDialogueCliTest, AnInterruptionGivesTheTerminalBackAndSetupGoesOnLater) {
  InstallUnits();
  for (const bool is_key : {true, false}) {
    TerminalProgram setup(Setup({api_}));
    if (is_key) {
      ASSERT_TRUE(setup.Shows("Turn it on"));
      setup.Type("\n");
      ASSERT_TRUE(setup.Shows("next boots as well"));
      setup.Type("\n");
    }
    ASSERT_TRUE(setup.Shows("Token of the bot"));
    EXPECT_FALSE(setup.Echoes());
    setup.Type(is_key ? "123456\x03" : "\x1c");  // Ctrl-C, and Ctrl-backslash
    ASSERT_TRUE(setup.Shows("interrupted; steps marked with ✔ are done and stay"));
    EXPECT_TRUE(setup.Echoes());
    const Finished run = setup.Wait();
    EXPECT_EQ(run.signal, is_key ? SIGINT : SIGQUIT);
    EXPECT_FALSE(Has(run.out, "123456"));
    EXPECT_TRUE(AccountingIsOn());
  }
  RunSetupWell(WithBot());
}

TEST_F(SetupDialogueCliTest, ATerminalThatGoesAwayIsNoAnswer) {
  TerminalProgram setup(Setup({api_}));
  ASSERT_TRUE(setup.Shows("Turn it on"));
  setup.Type("\x04");
  const Finished run = setup.Wait();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.out, "there is no answer")) << run.out;
  EXPECT_FALSE(AccountingIsOn());
}

}  // namespace
}  // namespace cpuagg::tools
