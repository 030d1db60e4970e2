// `cpuagg check --online` with a Bot API server on loopback: its requests and its output.

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/bot_api/api_reply.h"
#include "notify/testing/bot_api/fault.h"
#include "tools/cli_tests/check/finding.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using notify::testing::Error;
using notify::testing::SuccessReply;
using testing::Finished;

class CheckOnlineCliTest : public testing::SendingTest {
 protected:
  // The findings with this id.
  std::vector<json> Find(const std::string& id, Strings flags = {"--online"}) {
    flags.push_back("--json");
    return FindingsOf(Run("check", std::move(flags)), id);
  }
};

TEST_F(CheckOnlineCliTest, NobodyIsAskedUnlessThatIsAskedFor) {
  const std::vector<json> bot = Find("bot", {});
  ASSERT_EQ(bot.size(), 1u);
  EXPECT_EQ(bot[0]["level"], "note");
  EXPECT_EQ(Requests(), 0u);
}

TEST_F(CheckOnlineCliTest, TheBotAndEachChatAreAskedForAndNothingIsSent) {
  const std::vector<json> chats = Find("chat");
  ASSERT_EQ(chats.size(), 2u);
  for (const json& chat : chats) EXPECT_EQ(chat["level"], "ok") << chat;
  ASSERT_EQ(Requests(), 3u);
  EXPECT_EQ(server_->received()[0].method, "getMe");
  EXPECT_EQ(server_->received()[1].method, "getChat");
  EXPECT_EQ(server_->received()[2].method, "getChat");
}

TEST_F(CheckOnlineCliTest, AChatThatIsNotThereIsCriticalAndTheOthersAreAskedAllTheSame) {
  chats_ = "42, 777";
  const std::vector<json> chats = Find("chat");
  ASSERT_EQ(chats.size(), 2u);
  EXPECT_EQ(chats[0]["level"], "ok");
  EXPECT_EQ(chats[1]["level"], "critical");
  EXPECT_EQ(chats[1]["subject"], "chat 777");
  EXPECT_FALSE(chats[1]["mends"].empty());
}

TEST_F(CheckOnlineCliTest, ATokenThatIsRefusedIsCritical) {
  StartServer("987654321:another-token-of-another-bot-000000");
  const std::vector<json> bot = Find("bot");
  ASSERT_EQ(bot.size(), 1u);
  EXPECT_EQ(bot[0]["level"], "critical");
  EXPECT_TRUE(absl::StrContains(bot[0]["mends"][0].get<std::string>(),
                                "which is from BOT_TOKEN in " + dir_.Path("cpuagg.env") + ","))
      << bot[0];
}

TEST_F(CheckOnlineCliTest, ATokenThatIsRefusedIsNamedByThePlaceThatItCameFrom) {
  StartServer("987654321:another-token-of-another-bot-000000");
  token_ = "";
  environment_ = {std::string("BOT_TOKEN=") + kToken};
  const auto mend = [&] { return Find("bot").at(0)["mends"][0].get<std::string>(); };
  EXPECT_TRUE(absl::StrContains(mend(), "which is from BOT_TOKEN in the environment,")) << mend();
  const std::string file = dir_.Write("token", kToken);
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  environment_ = {"BOT_TOKEN_FILE=" + file};
  EXPECT_TRUE(absl::StrContains(mend(), "which is from " + file + ",")) << mend();
  ASSERT_EQ(unlink(file.c_str()), 0);
}

TEST_F(CheckOnlineCliTest, TheMendOfAMigratedChatChangesNoOtherChat) {
  chats_ = "-421,-42";
  server_->Enqueue({.action = notify::testing::Migrated(-1009999), .only_chat = "-42"});
  const std::vector<json> chats = Find("chat");
  ASSERT_EQ(chats.size(), 2u);
  EXPECT_EQ(chats[1]["text"], "has become -1009999, where reports go now");
  ASSERT_EQ(chats[1]["commands"].size(), 1u) << chats[1];
  testing::RunProgram({.argv = {"/bin/sh", "-c", chats[1]["commands"][0].get<std::string>()}});
  EXPECT_TRUE(absl::StrContains(acct::testing::ReadFile(dir_.Path("cpuagg.env")),
                                "\nCHAT_ID=-421,-1009999\n"));
}

TEST_F(CheckOnlineCliTest, AServerThatIsNotThereIsCritical) {
  url_ = "http://127.0.0.1:1";
  const std::vector<json> bot = Find("bot");
  ASSERT_EQ(bot.size(), 1u);
  EXPECT_EQ(bot[0]["level"], "critical");
}

// Asking for a chat sends nothing.
TEST_F(CheckOnlineCliTest, AQuestionThatFailsDoesNotAdviseToLookForAMessage) {
  chats_ = "42";
  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  server_->Enqueue({Error(500, "Internal Server Error")});
  const json failed = Find("chat").at(0);
  EXPECT_TRUE(absl::StrContains(failed["mends"].dump(), "nothing was sent to it")) << failed;
  server_->Enqueue({SuccessReply({{"username", "lab_bot"}})});
  server_->Enqueue({Error(400, "Bad Request: something new")});
  const json refused = Find("chat").at(0);
  EXPECT_TRUE(absl::StrContains(refused["mends"].dump(), "check the id in CHAT_ID")) << refused;
}

TEST_F(CheckOnlineCliTest, ATokenThatIsMuchTooShortLooksCutOff) {
  token_ = "123456789:AAE";
  const json token = Find("token").at(0);
  EXPECT_EQ(token["level"], "warning");
  EXPECT_TRUE(absl::StrContains(token["text"].get<std::string>(),
                                ": the part after the colon has 3 characters, of usually 35"))
      << token;
  EXPECT_FALSE(absl::StrContains(token.dump(), "AAE")) << token;
}

TEST_F(CheckOnlineCliTest, TheTokenIsSaidToBeThereAndNeverShown) {
  const std::vector<json> token = Find("token");
  ASSERT_EQ(token.size(), 1u);
  EXPECT_EQ(token[0]["level"], "ok");
  EXPECT_TRUE(
      absl::StartsWith(token[0]["text"].get<std::string>(), "well-formed, from BOT_TOKEN in "));
  // A malformed token is not shown either.
  token_ = "a secret that is not a token";
  const Finished run = Run("check");
  ExpectNowhere(token_, run);
  EXPECT_TRUE(absl::StrContains(run.out, "bot token: ")) << run.out;
}

}  // namespace
}  // namespace cpuagg::tools
