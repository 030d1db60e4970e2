#include "tools/config.h"

#include <sys/stat.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

using acct::testing::TempDir;

constexpr char kToken[] = "123456789:AAE-secret-secret-secret-secret";

class ConfigTest : public ::testing::Test {
 protected:
  Config Load(const std::string& content, mode_t mode = 0600) {
    const std::string path = dir_.Write("config", content);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    absl::StatusOr<Config> config = Config::Load(path, Environment(), warnings_);
    EXPECT_TRUE(config.ok()) << config.status();
    return *std::move(config);
  }

  cpuagg::tools::Environment Environment() {
    return [this](const char* name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
  }

  TempDir dir_;
  std::map<std::string, std::string> environment_;
  std::vector<std::string> warnings_;
};

TEST_F(ConfigTest, TheEnvironmentBeatsTheFile) {
  environment_["STORE"] = "/from/environment";
  const Config config = Load("STORE=/from/file\nHOST_NAME=lab01\n");
  EXPECT_EQ(config.Get("STORE"), "/from/environment");
  EXPECT_EQ(config.Get("HOST_NAME"), "lab01");
  EXPECT_EQ(config.Get("PROXY"), std::nullopt);
  EXPECT_EQ(config.GetOr("PROXY", "none"), "none");
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(ConfigTest, AnUnknownKeyIsAWarningWithTheNearestKnownOne) {
  Load("CHATID=1\n");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("unknown key CHATID; did you mean CHAT_ID?"), std::string::npos)
      << warnings_[0];
}

TEST_F(ConfigTest, KeysOfTheOtherProtocolAreOneNotice) {
  Load("API_ID=1\nAPI_HASH=x\n");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("API_ID and API_HASH"), std::string::npos);
}

TEST_F(ConfigTest, AFileThatIsNamedMustBeThere) {
  EXPECT_EQ(Config::Load(dir_.Path("none"), Environment(), warnings_).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ConfigTest, TheTokenComesFromTheFirstPlaceThatHasIt) {
  environment_["CREDENTIALS_DIRECTORY"] = dir_.path();
  dir_.Write("bot_token", "1:credential\n");
  ASSERT_EQ(chmod(dir_.Path("bot_token").c_str(), 0400), 0);
  EXPECT_EQ(Load("").BotToken()->Reveal(), "1:credential");

  dir_.Write("token", "1:token-file\n");
  ASSERT_EQ(chmod(dir_.Path("token").c_str(), 0400), 0);
  const std::string token_file = "BOT_TOKEN_FILE=" + dir_.Path("token") + "\n";
  EXPECT_EQ(Load(token_file).BotToken()->Reveal(), "1:token-file");
  EXPECT_EQ(Load(token_file + "BOT_TOKEN=1:file\n").BotToken()->Reveal(), "1:file");
  environment_["BOT_TOKEN"] = "1:environment";
  EXPECT_EQ(Load(token_file + "BOT_TOKEN=1:file\n").BotToken()->Reveal(), "1:environment");
}

TEST_F(ConfigTest, NoTokenSaysWhereToPutIt) {
  const absl::Status status = Load("").BotToken().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("BOT_TOKEN"), std::string::npos);
}

TEST_F(ConfigTest, ATokenThatEverybodyCanReadIsRefusedWithTheCommandThatMendsIt) {
  const std::string in_file = std::string("BOT_TOKEN=") + kToken + "\n";
  EXPECT_TRUE(Load(in_file, 0640).BotToken().ok());
  const absl::Status config_open = Load(in_file, 0644).BotToken().status();
  EXPECT_EQ(config_open.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(config_open.message().find("chmod o= " + dir_.Path("config")), std::string::npos);

  dir_.Write("token", kToken);
  ASSERT_EQ(chmod(dir_.Path("token").c_str(), 0644), 0);
  const absl::Status token_open =
      Load("BOT_TOKEN_FILE=" + dir_.Path("token") + "\n").BotToken().status();
  EXPECT_NE(token_open.message().find("chmod o= " + dir_.Path("token")), std::string::npos);
}

TEST_F(ConfigTest, WhatCannotBeATokenIsRefusedWithoutShowingIt) {
  for (const char* value : {"SECRET", "1:SEC RET", "1:SEC/RET", "1:SECRET?x", "\"1:SECRET\n2\""}) {
    environment_["BOT_TOKEN"] = value;
    const absl::Status status = Load("").BotToken().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << value;
    EXPECT_EQ(status.message().find("SEC"), std::string::npos) << status;
  }
}

TEST(ParseYesNoTest, KnowsBothAndNamesTheKeyOtherwise) {
  EXPECT_TRUE(*ParseYesNo("K", "Yes"));
  EXPECT_FALSE(*ParseYesNo("K", "off"));
  EXPECT_NE(ParseYesNo("KEY", "maybe").status().message().find("KEY"), std::string::npos);
}

TEST(SplitListTest, DropsBlanksAndEmptyEntries) {
  EXPECT_EQ(SplitList(" a, b ,,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(SplitList(" , ").empty());
}

}  // namespace
}  // namespace cpuagg::tools
