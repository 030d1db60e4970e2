#include "tools/testing/sending.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"

#include <sys/stat.h>

#include <filesystem>

#include "absl/status/statusor.h"

namespace cpuagg::tools::testing {

void SendingTest::StartServer(const std::string& token,
                              std::optional<notify::testing::TlsIdentity> identity) {
  absl::StatusOr<std::unique_ptr<FakeBotApi>> server =
      FakeBotApi::Start({.token = token,
                         .known_chats = {"42", "-1001234567890", "@lab_news"},
                         .tls_identity = std::move(identity)});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  url_ = server_->base_url();
}

std::string SendingTest::Configuration() const {
  return (token_.empty() ? "" : "BOT_TOKEN=" + token_ + "\n") +
         (chats_.empty() ? "" : "CHAT_ID=" + chats_ + "\n") + "TELEGRAM_API_URL=" + url_ +
         "\nSTORE=" + store_ + "\nACCOUNTING_FILE=" + pacct_ + "\nHOST_NAME=lab<01>\n" + more_;
}

Program SendingTest::Command(const std::string& command, Strings flags, mode_t mode) {
  const std::string config = dir_.Write("cpuagg.env", Configuration());
  EXPECT_EQ(chmod(config.c_str(), mode), 0);
  Strings argv = {command, "--config", config, "--passwd", passwd_};
  argv.insert(argv.end(), flags.begin(), flags.end());
  if (command == "run") argv.emplace_back("--no-running");
  return Cpuagg(std::move(argv));
}

SendingTest::Strings SendingTest::Environment() const {
  // This proxy must not be used for a server on this machine, because it would see the token.
  Strings environment = {"TZ=UTC", "TMPDIR=" + dir_.path(), "http_proxy=http://127.0.0.1:1"};
  environment.insert(environment.end(), environment_.begin(), environment_.end());
  return environment;
}

void SendingTest::UseUsers(int count, const std::string& name) {
  std::string records;
  std::string passwd;
  for (int i = 0; i < count; ++i) {
    records += acct::testing::RecordBuilder()
                   .Uid(static_cast<uint32_t>(1000 + i))
                   .Pid(static_cast<uint32_t>(1000 + i))
                   .UserTime(static_cast<uint16_t>(8000 - i))
                   .Bytes();
    absl::StrAppend(&passwd, name, i, ":x:", 1000 + i, ":100::/:\n");
  }
  pacct_ = dir_.Write("pacct", records);
  passwd_ = dir_.Write("passwd", passwd);
}

Finished SendingTest::Run(const std::string& command, Strings flags, mode_t mode) {
  Finished run = RunProgram(Command(command, std::move(flags), mode));
  ExpectNoToken(run);
  return run;
}

int SendingTest::Waiting() const {
  int count = 0;
  if (!std::filesystem::is_directory(store_ + "/outbox")) return 0;
  for (const auto& entry : std::filesystem::directory_iterator(store_ + "/outbox")) {
    count += entry.path().extension() == ".pb" ? 1 : 0;
  }
  return count;
}

SendingTest::Strings SendingTest::Delivered() const {
  Strings delivered;
  for (const FakeBotApi::Received& request : server_->received()) {
    if (request.message_id == 0) continue;
    delivered.push_back(request.method + " " + request.fields.at("chat_id").value);
  }
  return delivered;
}

}  // namespace cpuagg::tools::testing
