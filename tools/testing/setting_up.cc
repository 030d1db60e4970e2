#include "tools/testing/setting_up.h"

#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/testing/accounting.h"

namespace cpuagg::tools::testing {

using acct::testing::ReadFile;

void SetupTest::SetUp() {
  machine_ = std::make_unique<OwnMachine>(layers_);
  if (!machine_->problem().empty()) GTEST_SKIP() << machine_->problem();
  machine_->InstallProgram();
  std::filesystem::remove_all("/var/log/account");
  machine_->accounting().StartOutside();
  server_ = FakeBotApi::Start({.token = kToken}).value();
  machine_->accounting().StartInside();
  api_ = absl::StrCat("CPUAGG_TELEGRAM_API_URL=", server_->base_url());
  // Tries whether the kernel has accounting; a container may not.
  const std::string probe = dir_.Write("pacct", "");
  if (Accton(probe).exit_code != 0) GTEST_SKIP() << "accounting is not available here";
  EXPECT_EQ(Accton("off").exit_code, 0);
}

void SetupTest::InstallUnits() const {
  machine_->PretendSystemd();
  for (const char* name : {"collect", "report", "deliver"}) {
    machine_->InstallUnit(absl::StrCat("cpuagg-", name, ".timer"), "[Timer]\n");
    machine_->InstallUnit(absl::StrCat("cpuagg-", name, ".service"), "[Service]\n");
  }
}

Program SetupTest::Setup(Strings environment, Strings flags) {
  environment.emplace_back("TZ=UTC");
  flags.insert(flags.begin(), {"/usr/bin/cpuagg", "setup"});
  return {.argv = std::move(flags), .environment = std::move(environment)};
}

Finished SetupTest::RunSetup(Strings environment, Strings flags) const {
  Finished run = RunProgram(Setup(std::move(environment), std::move(flags)));
  EXPECT_FALSE(Has(run.out + run.err, kToken));
  return run;
}

Finished SetupTest::RunSetupWell(Strings environment) const {
  Finished run = RunSetup(std::move(environment));
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  return run;
}

Finished SetupTest::UndoWell() const {
  Finished run = Undo();
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  return run;
}

void SetupTest::WriteConfiguration(const std::string& text) {
  std::filesystem::create_directories("/etc/cpuagg");
  std::ofstream(kConfiguration) << text;
}

void SetupTest::PretendSystemctl(const std::string& script) const {
  const std::string real = "/usr/bin/systemctl.kept";
  if (!std::filesystem::exists(real)) std::filesystem::rename("/usr/bin/systemctl", real);
  machine_->PretendProgram("/usr/bin/systemctl",
                           absl::StrCat(script, "\nexec ", real, " \"$@\"\n"));
}

void SetupTest::BotSees(int update, int64_t chat, const char* type, const char* title) const {
  server_->AddUpdate({{"update_id", update},
                      {"message", {{"chat", {{"id", chat}, {"type", type}, {"title", title}}}}}});
}

SetupTest::Strings SetupTest::WithBot() const {
  return {api_, absl::StrCat("BOT_TOKEN=", kToken), "CHAT_ID=42,-1001234567890"};
}

bool SetupTest::Has(const std::string& text, const std::string& words) {
  return absl::StrContains(text, words);
}

std::string SetupTest::Owner(const std::string& path) {
  const Finished run = RunProgram({.argv = {"/usr/bin/stat", "-c", "%U:%G %a", path}});
  return run.out.substr(0, run.out.find('\n'));
}

std::string SetupTest::Settings() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("/etc/cpuagg")) {
    struct stat info = {};
    EXPECT_EQ(stat(entry.path().c_str(), &info), 0);
    absl::StrAppend(&text, entry.path().string(), " ", Owner(entry.path()), " ", info.st_ino, "\n",
                    ReadFile(entry.path()), "\n");
  }
  return text;
}

bool SetupTest::AccountingIsOn(const std::string& path) {
  const auto size = [&] {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(path, none);
    return none ? 0 : bytes;
  };
  const auto before = size();
  RunProgram({.argv = {"/bin/true"}});
  return size() != before;
}

SetupTest::Strings SetupTest::Greeted() const {
  Strings chats;
  for (const FakeBotApi::Received& request : server_->received()) {
    if (request.message_id != 0) chats.push_back(request.fields.at("chat_id").value);
  }
  return chats;
}

}  // namespace cpuagg::tools::testing
