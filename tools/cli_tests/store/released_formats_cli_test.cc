// Files of every release stay readable: the samples of testdata/formats. Files of a newer release
// are refused without harm.

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/config/version.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/later_release.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using nlohmann::ordered_json;
using notify::testing::FakeBotApi;
using testing::Finished;
using testing::FormatVersionOf;
using testing::OfNextVersion;
using testing::RunProgram;
using testing::WithUnknownFields;

using Strings = std::vector<std::string>;
// path -> content
using Tree = std::map<std::string, std::string>;

constexpr char kSamples[] = "testdata/formats";

// All releases with a sample.
Strings Releases() {
  Strings releases;
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    if (entry.is_directory()) releases.push_back(entry.path().filename());
  }
  std::sort(releases.begin(), releases.end());
  return releases;
}

// Ignores members that an object of `then` does not have, and the sentences of `cpuagg check`,
// which are for people and may be improved. Of the
// notes of a report it compares only the number, for the same reason.
void LeaveOutWhatMayChange(ordered_json& then, ordered_json& now) {
  if (then.is_object() && now.is_object()) {
    for (const char* sentence : {"text", "summary"}) {
      if (now.contains(sentence)) then.erase(sentence);
    }
    if (then.contains("notes") && now.contains("notes")) {
      for (ordered_json* notes : {&then["notes"], &now["notes"]}) {
        for (ordered_json& note : *notes) note = "";
      }
    }
    Strings added;
    for (const auto& [name, value] : now.items()) {
      if (then.contains(name)) {
        LeaveOutWhatMayChange(then.at(name), now.at(name));
      } else {
        added.push_back(name);
      }
    }
    for (const std::string& name : added) now.erase(name);
  } else if (then.is_array() && now.is_array() && then.size() == now.size()) {
    for (size_t i = 0; i < then.size(); ++i) LeaveOutWhatMayChange(then[i], now[i]);
  }
}

// Expects equal bytes, except for what may change within a schema.
void ExpectTheSame(const std::string& printed, const std::string& now) {
  const std::string then = absl::StrReplaceAll(printed, {{", given up ", ", expires "}});
  if (then == now) return;
  ordered_json json_then = ordered_json::parse(then, nullptr, /*allow_exceptions=*/false);
  ordered_json json_now = ordered_json::parse(now, nullptr, /*allow_exceptions=*/false);
  LeaveOutWhatMayChange(json_then, json_now);
  if (json_then.is_discarded() || json_then != json_now || json_now == ordered_json::parse(now)) {
    EXPECT_EQ(now, then);
  }
}

class ReleasedFormatsCliTest : public testing::ClockCliTest,
                               public ::testing::WithParamInterface<std::string> {
 protected:
  // Within the copy of the sample.
  ReleasedFormatsCliTest() {
    store_ = "store";
    pacct_ = "accounting/pacct";
    preloaded_.emplace_back("libaccounts_of_file.so");
  }
  Strings Environment() const override {
    Strings environment = ClockCliTest::Environment();
    environment.emplace_back("ACCOUNTS_FILE=passwd");
    return environment;
  }

  // A copy of the sample, which may be changed.
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(kSamples) / GetParam(), Path(""),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      ASSERT_EQ(chmod(entry.path().c_str(), entry.is_directory() ? 0750 : 0640), 0);
    }
    // The time at which the sample's output was printed.
    const std::vector<std::string> first =
        absl::StrSplit(ReadFile(Path("expected/commands")), absl::MaxSplits(' ', 3));
    int64_t seconds = 0;
    ASSERT_TRUE(absl::SimpleAtoi(first.at(2), &seconds));
    // A fraction of a second later, so that the next second is far away in both directions.
    now_ = absl::FromUnixSeconds(seconds) + absl::Milliseconds(300);
  }

  std::string Path(const std::string& name) const { return dir_.path() + "/" + name; }

  Finished RunInside(Strings argv, const Strings& environment = {}) const {
    testing::Program program = Cpuagg(std::move(argv), environment);
    program.directory = dir_.path();
    return RunProgram(program);
  }

  // The commands of the sample print the same as then.
  void ExpectThatEverythingIsPrintedAsThen() const {
    const std::string commands = ReadFile(Path("expected/commands"));
    int count = 0;
    for (absl::string_view line : absl::StrSplit(commands, '\n', absl::SkipEmpty())) {
      const Strings words = absl::StrSplit(line, ' ');
      SCOPED_TRACE(line);
      const Finished run = RunInside({words.begin() + 3, words.end()});
      EXPECT_EQ(absl::StrCat(run.exit_code), words[1]) << run.err;
      ExpectTheSame(ReadFile(Path("expected/" + words[0])), run.out);
      ++count;
    }
    EXPECT_GT(count, 5);
  }

  // user id -> processes, user and system seconds.
  std::map<int64_t, Strings> Usage(Strings source) const {
    source.insert(source.begin(), {"report", "--format=json"});
    const Finished run = RunInside(std::move(source));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::map<int64_t, std::vector<double>> sums;
    const ordered_json report = ordered_json::parse(run.out);
    for (const auto& row : report.at("rows")) {
      std::vector<double>& sum = sums[row.at("uid").get<int64_t>()];
      sum.resize(3);
      sum[0] += row.at("processes").get<double>();
      sum[1] += row.at("user_seconds").get<double>();
      sum[2] += row.at("system_seconds").get<double>();
    }
    std::map<int64_t, Strings> usage;
    for (const auto& [uid, sum] : sums) {
      for (double value : sum) usage[uid].push_back(absl::StrCat(value));
    }
    return usage;
  }

  // The files below `directory`, except locks, which each run creates.
  Tree Files(const std::string& directory) const {
    Tree files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Path(directory))) {
      if (entry.is_regular_file() && !absl::EndsWith(entry.path().string(), "lock")) {
        files[entry.path()] = ReadFile(entry.path());
      }
    }
    return files;
  }

  Strings FilesIn(const std::string& directory) const {
    Strings names;
    for (const auto& [path, content] : Files(directory)) {
      names.push_back(path.substr(dir_.path().size() + 1));
    }
    return names;
  }

  // Runs cpuagg with the settings to send to the chats of the sample's reports.
  Finished Send(const FakeBotApi& server, const Strings& argv) const {
    return RunInside(
        argv, {"BOT_TOKEN=" + server.token(), "CHAT_ID=42",
               "CPUAGG_TELEGRAM_API_URL=" + server.base_url(), "CPUAGG_ALERT_CPU_HOURS=0.05"});
  }
};

TEST(ReleaseTest, ThisOneHasASample) {
  EXPECT_TRUE(std::filesystem::is_directory(absl::StrCat(kSamples, "/", kVersion)))
      << "testdata/formats/README.md tells how it is made";
}

TEST(ReleaseTest, ThisOneIsTheNewestInTheChangelog) {
  std::string newest;
  for (absl::string_view line : absl::StrSplit(ReadFile("CHANGELOG.md"), '\n')) {
    if (!newest.empty() || !absl::ConsumePrefix(&line, "## ") || line == "Unreleased") continue;
    newest = std::string(line);
  }
  EXPECT_TRUE(absl::StartsWith(newest, absl::StrCat(kVersion, " ("))) << newest;
}

TEST(ReleaseTest, DocumentsNameTheFilesOfThisOne) {
  for (const char* document : {"README.md", "docs/install.md"}) {
    const std::string text = ReadFile(document);
    const std::regex file_name("cpuagg[_-]([0-9][0-9.]*[0-9])");
    const std::sregex_iterator found(text.begin(), text.end(), file_name);
    EXPECT_NE(found, std::sregex_iterator()) << document;
    for (std::sregex_iterator name = found; name != std::sregex_iterator(); ++name) {
      EXPECT_EQ((*name)[1], kVersion) << document;
    }
  }
}

TEST(ReleaseTest, WhatWasThereIsComparedAndWhatWasAddedIsNot) {
  ordered_json now = ordered_json::parse(R"({"a": 1, "new": 2, "rows": [{"b": 3, "new": 4}]})");
  ordered_json then = ordered_json::parse(R"({"a": 1, "rows": [{"b": 3}]})");
  LeaveOutWhatMayChange(then, now);
  EXPECT_EQ(now, then);
}

TEST_P(ReleasedFormatsCliTest, EverythingIsPrintedAsThen) { ExpectThatEverythingIsPrintedAsThen(); }

TEST_P(ReleasedFormatsCliTest, AnOutboxOfVersion2IsReadAsWell) {
  if (!std::filesystem::exists(Path("outbox_of_version_2"))) return;
  std::filesystem::remove_all(Path("store/outbox"));
  std::filesystem::rename(Path("outbox_of_version_2"), Path("store/outbox"));
  ExpectThatEverythingIsPrintedAsThen();
}

TEST_P(ReleasedFormatsCliTest, CollectGoesOnAndCountsNothingTwice) {
  now_ += absl::Hours(1);
  std::ofstream(Path("accounting/pacct"), std::ios::app) << ReadFile(Path("next/pacct"));
  std::ofstream(Path("history.pacct"), std::ios::app) << ReadFile(Path("next/pacct"));
  const auto all = Usage({"history.pacct"});
  ASSERT_GE(all.size(), 4u);
  EXPECT_NE(Usage({"--store=store"}), all);
  const Strings collect = {"collect", "--proc=next/proc"};
  Finished run = RunInside(collect);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(Usage({"--store=store"}), all);
  // A run that finds nothing new writes nothing.
  const Tree snapshots = Files("store/snapshots");
  EXPECT_EQ(RunInside(collect).exit_code, 0);
  EXPECT_EQ(Files("store/snapshots"), snapshots);
  // Everything becomes coarse.
  now_ += absl::Hours(24 * 100);
  run = RunInside(collect);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(Files("store/snapshots"), snapshots);
  EXPECT_EQ(Usage({"--store=store"}), all);
}

TEST_P(ReleasedFormatsCliTest, WhatWaitsIsDeliveredAndNothingTwice) {
  const auto server = FakeBotApi::Start();
  ASSERT_TRUE(server.ok());
  const std::string status = RunInside({"send", "--status"}).out;
  size_t pending = 0;
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    pending += absl::StrContains(line, " pending ") ? 1 : 0;
  }
  ASSERT_GT(pending, 0u) << status;
  const Finished run = Send(**server, {"send", "--pending"});
  EXPECT_EQ((*server)->received().size(), pending);
  for (const FakeBotApi::Received& request : (*server)->received()) {
    EXPECT_NE(request.message_id, 0) << request.response_body;
  }
  EXPECT_EQ(FilesIn("store/outbox"), (Strings{"store/outbox/memory"})) << run.err;
  EXPECT_EQ(Send(**server, {"send", "--pending"}).exit_code, 0);
  // Reported alerts are not repeated.
  EXPECT_EQ(Send(**server, {"send", "--alerts"}).exit_code, 0);
  EXPECT_EQ((*server)->received().size(), pending);
}

TEST_P(ReleasedFormatsCliTest, ASnapshotOfANewerReleaseIsRefusedWithoutHarm) {
  const auto server = FakeBotApi::Start();
  ASSERT_TRUE(server.ok());
  std::ofstream(Path("accounting/pacct"), std::ios::app) << ReadFile(Path("next/pacct"));
  const Strings snapshots = FilesIn("store/snapshots");
  // Nothing waits: queued reports have their own version, and are delivered.
  std::filesystem::remove_all(Path("store/outbox"));
  for (const std::string& name : {snapshots.front(), snapshots.back()}) {
    const std::string before = ReadFile(Path(name));
    const uint32_t version = FormatVersionOf(before);
    dir_.Write(name, OfNextVersion(before));
    const Tree files = Files("store");
    for (const char* command :
         {"report", "report --format json", "report --since 2026-10-05", "collect --proc next/proc",
          "collect --no-running --keep 1d", "send", "send --alerts", "send --dry-run", "run"}) {
      SCOPED_TRACE(absl::StrCat(name, ": ", command));
      const Finished run = Send(**server, absl::StrSplit(command, ' '));
      EXPECT_EQ(run.exit_code, 1);
      EXPECT_EQ(run.out, "");
      EXPECT_TRUE(absl::StrContains(
          run.err, absl::StrCat("cpuagg: ", name, ": has format version ", version + 1,
                                ", and this cpuagg knows only ", version,
                                "; use the version of cpuagg that wrote it, or a newer one\n")))
          << run.err;
      EXPECT_EQ(Files("store"), files);
    }
    dir_.Write(name, before);
  }
  EXPECT_EQ((*server)->received().size(), 0u);
  EXPECT_EQ(RunInside({"report"}).exit_code, 0);
}

TEST_P(ReleasedFormatsCliTest, AMemoryOfANewerReleaseIsRefusedWithoutHarm) {
  const auto server = FakeBotApi::Start();
  ASSERT_TRUE(server.ok());
  std::ofstream(Path("accounting/pacct"), std::ios::app) << ReadFile(Path("next/pacct"));
  const std::string name = "store/outbox/memory";
  const uint32_t version = FormatVersionOf(ReadFile(Path(name)));
  dir_.Write(name, OfNextVersion(ReadFile(Path(name))));
  const Tree files = Files("store");
  for (const char* command :
       {"report --period since-last", "collect --proc next/proc", "send", "send --pending",
        "send --period since-last", "send --alerts", "send --alerts --dry-run", "run"}) {
    SCOPED_TRACE(command);
    const Finished run = Send(**server, absl::StrSplit(command, ' '));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(absl::StartsWith(
        run.err, absl::StrCat("cpuagg: ", name, ": has format version ", version + 1,
                              ", and this cpuagg knows only ", version,
                              "; use the version of cpuagg that wrote it, or a newer one\n")))
        << run.err;
    EXPECT_EQ(Files("store"), files);
  }
  EXPECT_EQ((*server)->received().size(), 0u);
  EXPECT_EQ(RunInside({"report"}).exit_code, 0);
}

TEST_P(ReleasedFormatsCliTest, AQueuedReportOfANewerReleaseIsKeptAndTheOthersAreSent) {
  const auto server = FakeBotApi::Start();
  ASSERT_TRUE(server.ok());
  const Strings queued = FilesIn("store/outbox");
  ASSERT_GE(queued.size(), 2u);
  const std::string& name = queued.front();
  const uint32_t version = FormatVersionOf(ReadFile(Path(name)));
  const std::string newer = OfNextVersion(ReadFile(Path(name)));
  dir_.Write(name, newer);
  const Finished run = Send(**server, {"send", "--pending"});
  EXPECT_TRUE(absl::StrContains(
      run.err, absl::StrCat("cpuagg: ", name, ": has format version ", version + 1,
                            ", and this cpuagg knows only ", version,
                            "; use the version of cpuagg that wrote it, or a newer one; it is "
                            "kept, and the others are sent\n")))
      << run.err;
  EXPECT_NE(run.exit_code, 0);
  EXPECT_EQ(ReadFile(Path(name)), newer);
  EXPECT_EQ(FilesIn("store/outbox"), (Strings{name, "store/outbox/memory"}));
  EXPECT_GE((*server)->received().size(), 1u);
}

// Names are looked up again: the file only saves time.
TEST_P(ReleasedFormatsCliTest, NamesOfANewerReleaseAreAskedForAgain) {
  if (!std::filesystem::exists(Path("store/names.pb"))) return;
  std::string names = ReadFile(Path("store/names.pb"));
  ++names[1];
  dir_.Write("store/names.pb", names);
  ExpectThatEverythingIsPrintedAsThen();
  EXPECT_EQ(RunInside({"collect", "--proc=next/proc"}).err, "");
}

// A release may add fields to a version, if the numbers are right without them.
TEST_P(ReleasedFormatsCliTest, FieldsThatAreNotKnownArePassedOver) {
  for (const char* directory : {"store/snapshots", "store/outbox"}) {
    for (const std::string& name : FilesIn(directory)) {
      dir_.Write(name, WithUnknownFields(ReadFile(Path(name))));
    }
  }
  ExpectThatEverythingIsPrintedAsThen();
  const Finished run = RunInside({"collect", "--proc=next/proc"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
}

// "1.0.0" in a form for a test's name.
std::string NameOf(const ::testing::TestParamInfo<std::string>& release) {
  return absl::StrReplaceAll(release.param, {{".", "_"}});
}

INSTANTIATE_TEST_SUITE_P(Releases, ReleasedFormatsCliTest, ::testing::ValuesIn(Releases()), NameOf);

}  // namespace
}  // namespace cpuagg::tools
