// `cpuagg check` as users run it: exit statuses, output, and what it does not change.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using nlohmann::json;
using testing::Finished;
using testing::RunProgram;

using Strings = std::vector<std::string>;

constexpr char kLab[] = "testdata/lab/";

class CheckCliTest : public ::testing::Test {
 protected:
  // The sanitizer must be the first library, before those that shift the clock or hang.
  static void SetUpTestSuite() { setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1); }

  static Finished Cpuagg(Strings argv, Strings environment = {}) {
    argv.insert(argv.begin(), "tools/cpuagg");
    environment.insert(environment.begin(), "TZ=UTC");
    return RunProgram({.argv = std::move(argv), .environment = std::move(environment)});
  }
  // Checks a separate machine, as far as flags can name it.
  Finished Check(Strings flags = {}) const {
    Strings argv = {"check",   "--config",         "/dev/null",
                    "--store", dir_.Path("store"), "--accounting-file",
                    pacct_};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return Cpuagg(std::move(argv));
  }
  // Checks a configuration with this text.
  Finished CheckOf(const std::string& text, Strings flags = {}, Strings environment = {}) const {
    const std::string config = dir_.Write("env", text);
    EXPECT_EQ(chmod(config.c_str(), 0600), 0);
    Strings argv = {"check", "--config", config, "--store", dir_.Path("store"), "--accounting-file",
                    pacct_};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return Cpuagg(std::move(argv), std::move(environment));
  }
  static json FindingOf(const Finished& run, const std::string& id) {
    const json all = json::parse(run.out, nullptr, false);
    EXPECT_TRUE(all.is_object()) << run.out << run.err;
    for (const json& finding : all.value("findings", json::array())) {
      if (finding["id"] == id) return finding;
    }
    return json::object();
  }

  TempDir dir_;
  std::string pacct_ = absl::StrCat(kLab, "pacct");
};

TEST_F(CheckCliTest, AWholeFileIsStatusZero) {
  const Finished run = Cpuagg({"check", absl::StrCat(kLab, "pacct.1.gz")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out,
            "OK - 1 thing in order | bytes=33664B records=526 skipped_bytes=0B trailing_bytes=0B\n"
            "ok testdata/lab/pacct.1.gz: whole: 33,664 bytes (as decompressed from gzip); 526 "
            "records of version 3, ended 2026-11-22 19:35:01 – 19:35:45 UTC, of 11 users\n");
  EXPECT_EQ(run.err, "");
}

TEST_F(CheckCliTest, ADamagedFileIsStatusOneWithItsPlaces) {
  const std::string record = RecordBuilder().Uid(1001).Bytes();
  const std::string path =
      dir_.Write("pacct", acct::testing::Repeat(record, 3) + std::string(128, 'x') +
                              acct::testing::Repeat(record, 3) + record.substr(0, 10));
  const Finished run = Cpuagg({"check", path, "--json"});
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_EQ(FindingOf(run, "file")["numbers"]["records"], 6);
  EXPECT_EQ(FindingOf(run, "file")["numbers"]["skipped_bytes"], 128);
  EXPECT_EQ(FindingOf(run, "file_damage")["text"],
            "128 bytes at offset 192: not an accounting record");
}

TEST_F(CheckCliTest, RecordsOfSeveralVersionsAreToldApart) {
  const std::string path = dir_.Write(
      "pacct", acct::testing::Repeat(RecordBuilder(3).Bytes(), 4) +
                   acct::testing::Repeat(RecordBuilder(2, RecordBuilder::kBigEndian).Bytes(), 3));
  const Finished run = Cpuagg({"check", path});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_TRUE(absl::StrContains(run.out, "7 records of version 2 (big-endian): 3, version 3: 4,"))
      << run.out;
}

TEST_F(CheckCliTest, WhatIsNoAccountingFileIsStatusTwo) {
  for (const std::string& path :
       {dir_.Write("text", std::string(1000, 'x')), dir_.Path("gone"), dir_.path()}) {
    const Finished run = Cpuagg({"check", path});
    EXPECT_EQ(run.exit_code, 2) << run.out;
    EXPECT_TRUE(absl::StartsWith(run.out, "CRITICAL - ")) << run.out;
  }
  // The worst status counts.
  EXPECT_EQ(Cpuagg({"check", pacct_, dir_.Path("gone")}).exit_code, 2);
  EXPECT_EQ(Cpuagg({"check", dir_.Write("empty", "")}).exit_code, 0);
}

TEST_F(CheckCliTest, AFolderStandsForTheAccountingFilesInIt) {
  const std::string folder = dir_.Path("folder");
  std::filesystem::create_directory(folder);
  EXPECT_EQ(Cpuagg({"check", folder}).exit_code, 2);
  EXPECT_TRUE(absl::StrContains(Cpuagg({"check", folder}).out,
                                folder + ": there are no accounting files in this folder"));
  std::filesystem::copy(pacct_, folder + "/pacct");
  std::filesystem::copy(pacct_, folder + "/pacct.1");
  dir_.Write("folder/notes", std::string(1000, 'x'));
  const Finished whole = Cpuagg({"check", folder});
  EXPECT_EQ(whole.exit_code, 0) << whole.out;
  for (const char* name : {"/pacct: whole", "/pacct.1: whole", "/notes: not checked: "}) {
    EXPECT_TRUE(absl::StrContains(whole.out, folder + name)) << whole.out;
  }
  // In performance data each name may appear only once.
  EXPECT_FALSE(absl::StrContains(whole.out, "|")) << whole.out;
  std::ofstream(folder + "/pacct.1", std::ios::app) << "torn";
  EXPECT_EQ(Cpuagg({"check", folder}).exit_code, 1);
  EXPECT_EQ(Cpuagg({"check", folder, dir_.Path("gone")}).exit_code, 2);
}

TEST_F(CheckCliTest, WhatIsNoFileIsNamedAndNotWaitedFor) {
  const std::string pipe = dir_.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string listener = dir_.Path("socket");
  ASSERT_EQ(mknod(listener.c_str(), S_IFSOCK | 0600, 0), 0);
  for (const auto& [path, kind] :
       {std::pair(pipe, "is a named pipe, to which nobody has written"),
        std::pair(listener, "is a socket"), std::pair(std::string("/dev/zero"), "is a device"),
        std::pair(std::string("/dev/null"), "is a device")}) {
    const Finished run = Cpuagg({"check", path});
    EXPECT_EQ(run.exit_code, 2) << run.out;
    EXPECT_TRUE(absl::StrContains(run.out, absl::StrCat("X  ", path, ": ", kind))) << run.out;
  }
}

TEST_F(CheckCliTest, PipesThatSomebodyWritesToAreRead) {
  const std::string whole = ": whole: 33,664 bytes";
  for (const char* script :
       {"mkfifo pipe; cat pacct.1.gz >pipe & \"$0\" check pipe",
        "mkfifo late; (sleep 0.3; cat pacct.1.gz >late) & \"$0\" check late",
        "cat pacct.1.gz | \"$0\" check /dev/stdin", "cat pacct.1.gz | \"$0\" check -",
        // A pipe whose first byte comes late.
        "(sleep 0.3; cat pacct.1.gz) | \"$0\" check /dev/fd/0"}) {
    const TempDir here;
    std::filesystem::copy(absl::StrCat(kLab, "pacct.1.gz"), here.Path("pacct.1.gz"));
    const Finished run = RunProgram(
        {.argv = {"/bin/sh", "-c", script, std::filesystem::absolute("tools/cpuagg").string()},
         .environment = {"TZ=UTC"},
         .directory = here.path()});
    EXPECT_EQ(run.exit_code, 0) << script << "\n" << run.out << run.err;
    EXPECT_TRUE(absl::StrContains(run.out, whole)) << script << "\n" << run.out;
  }
}

TEST_F(CheckCliTest, WrongUsageIsUnknown) {
  EXPECT_EQ(Cpuagg({"check", "--no-such-flag"}).exit_code, 3);
  EXPECT_EQ(Cpuagg({"check", "--store", ""}).exit_code, 3);
}

TEST_F(CheckCliTest, NothingIsMadeOrChanged) {
  const Finished run = Check();
  EXPECT_EQ(run.err, "");
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("store")));
  // A store stays unchanged, including its times.
  ASSERT_EQ(Cpuagg({"collect", "--quiet", "--no-running", "--config", "/dev/null", "--store",
                    dir_.Path("store"), "--accounting-file", pacct_})
                .exit_code,
            0);
  const auto last_write = [&] {
    std::string text;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.Path("store"))) {
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
  const json all = json::parse(run.out, nullptr, false);
  for (const json& finding : all.value("findings", json::array())) {
    if (finding["id"] != "configuration_warning") continue;
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
                               " --store " + dir_.Path("store") + " --accounting-file " + pacct_},
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
  const auto check = [&] {
    return FindingOf(Cpuagg({"check", "--json", "--config", config, "--store", dir_.Path("store"),
                             "--accounting-file", pacct_}),
                     "configuration");
  };
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
  Strings argv = {"check", "--json", "--config", "/dev/null"};
  argv.insert(argv.begin(), "tools/cpuagg");
  const Finished run = RunProgram({.argv = argv, .environment = {"TZ=No/Such"}});
  EXPECT_EQ(FindingOf(run, "time_zone")["level"], "warning") << run.out << run.err;
}

// Monitoring does not understand a negative age, whatever happened to the clock.
TEST_F(CheckCliTest, NoNumberIsNegative) {
  const int64_t month = int64_t{30} * 24 * 60 * 60;
  const auto ahead = static_cast<uint32_t>(time(nullptr) + month);
  pacct_ = dir_.Write("pacct",
                      acct::testing::Repeat(RecordBuilder().Uid(1001).BeginTime(ahead).Bytes(), 3));
  const std::string config =
      dir_.Write("env",
                 "BOT_TOKEN=123456789:AAE-this-is-the-secret-of-the-bot\nCHAT_ID=1\n"
                 "TELEGRAM_API_URL=http://127.0.0.1:9\n");
  ASSERT_EQ(chmod(config.c_str(), 0600), 0);
  const Finished collect = Cpuagg({"run", "--quiet", "--no-running", "--config", config, "--store",
                                   dir_.Path("store"), "--accounting-file", pacct_},
                                  {"LD_PRELOAD=tools/testing/libshifted_clock.so",
                                   absl::StrCat("CLOCK_SHIFT=", month * 1'000'000'000)});
  ASSERT_EQ(collect.exit_code, 75) << collect.err;
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
  std::filesystem::create_directories(dir_.Path("store"));
  const Finished run = Cpuagg({"check", "--json", "--config", "/dev/null", "--store",
                               dir_.Path("store"), "--accounting-file", pacct_},
                              {"LD_PRELOAD=tools/testing/libfake_directory.so", "DIRECTORY=hang"});
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
  EXPECT_TRUE(absl::StrContains(
      Cpuagg({"check", absl::StrCat(kLab, "pacct")}, {"LC_ALL=C.UTF-8"}).out, "\n✔ "));
  EXPECT_TRUE(absl::StrContains(
      Cpuagg({"check", absl::StrCat(kLab, "pacct")}, {"LC_ALL=C", "LANG=C.UTF-8"}).out, "\nok "));
}

TEST_F(CheckCliTest, ErrorsThatItExplainsSaySo) {
  const auto error = [&](Strings argv) { return Cpuagg(std::move(argv)).err; };
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
