// How `cpuagg setup` handles the configuration, tokens and chats. Needs root and mounts; otherwise
// prints that and skips.

#include <sys/stat.h>
#include <sys/xattr.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/fault.h"
#include "tools/testing/process.h"
#include "tools/testing/setting_up.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Finished;
using testing::RunProgram;

class SetupSettingsCliTest : public testing::SetupTest {};

TEST_F(SetupSettingsCliTest, HalfOfABotIsAnErrorBeforeAnythingIsChanged) {
  BotSees(1, -1001234567890, "supergroup", "Lab news");
  const Finished no_chat = RunSetup({api_, absl::StrCat("BOT_TOKEN=", kToken)});
  EXPECT_EQ(no_chat.exit_code, 1);
  EXPECT_TRUE(Has(no_chat.out, "Lab news  supergroup  -1001234567890\n")) << no_chat.out;
  EXPECT_TRUE(Has(no_chat.err, "there is a token and no chat: give CHAT_ID")) << no_chat.err;
  const Finished no_token = RunSetup({api_, "CHAT_ID=42"});
  EXPECT_EQ(no_token.exit_code, 1);
  EXPECT_TRUE(Has(no_token.err, "CHAT_ID is set and there is no token: give BOT_TOKEN"))
      << no_token.err;
  const std::string token = absl::StrCat("BOT_TOKEN=", kToken);
  for (const Strings& wrong :
       {Strings{api_, token, "CHAT_ID=lab news"}, Strings{api_, "BOT_TOKEN=none", "CHAT_ID=42"},
        Strings{"CPUAGG_TELEGRAM_API_URL=ftp://x", token, "CHAT_ID=42"}}) {
    const Finished malformed = RunSetup(wrong);
    EXPECT_EQ(malformed.exit_code, 2) << malformed.out << malformed.err;
  }
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg"));
  EXPECT_FALSE(AccountingIsOn());
}

TEST_F(SetupSettingsCliTest, ATokenThatIsRefusedIsNamedByWhereItIsFrom) {
  const Finished run =
      RunSetup({api_, "BOT_TOKEN=123456789:AAE-this-is-none-of-any-bot", "CHAT_ID=42"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "check the bot token, which is from BOT_TOKEN in the environment, and"))
      << run.err;
  EXPECT_FALSE(Has(run.err, "outbox")) << run.err;
}

TEST_F(SetupSettingsCliTest, TheSettingsOfTheAdminStayAndTheTokenAmongThemMoves) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  std::ofstream(kConfiguration) << "# The lab's.\nBOT_TOKEN=" << kToken
                                << "  # of Alice\nCHAT_ID = 42\n#KEEP=400d\n"
                                << api_.substr(7) << "\n";
  EXPECT_EQ(chmod(kConfiguration, 0644), 0);
  const Finished run = RunSetupWell({"CPUAGG_KEEP=2y", "CPUAGG_HOST_NAME=lab #1"});
  EXPECT_EQ(
      ReadFile(kConfiguration),
      absl::StrCat(
          "# The lab's.\n# The bot's token is in /etc/cpuagg/bot_token. # of Alice\nCHAT_ID = "
          "42\n#KEEP=400d\nKEEP=2y\n",
          api_.substr(7), "\nHOST_NAME='lab #1'\n"));
  EXPECT_EQ(Owner(kConfiguration), "root:cpuagg 640");
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_TRUE(Has(run.out, "BOT_TOKEN goes from /etc/cpuagg/cpuagg.env")) << run.out;
  EXPECT_TRUE(Has(run.out, "every user of this machine could read that token")) << run.out;
  // By hand it works like the service, without the token in any other place.
  const Finished send = RunProgram({.argv = {"/usr/bin/cpuagg", "send", "--test"}});
  EXPECT_EQ(send.exit_code, 0) << send.err;
}

TEST_F(SetupSettingsCliTest, OwnerAndModeOfTheConfigurationStayAsTheAdminHasChosenThem) {
  InstallUnits();
  ASSERT_EQ(RunSetup({}).exit_code, 0);
  const std::string readable = "root:cpuagg 440";
  const struct {
    const char* owner;
    mode_t mode;
    std::string expected;
  } cases[] = {{"root:root", 0600, "root:root 600"},
               {"root:staff", 0640, "root:staff 640"},
               {"root:root", 0440, "root:root 440"},
               {"root:cpuagg", 0440, readable}};
  for (const auto& c : cases) {
    // The first value changes something, the second does not.
    for (const char* keep : {"CPUAGG_KEEP=2y", "CPUAGG_KEEP=400d"}) {
      WriteConfiguration("KEEP=400d\n");
      EXPECT_EQ(RunProgram({.argv = {"/bin/chown", c.owner, kConfiguration}}).exit_code, 0);
      EXPECT_EQ(chmod(kConfiguration, c.mode), 0);
      const Finished run = RunSetup({keep});
      EXPECT_EQ(Owner(kConfiguration), c.expected);
      EXPECT_EQ(ReadFile(kConfiguration), absl::StrCat(std::string(keep).substr(7), "\n"));
      const bool is_said = Has(run.err,
                               "not done: /etc/cpuagg/cpuagg.env: the services, which run as "
                               "cpuagg, cannot read it");
      EXPECT_EQ(is_said, c.expected != readable) << run.err;
      EXPECT_EQ(run.exit_code, is_said ? 1 : 0) << run.out << run.err;
      EXPECT_EQ(Has(run.err, "chown root:cpuagg /etc/cpuagg/cpuagg.env && chmod 0640"), is_said);
    }
  }
  // As an editor leaves it, unless dpkg-statoverride has an entry for it.
  for (const bool is_chosen : {true, false}) {
    machine_->PretendProgram("/usr/bin/dpkg-statoverride", is_chosen ? "exit 0\n" : "exit 1\n");
    std::filesystem::remove(kConfiguration);
    WriteConfiguration("KEEP=400d\n");
    EXPECT_EQ(chmod(kConfiguration, 0640), 0);
    const Finished run = RunSetup({});
    EXPECT_EQ(Owner(kConfiguration), is_chosen ? "root:root 640" : "root:cpuagg 640");
    EXPECT_EQ(Has(run.err, "run dpkg-statoverride --remove /etc/cpuagg/cpuagg.env && chown"),
              is_chosen)
        << run.err;
  }
}

TEST_F(SetupSettingsCliTest, TheAccessListOfTheConfigurationStays) {
  InstallUnits();
  WriteConfiguration("KEEP=400d\n");
  // user::rw-, user:1234:r--, group::---, mask::r--, other::---, in the format of
  // linux/posix_acl_xattr.h.
  const auto entry = [](uint16_t tag, uint16_t power, uint32_t id) {
    std::string bytes;
    for (const uint32_t part : {uint32_t{tag}, uint32_t{power}, id & 0xffff, id >> 16}) {
      bytes.push_back(static_cast<char>(part & 0xff));
      bytes.push_back(static_cast<char>(part >> 8));
    }
    return bytes;
  };
  constexpr uint32_t kNobody = 0xffffffff;
  const std::string list = std::string("\x02\0\0\0", 4) + entry(1, 6, kNobody) + entry(2, 4, 1234) +
                           entry(4, 0, kNobody) + entry(0x10, 4, kNobody) + entry(0x20, 0, kNobody);
  if (setxattr(kConfiguration, "system.posix_acl_access", list.data(), list.size(), 0) != 0) {
    GTEST_SKIP() << "no access lists here";
  }
  RunSetup({"CPUAGG_KEEP=2y"});
  EXPECT_EQ(ReadFile(kConfiguration), "KEEP=2y\n");
  std::string found(256, '\0');
  const ssize_t size =
      getxattr(kConfiguration, "system.posix_acl_access", found.data(), found.size());
  ASSERT_GE(size, 0);
  EXPECT_EQ(found.substr(0, static_cast<size_t>(size)), list);
}

TEST_F(SetupSettingsCliTest, AConfigurationThatWouldBeTooLargeIsNotWritten) {
  InstallUnits();
  const std::string full = "#" + std::string((1 << 20) - 6, 'x') + "\n";
  WriteConfiguration(full);
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "/etc/cpuagg/cpuagg.env: would be larger than 1 MiB with CHAT_ID, "))
      << run.err;
  EXPECT_EQ(ReadFile(kConfiguration), full);
  EXPECT_EQ(ReadFile(kTokenFile), "");
  EXPECT_FALSE(Has(machine_->Calls(), "cpuagg-collect"));
  WriteConfiguration("#" + full.substr(200));
  EXPECT_EQ(RunSetup(WithBot()).exit_code, 0);
}

TEST_F(SetupSettingsCliTest, ALinkIsFollowedAndOneThatLeadsNowhereIsNotReplaced) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  for (const char* path : {kTokenFile, kConfiguration}) {
    std::filesystem::remove(path);
    std::filesystem::create_symlink("/var/lib/keys/file", path);
    const Finished run = RunSetup(WithBot());
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_TRUE(Has(run.err, absl::StrCat(path,
                                          ": is a link to /var/lib/keys/file, which is not "
                                          "there: mount or make what it leads to")))
        << run.err;
    EXPECT_TRUE(std::filesystem::is_symlink(path));
    std::filesystem::create_directories("/var/lib/keys");
    std::ofstream("/var/lib/keys/file") << "";
    EXPECT_EQ(chmod("/var/lib/keys/file", 0600), 0);
    EXPECT_EQ(RunSetup(WithBot()).exit_code, std::string(path) == kTokenFile ? 0 : 1);
    EXPECT_NE(ReadFile("/var/lib/keys/file"), "");
    EXPECT_TRUE(std::filesystem::is_symlink(path));
    std::filesystem::remove_all("/var/lib/keys");
    std::filesystem::remove(path);
  }
}

TEST_F(SetupSettingsCliTest, AnotherTokenIsKeptBesideTheOneThatReplacesIt) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  const std::string old = "987654321:BBE-this-was-the-secret-of-the-old";
  std::ofstream(kTokenFile) << old << "\n";
  const Finished run = RunSetupWell(WithBot());
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_EQ(ReadFile("/etc/cpuagg/bot_token.old"), old + "\n");
  EXPECT_EQ(Owner("/etc/cpuagg/bot_token.old"), "root:root 600");
  EXPECT_FALSE(Has(run.out + run.err, old));
}

TEST_F(SetupSettingsCliTest, EachTokenOfTheConfigurationIsKeptAndSoAreTheWordsBesideIt) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  const std::string old = "987654321:BBE-this-was-the-secret-of-the-old";
  std::ofstream(kConfiguration) << "BOT_TOKEN=" << old << "\nBOT_TOKEN=" << old.substr(0, 39)
                                << "  # Anna's bot, ask her\n";
  const Finished run = RunSetupWell(WithBot());
  EXPECT_EQ(ReadFile("/etc/cpuagg/bot_token.old"),
            absl::StrCat(old, "\n", old.substr(0, 39), "\n"));
  EXPECT_TRUE(Has(ReadFile(kConfiguration), "# Anna's bot, ask her\n"));
  EXPECT_FALSE(Has(run.out + run.err, old.substr(0, 39)));
}

TEST_F(SetupSettingsCliTest, ATokenThatTheServerRefusesIsNotWrittenDown) {
  InstallUnits();
  const std::string wrong = "123456789:AAE-this-is-none-of-any-bot-there-is";
  const Finished run = RunSetup({api_, "BOT_TOKEN=" + wrong, "CHAT_ID=42"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "the bot cannot be used: HTTP status 401")) << run.err;
  EXPECT_FALSE(Has(run.out + run.err, wrong));
  EXPECT_EQ(ReadFile(kTokenFile), "");
}

TEST_F(SetupSettingsCliTest, AChatThatTakesNothingIsSaidWithTheFixAndTheRestIsDone) {
  InstallUnits();
  server_->Enqueue(
      {.action = notify::testing::Error(400, "Bad Request: chat not found"), .only_chat = "42"});
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err,
                  "chat 42: HTTP status 400: Bad Request: chat not found; let the person "
                  "write to the bot first"))
      << run.err;
  EXPECT_TRUE(Has(run.err, "not done: not every chat was greeted")) << run.err;
  EXPECT_TRUE(Has(machine_->Calls(), kEnable));
}

}  // namespace
}  // namespace cpuagg::tools
