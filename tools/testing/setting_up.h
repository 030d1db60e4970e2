// SetupTest: a fixture with a machine of its own for `cpuagg setup`, and a Bot API server on
// loopback.
//
//   class SetupCliTest : public SetupTest {};
//   InstallUnits();
//   EXPECT_EQ(RunSetup(WithBot()).exit_code, 0);
//
// After each run it searches the output for the token. Needs root, mounts and accounting; otherwise
// prints that and skips the test.

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

  // Installs the units, and makes it look as if systemd ran the machine.
  void InstallUnits() const;

  // Runs `cpuagg setup FLAGS`.
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
  // Adds a message in a chat to the bot's updates: the update's number, and the chat's id, type and
  // title.
  void BotSees(int update, int64_t chat, const char* type, const char* title) const;
  // The settings for the bot and two chats.
  Strings WithBot() const;

  static bool Has(const std::string& text, const std::string& words);
  // The output of `stat -c '%U:%G %a'`.
  static std::string Owner(const std::string& path);
  // Every file below /etc/cpuagg with its content, owner and inode, so that a replaced file
  // differs.
  static std::string Settings();
  // Whether the kernel writes to `path`.
  static bool AccountingIsOn(const std::string& path = kPacct);
  // The chats that got a message.
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
