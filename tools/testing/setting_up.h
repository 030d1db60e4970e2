// SetupTest: a machine of the test's own on which `cpuagg setup` runs, and a Bot API server on
// loopback.
//
//   class SetupCliTest : public SetupTest {};
//   InstallUnits();
//   EXPECT_EQ(RunSetup(WithBot()).exit_code, 0);
//
// After each run the token is looked for in what was said. Needs root, mounts and accounting; says
// so and skips the test otherwise.

#ifndef CPUAGG_TOOLS_TESTING_SETTING_UP_H_
#define CPUAGG_TOOLS_TESTING_SETTING_UP_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/own_machine.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

class SetupTest : public CliTest {
 protected:
  using FakeBotApi = notify::testing::FakeBotApi;

  static constexpr char kConfiguration[] = "/etc/cpuagg/cpuagg.env";
  static constexpr char kTokenFile[] = "/etc/cpuagg/bot_token";
  static constexpr char kRecord[] = "/etc/cpuagg/setup_record";
  static constexpr char kCronFile[] = "/etc/cron.d/cpuagg";
  static constexpr char kPacct[] = "/var/log/account/pacct";
  static constexpr char kEnable[] =
      "systemctl enable --now cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer\n";

  void SetUp() override;

  // With units, and with systemd to run them.
  void InstallUnits() const;

  // `cpuagg setup FLAGS`, and what it says and does.
  static Program Setup(Strings environment, Strings flags = {});
  Finished RunSetup(Strings environment, Strings flags = {"--yes"}) const;
  // The same with `--yes`, of which the test expects that all goes well.
  Finished RunSetupWell(Strings environment) const;
  // `cpuagg setup --undo --yes`.
  Finished Undo() const { return RunSetup({}, {"--undo", "--yes"}); }
  Finished UndoWell() const;

  // What the admin has written before.
  static void WriteConfiguration(const std::string& text);
  // A systemctl that does `script`, and then, unless that ends it, what it usually does.
  void PretendSystemctl(const std::string& script) const;
  // Lets the bot see a word in a chat: the update's number, the chat's id, type and title.
  void BotSees(int update, int64_t chat, const char* type, const char* title) const;
  // What names the bot and two chats.
  Strings WithBot() const;

  static bool Has(const std::string& text, const std::string& words);
  // As `stat -c '%U:%G %a'` has it.
  static std::string Owner(const std::string& path);
  // Every file below /etc/cpuagg with its content, owner and number: another one is another file.
  static std::string Settings();
  // Whether the kernel writes to `path`.
  static bool AccountingIsOn(const std::string& path = kPacct);
  // The chats that a message came to.
  Strings Greeted() const;

  const std::string layers_ = [this] {
    std::filesystem::create_directory(dir_.Path("layers"));
    return dir_.Path("layers");
  }();
  std::unique_ptr<OwnMachine> machine_;
  std::unique_ptr<FakeBotApi> server_;
  std::string api_;  // of the environment
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_SETTING_UP_H_
