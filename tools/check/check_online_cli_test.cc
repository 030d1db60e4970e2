// `cpuagg check --online`, against a Bot API server on loopback: who is asked, and what is said.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;

class CheckOnlineCliTest : public testing::SendingTest {
 protected:
  // The findings of this id.
  std::vector<json> Find(const std::string& id, Strings flags = {"--online"}) {
    flags.push_back("--json");
    const Finished run = Run("check", flags);
    const json all = json::parse(run.out, nullptr, false);
    EXPECT_TRUE(all.is_object()) << run.out << run.err;
    std::vector<json> found;
    for (const json& finding : all.value("findings", json::array())) {
      if (finding["id"] == id) found.push_back(finding);
    }
    return found;
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
  EXPECT_TRUE(absl::StrContains(bot[0]["mends"][0].get<std::string>(), "BOT_TOKEN"));
}

TEST_F(CheckOnlineCliTest, AServerThatIsNotThereIsCritical) {
  url_ = "http://127.0.0.1:1";
  const std::vector<json> bot = Find("bot");
  ASSERT_EQ(bot.size(), 1u);
  EXPECT_EQ(bot[0]["level"], "critical");
}

TEST_F(CheckOnlineCliTest, TheTokenIsSaidToBeThereAndNeverShown) {
  const std::vector<json> token = Find("token");
  ASSERT_EQ(token.size(), 1u);
  EXPECT_EQ(token[0]["level"], "ok");
  EXPECT_TRUE(
      absl::StartsWith(token[0]["text"].get<std::string>(), "well-formed, from BOT_TOKEN in "));
  // What is malformed is not shown either.
  token_ = "a secret that is no token";
  const Finished run = Run("check");
  ExpectNowhere(token_, run);
  EXPECT_TRUE(absl::StrContains(run.out, "bot token: ")) << run.out;
}

}  // namespace
}  // namespace cpuagg::tools
