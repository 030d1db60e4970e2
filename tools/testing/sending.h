// SendingTest: a fixture with the built binary, a configuration and a store, and a Bot API server
// on loopback.
//
//   class SendCliTest : public SendingTest {};
//   EXPECT_EQ(Run("run").exit_code, 0);
//   EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
//
// After each run it searches the output and all written files for the token.

#ifndef CPUAGG_TOOLS_TESTING_SENDING_H_
#define CPUAGG_TOOLS_TESTING_SENDING_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/net/certificates.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

class SendingTest : public CliTest {
 protected:
  using FakeBotApi = notify::testing::FakeBotApi;

  SendingTest() { pacct_ = std::string(kLab) + "pacct.0"; }
  void SetUp() override { StartServer(); }
  // What the configuration says no variable says.
  Strings Environment() const override;

  // Replaces the server; uses https if it has an identity.
  void StartServer(const std::string& token = kToken,
                   std::optional<notify::testing::TlsIdentity> identity = std::nullopt);

  // `cpuagg COMMAND` with the configuration file, which only its owner may read.
  Program Command(const std::string& command, Strings flags = {}, mode_t mode = 0600);
  Finished Run(const std::string& command, Strings flags = {}, mode_t mode = 0600);

  // An accounting file of so many users, who are called `name` with a number.
  void UseUsers(int count, const std::string& name = "user");

  // Expects that neither the output nor any written file contains it.
  void ExpectNoToken(const Finished& run) const { ExpectNowhere(kToken, run); }

  // The number of reports in the outbox.
  int Waiting() const;

  // The messages that are in chats now, as "method chat_id".
  Strings Delivered() const;
  // The number of requests to the server.
  size_t Requests() const { return server_->received().size(); }

  std::unique_ptr<FakeBotApi> server_;
  std::string url_;
  std::string token_ = kToken;
  std::string chats_ = "42, @lab_news";
  std::string passwd_ = std::string(kLab) + "passwd";
  std::string more_;     // more lines of the configuration
  Strings environment_;  // more of the environment

 private:
  std::string Configuration() const;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_SENDING_H_
