// `cpuagg check` as users run it: exit statuses, output, and what it does not change.

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/check/finding.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using nlohmann::json;
using testing::Finished;
using testing::RunProgram;

class CheckCliTest : public testing::CliTest {
 protected:
  CheckCliTest() { pacct_ = absl::StrCat(kLab, "pacct"); }
  // Settings come from flags here, or from a file.
  Strings Environment() const override { return {"TZ=UTC"}; }

  // Checks a separate machine, as far as flags can name it.
  Finished Check(Strings flags = {}) const { return CheckWith("/dev/null", std::move(flags)); }
  // Checks a configuration with this text.
  Finished CheckOf(const std::string& text, Strings flags = {},
                   const Strings& environment = {}) const {
    const std::string config = dir_.Write("env", text);
    EXPECT_EQ(chmod(config.c_str(), 0600), 0);
    return CheckWith(config, std::move(flags), environment);
  }
  Finished CheckWith(const std::string& config, Strings flags,
                     const Strings& environment = {}) const {
    flags.insert(flags.begin(),
                 {"check", "--config", config, "--store", store_, "--accounting-file", pacct_});
    return Run(std::move(flags), environment);
  }
};

TEST_F(CheckCliTest, WrongUsageIsUnknown) {
  EXPECT_EQ(Run({"check", "--no-such-flag"}).exit_code, 3);
  EXPECT_EQ(Run({"check", "--store", ""}).exit_code, 3);
}

TEST_F(CheckCliTest, NothingIsMadeOrChanged) {
  const Finished run = Check();
  EXPECT_EQ(run.err, "");
  EXPECT_FALSE(std::filesystem::exists(store_));
  // A store stays unchanged, including its times.
  ASSERT_EQ(Run({"collect", "--quiet", "--no-running", "--config", "/dev/null", "--store", store_,
                 "--accounting-file", pacct_})
                .exit_code,
            0);
  const auto last_write = [&] {
    std::string text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
      struct stat info;
      EXPECT_EQ(lstat(entry.path().c_str(), &info), 0);
      absl::StrAppend(&text, entry.path().string(), " ", info.st_ctim.tv_sec, ".",
                      info.st_ctim.tv_nsec, " ", info.st_size, "\n");
    }
    return text;
  };
  const std::string before = last_write();
  Check();
  EXPECT_EQ(last_write(), before);
}

TEST_F(CheckCliTest, AccountingThatIsOffIsNeverInOrder) {
  const Finished run = Check({"--json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(FindingOf(run, "accounting_on")["level"], "critical") << run.out;
  EXPECT_FALSE(FindingOf(run, "accounting_on")["mends"].empty());
}

TEST_F(CheckCliTest, ANamedPipeIsNotWaitedFor) {
  pacct_ = dir_.Path("pacct");
  ASSERT_EQ(mkfifo(pacct_.c_str(), 0600), 0);
  const Finished run = Check({"--json"});
  EXPECT_EQ(FindingOf(run, "accounting_on")["level"], "critical") << run.out;
  EXPECT_EQ(FindingOf(run, "time_limit"), json::object()) << run.out;
}

TEST_F(CheckCliTest, AMachineWithoutAChatIsNotBroken) {
  const Finished run = Check({"--json"});
  EXPECT_EQ(FindingOf(run, "chats")["level"], "note");
  EXPECT_EQ(FindingOf(run, "token")["level"], "note");
  EXPECT_EQ(FindingOf(run, "settings")["level"], "ok");
}

TEST_F(CheckCliTest, NoCommandChangesAnUnknownKey) {
  const Finished run = CheckOf("http=1\nexport\tFOO=1\nKEPP=30d\n", {"--json"});
  int count = 0;
  for (const json& finding : FindingsOf(run, "configuration_warning")) {
    ++count;
    EXPECT_TRUE(finding["commands"].empty()) << finding;
    EXPECT_EQ(finding["mends"].size(), 1u) << finding;
  }
  EXPECT_EQ(count, 3);
}

TEST_F(CheckCliTest, AKeyIsNotRenamedToOneThatIsSet) {
  const Finished run = CheckOf("CHAT_ID=1\nCHAT_IDS=2\n", {"--json"});
  EXPECT_EQ(
      FindingOf(run, "configuration_warning")["mends"][0],
      "remove the line of CHAT_IDS in " + dir_.Path("env") + ", since CHAT_ID is set as well");
}

TEST_F(CheckCliTest, AWrongVariableIsMendedWhereItIsSet) {
  const Strings environment = {"CPUAGG_KEEP=soon"};
  const json finding = FindingOf(CheckOf("KEEP=30d\n", {"--json"}, environment), "settings");
  EXPECT_EQ(finding["commands"], json::array({"unset CPUAGG_KEEP"})) << finding;
  // Like a user in the shell that has the variable.
  const Finished mended =
      RunProgram({.argv = {"/bin/sh", "-c",
                           finding["commands"][0].get<std::string>() +
                               "\ntools/cpuagg check --json --config " + dir_.Path("env") +
                               " --store " + store_ + " --accounting-file " + pacct_},
                  .environment = {"TZ=UTC", "CPUAGG_KEEP=soon"}});
  EXPECT_EQ(FindingOf(mended, "settings")["level"], "ok") << mended.out;
  // Without this setting, reports would go to nobody.
  const json chats = FindingOf(CheckOf("", {"--json"}, {"CHAT_ID=1 2"}), "settings");
  EXPECT_TRUE(chats["commands"].empty()) << chats;
  EXPECT_EQ(chats["mends"][0], "set CHAT_ID=1,2 in the environment, if that is meant");
  const json url =
      FindingOf(CheckOf("", {"--json"}, {"CPUAGG_TELEGRAM_API_URL=ftp://x"}), "settings");
  EXPECT_TRUE(url["commands"].empty()) << url;
  EXPECT_TRUE(absl::StartsWith(url["mends"][0].get<std::string>(),
                               "correct CPUAGG_TELEGRAM_API_URL where it is set"))
      << url;
}

TEST_F(CheckCliTest, ALineIsNotTakenOutBesideAnotherThatIsRight) {
  const json finding = FindingOf(CheckOf("KEEP=30d\nKEEP=soon\n", {"--json"}), "settings");
  EXPECT_TRUE(finding["commands"].empty()) << finding;
  EXPECT_EQ(finding["mends"][0], "correct KEEP in " + dir_.Path("env"));
}

TEST_F(CheckCliTest, WhatANumberWithoutAUnitMeansIsSaid) {
  EXPECT_EQ(FindingOf(CheckOf("KEEP=30\nKEEP_HOURS=7d\n", {"--json"}), "settings")["text"],
            "every value is understood; KEEP=30 is 30 days");
}

TEST_F(CheckCliTest, SettingsOfAConfigurationThatDoesNotParseWereNotLookedAt) {
  const Finished run = CheckOf("KEEP=soon\nthis is not a setting\n", {"--json"});
  EXPECT_EQ(FindingOf(run, "configuration")["level"], "critical") << run.out;
  EXPECT_EQ(FindingOf(run, "settings")["level"], "note") << run.out;
  EXPECT_TRUE(
      absl::StartsWith(FindingOf(run, "settings")["text"].get<std::string>(), "not checked, "))
      << run.out;
}

TEST_F(CheckCliTest, AMalformedTokenIsMendedWhereItStands) {
  const json finding = FindingOf(CheckOf("CHAT_ID=1\nBOT_TOKEN=x\n", {"--json"}), "token");
  EXPECT_EQ(finding["level"], "critical") << finding;
  EXPECT_TRUE(finding["commands"].empty()) << finding;
  EXPECT_EQ(finding["mends"][0],
            "write the token from @BotFather into BOT_TOKEN in " + dir_.Path("env"));
  // Another place would not be read.
  EXPECT_EQ(FindingOf(CheckOf("CHAT_ID=1\n", {"--json"}), "token")["mends"],
            json::array({"set BOT_TOKEN, or BOT_TOKEN_FILE, in " + dir_.Path("env")}));
}

TEST_F(CheckCliTest, APathIsOneWordOfACommandWhateverIsInIt) {
  const std::string folder = dir_.Path("Anna's $HOME; x");
  std::filesystem::create_directories(folder);
  const std::string config = dir_.Write("Anna's $HOME; x/env", "");
  const auto check = [&] { return FindingOf(CheckWith(config, {"--json"}), "configuration"); };
  ASSERT_EQ(chmod(config.c_str(), 0666), 0);
  ASSERT_EQ(chmod(folder.c_str(), 0700), 0);
  const json finding = check();
  EXPECT_EQ(finding["level"], "critical") << finding;
  ASSERT_EQ(finding["commands"].size(), 1u) << finding;
  RunProgram({.argv = {"/bin/sh", "-c", finding["commands"][0].get<std::string>()}});
  EXPECT_EQ(check()["level"], "ok");
}

TEST_F(CheckCliTest, CommandsAndSentencesAreToldApart) {
  const Finished run = CheckOf("KEEP=soon\nFOO=1\n");
  EXPECT_TRUE(absl::StrContains(run.out, "\n    $ sed -i ")) << run.out;
  EXPECT_TRUE(absl::StrContains(run.out, "\n    -> remove the line of FOO in ")) << run.out;
}

TEST_F(CheckCliTest, ATimeZoneThatIsNoneIsAFinding) {
  const Finished run = Run({"check", "--json", "--config", "/dev/null"}, {"TZ=No/Such"});
  EXPECT_EQ(FindingOf(run, "time_zone")["level"], "warning") << run.out << run.err;
}

// Monitoring does not understand a negative age, whatever happened to the clock.
TEST_F(CheckCliTest, NoNumberIsNegative) {
  const int64_t month = int64_t{30} * 24 * 60 * 60;
  const auto ahead = static_cast<uint32_t>(time(nullptr) + month);
  pacct_ = dir_.Write("pacct",
                      acct::testing::Repeat(RecordBuilder().Uid(1001).BeginTime(ahead).Bytes(), 3));
  const std::string config =
      dir_.Write("env", absl::StrCat("BOT_TOKEN=", kToken,
                                     "\nCHAT_ID=1\n"
                                     "TELEGRAM_API_URL=http://127.0.0.1:9\n"));
  ASSERT_EQ(chmod(config.c_str(), 0600), 0);
  preloaded_ = {"libshifted_clock.so"};
  const Finished collect = Run({"run", "--quiet", "--no-running", "--config", config, "--store",
                                store_, "--accounting-file", pacct_},
                               {absl::StrCat("CLOCK_SHIFT=", month * 1'000'000'000)});
  ASSERT_EQ(collect.exit_code, 75) << collect.err;
  preloaded_.clear();
  const timespec times[2] = {{.tv_sec = ahead, .tv_nsec = 0}, {.tv_sec = ahead, .tv_nsec = 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, dir_.Path("store/lock").c_str(), times, 0), 0);
  const Finished run = Check({"--json"});
  const json all = json::parse(run.out, nullptr, false);
  for (const json& finding : all.value("findings", json::array())) {
    for (const auto& [name, value] : finding["numbers"].items()) {
      EXPECT_GE(value.get<int64_t>(), 0) << name;
    }
  }
  EXPECT_EQ(FindingOf(run, "accounting_on")["numbers"]["last_record_age"], 0) << run.out;
  EXPECT_EQ(FindingOf(run, "outbox")["numbers"]["outbox_oldest_age"], 0) << run.out;
  EXPECT_EQ(FindingOf(run, "store_collect")["numbers"]["last_collect_age"], 0) << run.out;
}

// Otherwise the test would be killed after three minutes.
TEST_F(CheckCliTest, AUserDirectoryThatHangsIsSaidAndNotWaitedFor) {
  std::filesystem::create_directories(store_);
  preloaded_ = {"libfake_directory.so"};
  const Finished run = CheckWith("/dev/null", {"--json"}, {"DIRECTORY=hang"});
  EXPECT_EQ(run.signal, 0);
  EXPECT_EQ(FindingOf(run, "user_directory")["level"], "warning") << run.out << run.err;
  EXPECT_EQ(FindingOf(run, "collector")["level"], "unknown") << run.out;
  EXPECT_TRUE(absl::StrContains(FindingOf(run, "collector")["text"].get<std::string>(),
                                "the user directory does not answer for "))
      << run.out;
  // It does not delay anything else.
  EXPECT_EQ(FindingOf(run, "time_limit"), json::object()) << run.out;
}

TEST_F(CheckCliTest, QuietShowsWhatIsNotInOrderAlone) {
  const Finished run = Check({"--quiet"});
  EXPECT_FALSE(absl::StrContains(run.out, "\nok ")) << run.out;
  EXPECT_FALSE(absl::StrContains(run.out, "\n-  ")) << run.out;
  EXPECT_TRUE(absl::StrContains(run.out, "\nX  accounting: ")) << run.out;
  // Only one line has numbers, after the only bar.
  EXPECT_TRUE(absl::StrContains(run.out, " | ")) << run.out;
  EXPECT_EQ(run.out.find('|'), run.out.rfind('|')) << run.out;
}

TEST_F(CheckCliTest, SymbolsAreForLocalesThatHaveThem) {
  EXPECT_TRUE(absl::StrContains(Run({"check", absl::StrCat(kLab, "pacct")}, {"LC_ALL=C.UTF-8"}).out,
                                "\n✔ "));
  EXPECT_TRUE(absl::StrContains(
      Run({"check", absl::StrCat(kLab, "pacct")}, {"LC_ALL=C", "LANG=C.UTF-8"}).out, "\nok "));
}

TEST_F(CheckCliTest, ErrorsThatItExplainsSaySo) {
  const auto error = [&](Strings argv) { return Run(std::move(argv)).err; };
  const std::string store = dir_.Write("file", "") + "/store";
  EXPECT_EQ(error({"collect", "--store", store, "--accounting-file", pacct_}),
            absl::StrCat("cpuagg: ", store,
                         ": cannot create the directory: Not a directory; `cpuagg check` says what "
                         "is wrong\n"));
  // It cannot know which file was meant.
  EXPECT_FALSE(absl::StrContains(error({"report", dir_.Path("gone")}), "cpuagg check"));
}

}  // namespace
}  // namespace cpuagg::tools
