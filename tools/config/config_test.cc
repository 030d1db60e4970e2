#include "tools/config/config.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/telegram/secret.h"
#include "tools/config/config_keys.h"

namespace cpuagg::tools {
namespace {

using acct::testing::TempDir;

constexpr char kToken[] = "123456789:AAE-secret-secret-secret-secret";

class ConfigTest : public ::testing::Test {
 protected:
  Config Load(const std::string& content, mode_t mode = 0600) {
    const std::string path = dir_.Write("config", content);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    absl::StatusOr<Config> config = Config::Load(Source(path), warnings_);
    EXPECT_TRUE(config.ok()) << config.status();
    return *std::move(config);
  }

  // The error for this content.
  std::string Refused(const std::string& content) {
    const std::string path = dir_.Write("config", content);
    const absl::Status status = Config::Load(Source(path), warnings_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  }

  ConfigSource Source(const std::string& path) {
    variables_.clear();
    for (const auto& [name, value] : environment_) variables_.push_back(name + "=" + value);
    pointers_.clear();
    for (const std::string& variable : variables_) pointers_.push_back(variable.c_str());
    pointers_.push_back(nullptr);
    return {.path = path, .environment = pointers_.data(), .with_token = with_token_};
  }

  TempDir dir_;
  std::map<std::string, std::string> environment_;
  bool with_token_ = true;
  std::vector<std::string> warnings_;

 private:
  std::vector<std::string> variables_;
  std::vector<const char*> pointers_;
};

TEST_F(ConfigTest, TheEnvironmentBeatsTheFile) {
  environment_["CPUAGG_STORE"] = "/from/environment";
  const Config config = Load("STORE=/from/file\nHOST_NAME=lab01\n");
  EXPECT_EQ(config.Get("STORE"), "/from/environment");
  EXPECT_EQ(config.Get("HOST_NAME"), "lab01");
  EXPECT_EQ(config.Get("PROXY"), std::nullopt);
  EXPECT_EQ(config.GetOr("PROXY", "none"), "none");
  EXPECT_TRUE(warnings_.empty());
}

// In a crontab, KEEP=7 may mean anything.
TEST_F(ConfigTest, WithoutThePrefixOnlyWhatContainersSetCounts) {
  environment_ = {{"KEEP", "7"},
                  {"STORE", "/x"},
                  {"PROXY", "x"},
                  {"BOT_TOKEN", "1:x"},
                  {"CHAT_ID", "42"},
                  {"BOT_TOKEN_FILE", "/token"},
                  {"CPUAGG_KEEP_HOURS", "7"}};
  const Config config = Load("HOST_NAME=lab01\n");
  for (const char* key : {"KEEP", "STORE", "PROXY"})
    EXPECT_EQ(config.Get(key), std::nullopt) << key;
  EXPECT_EQ(config.Get("CHAT_ID"), "42");
  EXPECT_EQ(config.Get("BOT_TOKEN_FILE"), "/token");
  EXPECT_EQ(config.Get("KEEP_HOURS"), "7");
  EXPECT_EQ(config.BotToken()->Reveal(), "1:x");
  EXPECT_TRUE(warnings_.empty());
  environment_["CPUAGG_CHAT_ID"] = "43";
  EXPECT_EQ(Load("").Get("CHAT_ID"), "43");
}

TEST_F(ConfigTest, AnEmptyPlainVariableIsNotSetAndOneWithThePrefixIs) {
  environment_ = {{"CHAT_ID", "\"\""}, {"BOT_TOKEN_FILE", ""}, {"CPUAGG_PROXY", ""}};
  const Config config = Load("CHAT_ID=42\nPROXY=http://proxy\n");
  EXPECT_EQ(config.Get("CHAT_ID"), "42");
  EXPECT_EQ(config.Get("PROXY"), "");
}

TEST_F(ConfigTest, VariablesThatCannotHaveBeenMeantForOthersAreOneNotice) {
  environment_ = {{"REPORT_PERIOD", "day"}, {"SEND_AS", "text"}, {"KEEP", "7"}};
  Load("");
  EXPECT_EQ(warnings_,
            std::vector<std::string>{"the environment: REPORT_PERIOD, SEND_AS: no effect "
                                     "without the prefix, as in CPUAGG_REPORT_PERIOD"});
}

TEST_F(ConfigTest, AnUnknownVariableWithThePrefixIsAWarning) {
  environment_["CPUAGG_KEPP"] = "7";
  Load("");
  EXPECT_EQ(warnings_,
            std::vector<std::string>{"the environment: unknown variable CPUAGG_KEPP; did "
                                     "you mean CPUAGG_KEEP?"});
}

// docker --env-file leaves both in the value.
TEST_F(ConfigTest, QuotesAndEndsOfLinesInTheEnvironmentAreNotOfTheValue) {
  environment_ = {{"CHAT_ID", "\"42, 43\""}, {"BOT_TOKEN", "'1:x'\r"}, {"CPUAGG_STORE", "/a\r"}};
  const Config config = Load("");
  EXPECT_EQ(config.Get("CHAT_ID"), "42, 43");
  EXPECT_EQ(config.Get("STORE"), "/a");
  EXPECT_EQ(config.BotToken()->Reveal(), "1:x");
}

TEST_F(ConfigTest, KeysOfAFileMayHaveThePrefix) {
  EXPECT_EQ(Load("CPUAGG_STORE=/x\n").Get("STORE"), "/x");
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(ConfigTest, AKeyThatIsSetTwiceIsAWarning) {
  EXPECT_EQ(Load("KEEP=7\nKEEP=8\n").Get("KEEP"), "8");
  EXPECT_EQ(warnings_,
            std::vector<std::string>{dir_.Path("config") +
                                     ": KEEP is set more than once; the last one is used"});
}

TEST_F(ConfigTest, AnErrorSaysWhereItsSettingIs) {
  environment_ = {{"CPUAGG_SEND_AS", "x"}, {"CHAT_ID", "x"}};
  const Config config = Load("DELIVERY=x\n");
  const auto told = [&](const char* message) {
    return std::string(config.WithOrigin(absl::InvalidArgumentError(message)).message());
  };
  EXPECT_EQ(told("SEND_AS: 'x' is wrong"), "CPUAGG_SEND_AS in the environment: 'x' is wrong");
  EXPECT_EQ(told("CHAT_ID: 'x'"), "CHAT_ID in the environment: 'x'");
  EXPECT_EQ(told("DELIVERY: 'x'"), "DELIVERY in " + dir_.Path("config") + ": 'x'");
  EXPECT_EQ(told("STORE: is nowhere set"), "STORE: is nowhere set");
  EXPECT_EQ(told("--period: 'x'"), "--period: 'x'");
}

TEST_F(ConfigTest, ATokenUnderAnotherKeyIsRefusedWithoutShowingIt) {
  const std::string says =
      ": holds what looks like a bot's token; that belongs under BOT_TOKEN alone";
  for (const std::string key : {"CHAT_ID", "BOT_TOKEN_FILE", "SEND_AS", "HOST_NAME", "STORE"}) {
    EXPECT_EQ(Refused(key + "=" + kToken), key + " in " + dir_.Path("config") + says);
  }
  EXPECT_EQ(Refused(std::string("TELEGRAM_API_URL=https://x.org/bot") + kToken + "/"),
            "TELEGRAM_API_URL in " + dir_.Path("config") + says);
  environment_["CPUAGG_SEND_AS"] = kToken;
  EXPECT_EQ(Refused(""), "CPUAGG_SEND_AS in the environment" + says);
}

TEST_F(ConfigTest, AProxysPasswordMayLookLikeAToken) {
  const std::string proxy = "http://12345:abcdefghijklmnopqrstuvwxyz@proxy";
  EXPECT_EQ(Load("PROXY=" + proxy).Get("PROXY"), proxy);
}

TEST_F(ConfigTest, WhoDoesNotNeedTheTokenDoesNotKeepIt) {
  with_token_ = false;
  const Config config = Load(std::string("BOT_TOKEN=") + kToken + "\nCHAT_ID=42\n");
  EXPECT_EQ(config.Get("BOT_TOKEN"), std::nullopt);
  EXPECT_EQ(config.Get("CHAT_ID"), "42");
}

TEST_F(ConfigTest, AnUnknownKeyIsAWarningWithTheNearestKnownOne) {
  Load("CHATID=1\n");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("unknown key CHATID; did you mean CHAT_ID?"), std::string::npos)
      << warnings_[0];
}

TEST_F(ConfigTest, AnUnknownKeyOfSeveralLinesIsOneWarning) {
  Load("A=1\nB=1\nA=2\n");
  ASSERT_EQ(warnings_.size(), 2u);
  EXPECT_TRUE(absl::EndsWith(warnings_[0], ": unknown key A")) << warnings_[0];
  EXPECT_TRUE(absl::EndsWith(warnings_[1], ": unknown key B")) << warnings_[1];
}

TEST_F(ConfigTest, OnlyAKeyThatIsReallyNearIsSuggested) {
  const std::pair<const char*, const char*> kCases[] = {{"CHATID", "CHAT_ID"},
                                                        {"SEND_ASS", "SEND_AS"},
                                                        {"TELEGRAM_URL", "TELEGRAM_API_URL"},
                                                        {"hostname", "HOST_NAME"},
                                                        {"KEP", "KEEP"},
                                                        {"FOO", ""},
                                                        {"REPORT_TIME", ""},
                                                        {"TOKEN", ""},
                                                        {"ID", ""},
                                                        {"IGNORE_USERS", "IGNORED_USERS"}};
  for (const auto& [text, near] : kCases) EXPECT_EQ(ConfigKeyNear(text), near) << text;
  Load("FOO=1\n");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_TRUE(absl::EndsWith(warnings_[0], ": unknown key FOO")) << warnings_[0];
}

TEST_F(ConfigTest, KeysOfTheOtherProtocolAreOneNotice) {
  Load("API_ID=1\nAPI_HASH=x\n");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_NE(warnings_[0].find("API_ID and API_HASH"), std::string::npos);
}

TEST_F(ConfigTest, AFileThatIsNamedMustBeThere) {
  EXPECT_EQ(Config::Load(Source(dir_.Path("none")), warnings_).status().code(),
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
  environment_["BOT_TOKEN_FILE"] = dir_.Path("token");
  EXPECT_EQ(Load("BOT_TOKEN=1:file\n").BotToken()->Reveal(), "1:token-file");
  environment_["BOT_TOKEN"] = "1:environment";
  EXPECT_EQ(Load(token_file + "BOT_TOKEN=1:file\n").BotToken()->Reveal(), "1:environment");
}

class HostConfigTest : public ConfigTest {
 protected:
  HostConfigTest() {
    std::filesystem::create_directory(dir_.Path("etc"));
    std::filesystem::create_directory(dir_.Path("credentials"));
  }
  void Write(const std::string& name, const std::string& content) {
    EXPECT_EQ(chmod(dir_.Write(name, content).c_str(), 0600), 0);
  }
  // The token, or the error, with the host's configuration file or the one at `path`.
  std::string Token(const std::string& path = "") {
    ConfigSource source = Source(path);
    source.of_host_only = true;
    source.host_directory = dir_.Path("etc");
    const absl::StatusOr<Config> config = Config::Load(source, warnings_);
    EXPECT_TRUE(config.ok()) << config.status();
    const absl::StatusOr<notify::Secret> token = config->BotToken();
    EXPECT_EQ(config->HasBotToken(), token.ok());
    return token.ok() ? token->Reveal() : std::string(token.status().message());
  }
};

TEST_F(HostConfigTest, TheTokenOfTheHostIsTheLastPlaceAndNotThatOfOtherConfigurations) {
  Write("etc/bot_token", "1:host\n");
  EXPECT_EQ(Token(), "1:host");
  Write("etc/cpuagg.env", "CHAT_ID=42\n");
  EXPECT_EQ(Token(), "1:host");
  Write("config", "CHAT_ID=42\n");
  EXPECT_EQ(Token(dir_.Path("config")).find("there is no bot token"), 0u);
  environment_["CREDENTIALS_DIRECTORY"] = dir_.Path("credentials");
  EXPECT_EQ(Token(), "1:host");
  Write("credentials/bot_token", "1:credential\n");
  EXPECT_EQ(Token(), "1:credential");
  Write("etc/cpuagg.env", "BOT_TOKEN=1:file\n");
  EXPECT_EQ(Token(), "1:file");
}

TEST_F(HostConfigTest, AnEmptyCredentialCountsAsNone) {
  environment_["CREDENTIALS_DIRECTORY"] = dir_.Path("credentials");
  Write("etc/bot_token", "");
  for (const char* empty : {"", "\n", " \r\n"}) {
    Write("credentials/bot_token", empty);
    EXPECT_EQ(Token().find("there is no bot token"), 0u) << Token();
  }
  Write("etc/bot_token", "1:host");
  EXPECT_EQ(Token(), "1:host");
}

TEST_F(HostConfigTest, WhatTheEnvironmentSetsIsToldFromWhatTheFileDoes) {
  Write("etc/cpuagg.env", "STORE=/file\nKEEP=7d\n");
  environment_["CPUAGG_STORE"] = "/environment";
  environment_["CHAT_ID"] = "42";
  environment_["BOT_TOKEN"] = kToken;
  ConfigSource source = Source("");
  source.of_host_only = true;
  source.host_directory = dir_.Path("etc");
  const absl::StatusOr<Config> config = Config::Load(source, warnings_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->OfEnvironment(), (std::vector<std::pair<std::string, std::string>>{
                                         {"CHAT_ID", "42"}, {"STORE", "/environment"}}));
  EXPECT_EQ(config->InFileAlone("STORE"), "/file");
  EXPECT_EQ(config->InFileAlone("CHAT_ID"), std::nullopt);
  Write("etc/cpuagg.env", "STORE=/again\n");
  EXPECT_EQ(config->LoadAgain(warnings_)->InFileAlone("STORE"), "/again");
}

TEST_F(ConfigTest, NoTokenSaysWhereToPutIt) {
  const absl::Status status = Load("").BotToken().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message().find("there is no bot token in " + dir_.Path("config") +
                                  "; set BOT_TOKEN there or in the environment"),
            0u)
      << status;
  // systemd's directory may exist for other secrets.
  environment_["CREDENTIALS_DIRECTORY"] = dir_.path();
  EXPECT_EQ(Load("").BotToken().status(), status);
  EXPECT_EQ(Load("BOT_TOKEN_FILE=/none\n").BotToken().status().message(),
            "BOT_TOKEN_FILE in " + dir_.Path("config") +
                ": /none: cannot open: No such file or directory");
}

TEST_F(ConfigTest, AFileWithTheTokenThatOthersCanWriteIsRefused) {
  const std::string path = dir_.Write("token", kToken);
  ASSERT_EQ(chmod(path.c_str(), 0602), 0);
  const absl::Status status = Load("BOT_TOKEN_FILE=" + path + "\n").BotToken().status();
  EXPECT_NE(status.message().find("run chmod go-w " + path), std::string::npos) << status;
}

TEST_F(ConfigTest, AByteOrderMarkIsNotOfTheToken) {
  const std::string path = dir_.Write("token",
                                      "\xef\xbb\xbf"
                                      "1:x\r\n");
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(Load("BOT_TOKEN_FILE=" + path + "\n").BotToken()->Reveal(), "1:x");
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
