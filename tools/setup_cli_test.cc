// `cpuagg setup` on a machine of its own: with nobody to ask, and with somebody at a terminal.
// Needs root and mounts; says so and is skipped otherwise.

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/fake_bot_api.h"
#include "notify/testing/fault.h"
#include "tools/testing/accounting.h"
#include "tools/testing/own_machine.h"
#include "tools/testing/process.h"
#include "tools/testing/terminal.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using notify::testing::FakeBotApi;
using testing::Accton;
using testing::Finished;
using testing::OwnMachine;
using testing::Program;
using testing::RunProgram;
using testing::TerminalProgram;

using Strings = std::vector<std::string>;

constexpr char kToken[] = "123456789:AAE-this-is-the-secret-of-the-bot";
constexpr char kConfiguration[] = "/etc/cpuagg/cpuagg.env";
constexpr char kTokenFile[] = "/etc/cpuagg/bot_token";
constexpr char kPacct[] = "/var/log/account/pacct";
constexpr char kEnable[] =
    "systemctl enable --now cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer\n";

bool Has(const std::string& text, const std::string& words) {
  return absl::StrContains(text, words);
}

nlohmann::json Said(int id, int64_t chat, const char* type, const char* title) {
  return {{"update_id", id},
          {"message", {{"chat", {{"id", chat}, {"type", type}, {"title", title}}}}}};
}

class SetupCliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    machine_ = std::make_unique<OwnMachine>(dir_.Path("layers"));
    if (!machine_->problem().empty()) GTEST_SKIP() << machine_->problem();
    machine_->InstallProgram();
    std::filesystem::remove_all("/var/log/account");
    machine_->accounting().StartOutside();
    server_ = FakeBotApi::Start({.token = kToken}).value();
    machine_->accounting().StartInside();
    api_ = absl::StrCat("CPUAGG_TELEGRAM_API_URL=", server_->base_url());
    // What it is without accounting is asked of the kernel: a container may have none.
    const std::string probe = dir_.Write("pacct", "");
    if (Accton(probe).exit_code != 0) GTEST_SKIP() << "accounting is not to be had here";
    EXPECT_EQ(Accton("off").exit_code, 0);
  }
  // With units, and with systemd to run them.
  void InstallUnits() const {
    machine_->PretendSystemd();
    for (const char* name : {"collect", "report", "deliver"}) {
      machine_->InstallUnit(absl::StrCat("cpuagg-", name, ".timer"), "[Timer]\n");
      machine_->InstallUnit(absl::StrCat("cpuagg-", name, ".service"), "[Service]\n");
    }
  }
  static Program Setup(Strings environment, Strings flags = {}) {
    environment.emplace_back("TZ=UTC");
    flags.insert(flags.begin(), {"/usr/bin/cpuagg", "setup"});
    return {.argv = std::move(flags), .environment = std::move(environment)};
  }
  Finished RunSetup(Strings environment, Strings flags = {"--yes"}) const {
    Finished run = RunProgram(Setup(std::move(environment), std::move(flags)));
    EXPECT_FALSE(Has(run.out + run.err, kToken));
    return run;
  }
  Strings WithBot() const {
    return {api_, absl::StrCat("BOT_TOKEN=", kToken), "CHAT_ID=42,-1001234567890"};
  }
  // As `stat -c '%U:%G %a'` has it.
  static std::string Owner(const std::string& path) {
    const Finished run = RunProgram({.argv = {"/usr/bin/stat", "-c", "%U:%G %a", path}});
    return run.out.substr(0, run.out.find('\n'));
  }
  // Every file below /etc/cpuagg with its content, owner and number: another one is another file.
  static std::string Settings() {
    std::string text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("/etc/cpuagg")) {
      struct stat info = {};
      EXPECT_EQ(stat(entry.path().c_str(), &info), 0);
      absl::StrAppend(&text, entry.path().string(), " ", Owner(entry.path()), " ", info.st_ino,
                      "\n", ReadFile(entry.path()), "\n");
    }
    return text;
  }
  bool AccountingIsOn() const {
    const auto size = [] {
      std::error_code none;
      const auto bytes = std::filesystem::file_size(kPacct, none);
      return none ? 0 : bytes;
    };
    const auto before = size();
    RunProgram({.argv = {"/bin/true"}});
    return size() != before;
  }
  Strings Greeted() const {
    Strings chats;
    for (const FakeBotApi::Received& request : server_->received()) {
      if (request.message_id != 0) chats.push_back(request.fields.at("chat_id").value);
    }
    return chats;
  }

  acct::testing::TempDir dir_;
  const std::string layers_ = [this] {
    std::filesystem::create_directory(dir_.Path("layers"));
    return dir_.Path("layers");
  }();
  std::unique_ptr<OwnMachine> machine_;
  std::unique_ptr<FakeBotApi> server_;
  std::string api_;
};

TEST_F(SetupCliTest, WithYesAllOfItIsDoneAndASecondTimeNothingChanges) {
  InstallUnits();
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_EQ(Owner(kPacct), "root:adm 640");
  EXPECT_EQ(Owner("/var/lib/cpuagg"), "cpuagg:cpuagg 750");
  EXPECT_EQ(Owner(kConfiguration), "root:cpuagg 640");
  EXPECT_EQ(Owner(kTokenFile), "root:root 600");
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_EQ(ReadFile(kConfiguration),
            absl::StrCat("CHAT_ID=42,-1001234567890\n", api_.substr(7), "\n"));
  EXPECT_EQ(Greeted(), (Strings{"42", "-1001234567890"}));
  const std::string calls = machine_->Calls();
  EXPECT_TRUE(Has(calls, "systemctl enable acct.service\n")) << calls;
  EXPECT_TRUE(Has(calls, "systemctl start cpuagg-collect.service\n")) << calls;
  EXPECT_TRUE(Has(calls, kEnable)) << calls;
  EXPECT_FALSE(std::filesystem::is_empty("/var/lib/cpuagg/snapshots"));

  const std::string before = Settings();
  const Finished again = RunSetup(WithBot());
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_EQ(Settings(), before);
  EXPECT_EQ(Greeted().size(), 2u);
  const std::string more_calls = machine_->Calls();
  EXPECT_FALSE(Has(more_calls, "enable ")) << more_calls;
  EXPECT_FALSE(Has(more_calls, "restart")) << more_calls;
  for (const char* words : {"on already", "the user cpuagg is there", "nothing to change in",
                            "were greeted by an earlier setup", "enabled already"}) {
    EXPECT_TRUE(Has(again.out, words)) << words << "\n" << again.out;
  }
  // As the configuration says without the environment.
  const Finished configured = RunSetup({});
  EXPECT_EQ(configured.exit_code, 0) << configured.out << configured.err;
  EXPECT_EQ(Settings(), before);
}

TEST_F(SetupCliTest, WithoutTokenAndChatItCollectsAlone) {
  InstallUnits();
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_TRUE(Has(run.out, "cpuagg collects alone")) << run.out;
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_EQ(ReadFile(kTokenFile), "");
  EXPECT_EQ(Owner(kTokenFile), "root:root 600");
  EXPECT_TRUE(Has(machine_->Calls(), "systemctl enable --now cpuagg-collect.timer\n"));
}

TEST_F(SetupCliTest, HalfOfABotIsAnErrorBeforeAnythingIsChanged) {
  server_->AddUpdate(Said(1, -1001234567890, "supergroup", "Lab news"));
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

TEST_F(SetupCliTest, AnAdminIsAskedTheTokenIsNotShownAndChatsAreChosenFromAList) {
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
  ASSERT_TRUE(setup.Shows("that token is not good"));
  ASSERT_TRUE(setup.Shows("Token of the bot"));
  setup.Type(absl::StrCat(kToken, "\n"));
  ASSERT_TRUE(setup.Shows("the token is that of @fake_cpuagg_bot"));
  ASSERT_TRUE(setup.Shows("The bot has seen no chat of late."));
  ASSERT_TRUE(setup.Shows("Chats (numbers as 1,3"));
  EXPECT_TRUE(setup.Echoes());
  server_->AddUpdate(Said(1, -1001234567890, "supergroup", "Lab news"));
  server_->AddUpdate(Said(2, -77, "group", "basement"));
  server_->AddUpdate(Said(3, 4242424, "private", "Alice"));
  setup.Type("\n");
  ASSERT_TRUE(setup.Shows("1  Alice     private     4242424\r\n"));
  ASSERT_TRUE(setup.Shows("2  basement  group       -77\r\n"));
  ASSERT_TRUE(setup.Shows("Chats (numbers as 1,3"));
  setup.Type("7\n");
  ASSERT_TRUE(setup.Shows("7 is not in the list, which has 1 to 3"));
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
  // Nothing was confirmed that another program of the bot would miss.
  for (const FakeBotApi::Received& request : server_->received()) {
    EXPECT_EQ(request.fields.count("offset"), 0u);
  }
}

TEST_F(SetupCliTest, ABotThatAnotherProgramServesHasItsChatsTyped) {
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

TEST_F(SetupCliTest, AnInterruptionGivesTheTerminalBackAndSetupGoesOnLater) {
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
    ASSERT_TRUE(setup.Shows("interrupted; what is marked with ✔ is done and stays"));
    EXPECT_TRUE(setup.Echoes());
    const Finished run = setup.Wait();
    EXPECT_EQ(run.signal, is_key ? SIGINT : SIGQUIT);
    EXPECT_FALSE(Has(run.out, "123456"));
    EXPECT_TRUE(AccountingIsOn());
  }
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST_F(SetupCliTest, ATerminalThatGoesAwayIsNoAnswer) {
  TerminalProgram setup(Setup({api_}));
  ASSERT_TRUE(setup.Shows("Turn it on"));
  setup.Type("\x04");
  const Finished run = setup.Wait();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.out, "there is no answer")) << run.out;
  EXPECT_FALSE(AccountingIsOn());
}

TEST_F(SetupCliTest, NobodyIsAskedWithoutATerminalOrWithoutRoot) {
  const Finished run = RunSetup({}, {});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(Has(run.err, "--yes asks nothing")) << run.err;
  Program other = Setup({}, {"--yes"});
  other.user = 65534;
  const Finished refused = RunProgram(other);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(Has(refused.err, "run sudo cpuagg setup")) << refused.err;
  other = Setup({}, {"--dry-run"});
  other.user = 65534;
  const Finished dry = RunProgram(other);
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  for (const char* title :
       {"\nProcess accounting\n", "\nUser, store and token file\n", "\nBot and chats\n",
        "\nConfiguration\n", "\nGreeting\n", "\nFirst collect\n", "\nTimers\n"}) {
    EXPECT_TRUE(Has(dry.out, title)) << title << dry.out;
  }
  EXPECT_EQ(RunSetup({}, {"--dry-run", "--undo"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg"));
  EXPECT_FALSE(AccountingIsOn());
}

TEST_F(SetupCliTest, WhereAccountingIsNotToBeHadNothingIsChanged) {
  Program setup = Setup(WithBot(), {"--yes"});
  setup.argv.insert(setup.argv.begin(), {"/usr/bin/setpriv", "--bounding-set=-sys_pacct"});
  const Finished run = RunProgram(setup);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_TRUE(Has(run.err,
                  "accounting cannot be turned on from here: acct(2): Operation not "
                  "permitted"))
      << run.err;
  EXPECT_TRUE(Has(run.err, "Nothing was changed")) << run.err;
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg"));
  EXPECT_FALSE(std::filesystem::exists("/var/log/account"));
  EXPECT_EQ(machine_->Calls(), "");
}

TEST_F(SetupCliTest, ThePackageIsInstalledWhereAcctonIsMissing) {
  InstallUnits();
  std::filesystem::rename("/usr/sbin/accton", "/usr/sbin/accton.kept");
  machine_->PretendProgram("/usr/bin/apt-get", "cp /usr/sbin/accton.kept /usr/sbin/accton\n");
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_TRUE(Has(machine_->Calls(), "apt-get install -y acct\n"));
  EXPECT_TRUE(std::filesystem::exists("/usr/sbin/accton"));
  EXPECT_TRUE(AccountingIsOn());
}

TEST_F(SetupCliTest, WithoutThePackageAccountingIsOnNowAndTheNextBootIsSaidToBeWithout) {
  InstallUnits();
  for (const char* path : {"/usr/sbin/accton", "/lib/systemd/system/acct.service",
                           "/etc/init.d/acct", "/etc/cron.daily/acct"}) {
    std::filesystem::remove(path);
  }
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_TRUE(Has(run.out, "E: no package here") || Has(run.err, "E: no package here")) << run.err;
  EXPECT_TRUE(Has(run.out, "nothing rotates /var/log/account/pacct")) << run.out;
  EXPECT_TRUE(Has(run.err, "not done: nothing turns accounting on at the next boot")) << run.err;
  EXPECT_TRUE(AccountingIsOn());
}

TEST_F(SetupCliTest, TheSettingsOfTheAdminStayAndTheTokenAmongThemMoves) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  std::ofstream(kConfiguration) << "# The lab's.\nBOT_TOKEN=" << kToken
                                << "  # of Alice\nCHAT_ID = 42\n#KEEP=400d\n"
                                << api_.substr(7) << "\n";
  EXPECT_EQ(chmod(kConfiguration, 0644), 0);
  const Finished run = RunSetup({"CPUAGG_KEEP=2y", "CPUAGG_HOST_NAME=lab #1"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(
      ReadFile(kConfiguration),
      absl::StrCat(
          "# The lab's.\n# The bot's token is in /etc/cpuagg/bot_token. # of Alice\nCHAT_ID = "
          "42\n#KEEP=400d\nKEEP=2y\n",
          api_.substr(7), "\nHOST_NAME='lab #1'\n"));
  EXPECT_EQ(Owner(kConfiguration), "root:cpuagg 640");
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_TRUE(Has(run.out, "BOT_TOKEN has gone from /etc/cpuagg/cpuagg.env")) << run.out;
  EXPECT_TRUE(Has(run.out, "everybody on this machine could read that token")) << run.out;
  // By hand as the service does it, without a word of the token anywhere else.
  const Finished send = RunProgram({.argv = {"/usr/bin/cpuagg", "send", "--test"}});
  EXPECT_EQ(send.exit_code, 0) << send.err;
}

TEST_F(SetupCliTest, AnotherTokenIsKeptBesideTheOneThatReplacesIt) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  const std::string old = "987654321:BBE-this-was-the-secret-of-the-old";
  std::ofstream(kTokenFile) << old << "\n";
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_EQ(ReadFile("/etc/cpuagg/bot_token.old"), old + "\n");
  EXPECT_EQ(Owner("/etc/cpuagg/bot_token.old"), "root:root 600");
  EXPECT_FALSE(Has(run.out + run.err, old));
}

TEST_F(SetupCliTest, EachTokenOfTheConfigurationIsKeptAndSoAreTheWordsBesideIt) {
  InstallUnits();
  std::filesystem::create_directories("/etc/cpuagg");
  const std::string old = "987654321:BBE-this-was-the-secret-of-the-old";
  std::ofstream(kConfiguration) << "BOT_TOKEN=" << old << "\nBOT_TOKEN=" << old.substr(0, 39)
                                << "  # Anna's bot, ask her\n";
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(ReadFile("/etc/cpuagg/bot_token.old"),
            absl::StrCat(old, "\n", old.substr(0, 39), "\n"));
  EXPECT_TRUE(Has(ReadFile(kConfiguration), "# Anna's bot, ask her\n"));
  EXPECT_FALSE(Has(run.out + run.err, old.substr(0, 39)));
}

TEST_F(SetupCliTest, ATokenThatTheServerRefusesIsNotWrittenDown) {
  InstallUnits();
  const std::string wrong = "123456789:AAE-this-is-none-of-any-bot-there-is";
  const Finished run = RunSetup({api_, "BOT_TOKEN=" + wrong, "CHAT_ID=42"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "the bot cannot be used: HTTP status 401")) << run.err;
  EXPECT_FALSE(Has(run.out + run.err, wrong));
  EXPECT_EQ(ReadFile(kTokenFile), "");
}

TEST_F(SetupCliTest, AChatThatTakesNothingIsSaidWithTheFixAndTheRestIsDone) {
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

TEST_F(SetupCliTest, WithoutSystemdThereAreCronLinesInstead) {
  machine_->PretendProgram("/usr/sbin/cron", "");
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  const std::string lines = ReadFile("/etc/cron.d/cpuagg");
  EXPECT_TRUE(Has(lines, "\n*/15 * * * *  root  /usr/bin/cpuagg collect --quiet\n")) << lines;
  EXPECT_TRUE(Has(lines, "\n0 7 * * *  root  /usr/bin/cpuagg send --period last-day\n")) << lines;
  EXPECT_EQ(Owner("/etc/cron.d/cpuagg"), "root:root 644");
  EXPECT_FALSE(std::filesystem::is_empty("/var/lib/cpuagg/snapshots"));
  EXPECT_TRUE(Has(RunSetup(WithBot()).out, "/etc/cron.d/cpuagg is there"));
  // Where there are timers later, the lines go.
  InstallUnits();
  const Finished later = RunSetup(WithBot());
  EXPECT_EQ(later.exit_code, 0) << later.out << later.err;
  EXPECT_FALSE(std::filesystem::exists("/etc/cron.d/cpuagg"));
  EXPECT_TRUE(Has(machine_->Calls(), kEnable));
}

TEST_F(SetupCliTest, WhatACrontabOfTheAdminDoesIsNotDoneTwice) {
  InstallUnits();
  std::ofstream("/etc/crontab", std::ios::app)
      << "0 7 * * *  root  /usr/local/bin/cpuagg run --period last-day\n";
  const Finished run = RunSetup(WithBot());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_TRUE(Has(run.out, "/etc/crontab has a line that collects, which goes on")) << run.out;
  EXPECT_TRUE(Has(run.out, "/etc/crontab has a line that reports, which goes on")) << run.out;
  EXPECT_FALSE(Has(machine_->Calls(), "enable --now"));
}

TEST_F(SetupCliTest, AProgramThatOthersMayChangeIsNotRunByRootsCron) {
  machine_->PretendProgram("/usr/sbin/cron", "");
  EXPECT_EQ(chmod("/usr/bin/cpuagg", 0777), 0);
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(Has(run.err, "/usr/bin/cpuagg can be changed by others than root")) << run.err;
  EXPECT_FALSE(std::filesystem::exists("/etc/cron.d/cpuagg"));
}

TEST_F(SetupCliTest, AStoreThatRootsRunsHaveMadeBecomesThatOfTheServices) {
  InstallUnits();
  std::filesystem::create_directories("/var/lib/cpuagg/snapshots");
  std::ofstream("/var/lib/cpuagg/lock") << "";
  const Finished run = RunSetup({});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_TRUE(Has(run.out, "what root had in /var/lib/cpuagg is cpuagg's now")) << run.out;
  EXPECT_EQ(Owner("/var/lib/cpuagg/snapshots").substr(0, 13), "cpuagg:cpuagg");
  EXPECT_EQ(Owner("/var/lib/cpuagg/lock").substr(0, 13), "cpuagg:cpuagg");

  // Also what root leaves there later; but not what may be elsewhere as well. Check says so.
  std::ofstream("/var/lib/cpuagg/notes") << "";
  std::ofstream("/var/lib/another_name") << "";
  std::filesystem::create_symlink("/etc/passwd", "/var/lib/cpuagg/link");
  std::filesystem::create_hard_link("/var/lib/another_name", "/var/lib/cpuagg/snapshots/one_name");
  const Finished again = RunSetup({});
  EXPECT_EQ(again.exit_code, 1) << again.out;
  EXPECT_TRUE(Has(again.err, "not done: check finds something critical")) << again.err;
  EXPECT_EQ(Owner("/var/lib/cpuagg/notes").substr(0, 13), "cpuagg:cpuagg");
  EXPECT_EQ(Owner("/var/lib/another_name").substr(0, 9), "root:root");
  EXPECT_EQ(Owner("/etc/passwd"), "root:root 644");
}

TEST_F(SetupCliTest, UndoTakesBackWhatSetupDidAndKeepsWhatIsTheAdmins) {
  InstallUnits();
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  machine_->Calls();
  const std::string configuration = ReadFile(kConfiguration);
  const Finished undone = RunSetup({}, {"--undo", "--yes"});
  EXPECT_EQ(undone.exit_code, 0) << undone.out << undone.err;
  const std::string calls = machine_->Calls();
  EXPECT_TRUE(Has(calls,
                  "systemctl disable --now cpuagg-collect.timer cpuagg-report.timer "
                  "cpuagg-deliver.timer\n"))
      << calls;
  EXPECT_TRUE(Has(calls, "systemctl disable acct.service\n")) << calls;
  EXPECT_FALSE(AccountingIsOn());
  EXPECT_EQ(ReadFile(kConfiguration), configuration);
  EXPECT_EQ(ReadFile(kTokenFile), absl::StrCat(kToken, "\n"));
  EXPECT_TRUE(std::filesystem::exists("/var/lib/cpuagg/snapshots"));
  EXPECT_FALSE(std::filesystem::exists("/etc/cpuagg/setup_record"));
  EXPECT_TRUE(Has(undone.out, "the token          /etc/cpuagg/bot_token")) << undone.out;

  // What was on before stays on, and so it does after a second time.
  std::filesystem::create_directories("/var/log/account");
  ASSERT_EQ(Accton(kPacct).exit_code, 0);
  ASSERT_EQ(RunSetup(WithBot()).exit_code, 0);
  const Finished again = RunSetup({}, {"--undo", "--yes"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(AccountingIsOn());
  const Finished nothing = RunSetup({}, {"--undo", "--yes"});
  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_TRUE(Has(nothing.out, "no timer of cpuagg is enabled")) << nothing.out;
  EXPECT_TRUE(AccountingIsOn());
  EXPECT_EQ(Accton("off").exit_code, 0);
}

}  // namespace
}  // namespace cpuagg::tools
