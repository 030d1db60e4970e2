// Tests files of several owners in one store, their access, and the effect of the commands that
// `cpuagg check` suggests. Needs root, outside of Bazel's sandbox, which does not allow chown;
// skipped otherwise.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/check/store/store_checks.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::check {
namespace {

using acct::testing::TempDir;
using nlohmann::json;
using testing::Finished;
using testing::RunProgram;

// Ids without an account.
constexpr uid_t kService = 54'321;
constexpr uid_t kAnna = 54'322;

// Works in a folder of its own with relative paths, since other users than root may not enter the
// folders above.
class OwnersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "gives files to other users; run it as root";
    program_ = std::filesystem::absolute("tools/cpuagg").string();
    directory_library_ = std::filesystem::absolute("tools/testing/libfake_directory.so").string();
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(dir_.path());
    ASSERT_EQ(chmod(".", 0755), 0);
    const aggregate::SnapshotStore store("store");
    ASSERT_TRUE(store.MakeDirectories().ok());
    aggregate::Snapshot snapshot;
    snapshot.header.runs = {1, 1};
    snapshot.header.captured_at = absl::Now();
    ASSERT_TRUE(store.Publish(snapshot).ok());
    dir_.Write("store/lock", "");
  }
  void TearDown() override {
    if (!before_.empty()) std::filesystem::current_path(before_);
  }

  static void Give(const std::string& path, uid_t user) {
    ASSERT_EQ(lchown(path.c_str(), user, user), 0) << path;
  }
  static void GiveStore(uid_t user) {
    Give("store", user);
    for (const auto& entry : std::filesystem::recursive_directory_iterator("store")) {
      Give(entry.path().string(), user);
    }
  }
  // Adds a file to the store's folder that is not cpuagg's.
  void AddFileOfAnna() const {
    dir_.Write("store/annas", "");
    Give("store/annas", kAnna);
  }
  static uid_t OwnerOf(const std::string& path) {
    struct stat info;
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    return info.st_uid;
  }

  static Finding Find(const std::string& id, const std::string& store = "store") {
    Findings findings;
    CheckStore({.directory = store,
                .now = absl::Now(),
                .zone = absl::UTCTimeZone(),
                .collector = {.who = {.name = "service", .user = kService, .groups = {kService}},
                              .source = kCollectUnit},
                .collect = "cpuagg collect"},
               findings);
    for (const Finding& finding : findings.Get()) {
      if (finding.id == id) return finding;
    }
    return {};
  }
  static void Mend(const Finding& finding) {
    ASSERT_FALSE(finding.mends.empty()) << finding.text;
    const Finished run =
        RunProgram({.argv = {"/bin/sh", "-c", finding.mends[0]}, .directory = "."});
    ASSERT_EQ(run.exit_code, 0) << finding.mends[0] << run.err;
  }

  const TempDir dir_;
  std::filesystem::path before_;
  std::string program_;
  std::string directory_library_;
};

TEST_F(OwnersTest, FilesOfOthersInASharedFolderAreNotLookedAt) {
  GiveStore(kService);
  AddFileOfAnna();
  EXPECT_EQ(Find("store_owner").level, Level::kOk);
  EXPECT_EQ(Find("store_writable").level, Level::kOk);
}

TEST_F(OwnersTest, WhatRootLeftInASharedFolderIsGivenBackAndNothingElse) {
  GiveStore(kService);
  AddFileOfAnna();
  Give("store/lock", 0);
  EXPECT_EQ(Find("store_owner").level, Level::kCritical);
  Mend(Find("store_owner"));
  EXPECT_EQ(Find("store_owner").level, Level::kOk);
  EXPECT_EQ(OwnerOf("store/lock"), kService);
  EXPECT_EQ(OwnerOf("store/annas"), kAnna);
}

TEST_F(OwnersTest, ASharedFolderIsNotGivenToWhoCollects) {
  ASSERT_EQ(chmod("store", 0755), 0);
  AddFileOfAnna();
  const Finding owner = Find("store_owner");
  EXPECT_EQ(owner.level, Level::kCritical);
  EXPECT_EQ(Find("store_writable").mends, owner.mends);
  Mend(owner);
  EXPECT_EQ(OwnerOf("store"), 0u);
  EXPECT_EQ(OwnerOf("store/annas"), kAnna);
  for (const char* id : {"store_owner", "store_writable", "store_collect"}) {
    EXPECT_EQ(Find(id, "store/cpuagg").level, Level::kOk) << Find(id, "store/cpuagg").text;
  }
}

TEST_F(OwnersTest, TheRightToWriteIsMendedOfOwnFilesAlone) {
  GiveStore(kService);
  AddFileOfAnna();
  ASSERT_EQ(chmod("store/annas", 0400), 0);
  ASSERT_EQ(chmod("store/snapshots", 0500), 0);
  EXPECT_EQ(Find("store_writable").level, Level::kCritical);
  Mend(Find("store_writable"));
  EXPECT_EQ(Find("store_writable").level, Level::kOk) << Find("store_writable").text;
  ASSERT_EQ(chmod("store", 0500), 0);
  EXPECT_EQ(Find("store_writable").mends, std::vector<std::string>{"chmod u+rwx store"});
  Mend(Find("store_writable"));
  EXPECT_EQ(Find("store_writable").level, Level::kOk) << Find("store_writable").text;
  struct stat annas;
  ASSERT_EQ(stat("store/annas", &annas), 0);
  EXPECT_EQ(annas.st_uid, kAnna);
  EXPECT_EQ(annas.st_mode & 0777, 0400u);
}

TEST_F(OwnersTest, AStoreAloneIsGivenWhole) {
  EXPECT_EQ(Find("store_owner").level, Level::kCritical);
  Mend(Find("store_owner"));
  EXPECT_EQ(OwnerOf("store"), kService);
  EXPECT_EQ(Find("store_owner").level, Level::kOk);
  EXPECT_EQ(Find("store_writable").level, Level::kOk);
}

TEST_F(OwnersTest, AFolderAboveThatIsClosedIsNamed) {
  std::filesystem::create_directories("closed");
  std::filesystem::rename("store", "closed/store");
  Give("closed/store", kService);
  ASSERT_EQ(chmod("closed", 0700), 0);
  const Finding writable = Find("store_writable", "closed/store");
  EXPECT_EQ(writable.level, Level::kCritical);
  EXPECT_EQ(writable.mends[0], "chmod o+x closed  # or set STORE to a folder elsewhere");
  Mend(writable);
  EXPECT_EQ(Find("store_writable", "closed/store").mends[0],
            "chown -R 54321:54321 closed/store && chmod -R u+rwX closed/store");
}

json FindingOf(const Finished& run, const std::string& id) {
  const json all = json::parse(run.out, nullptr, false);
  EXPECT_TRUE(all.is_object()) << run.out << run.err;
  for (const json& finding : all.value("findings", json::array())) {
    if (finding["id"] == id) return finding;
  }
  return json::object();
}

TEST_F(OwnersTest, WhoMayNotReadIsToldOfTheGroupThatMay) {
  constexpr uid_t kReader = 54'323;
  GiveStore(kService);
  ASSERT_EQ(chmod("store", 0750), 0);
  std::filesystem::copy(program_, dir_.Path("cpuagg"));
  std::filesystem::copy(directory_library_, dir_.Path("names.so"));
  const auto check = [&] {
    return RunProgram({.argv = {"/bin/sh", "-c",
                                "exec env LD_PRELOAD=./names.so ./cpuagg check --json --config "
                                "/dev/null --store store --accounting-file log/pacct"},
                       .directory = ".",
                       .user = kReader});
  };
  EXPECT_EQ(FindingOf(check(), "store")["mends"],
            json({"sudo cpuagg check --config /dev/null --store store --accounting-file log/pacct",
                  "sudo usermod -aG group54321 user54323  # and log in again"}));
  const json join = json::array({"sudo usermod -aG group54322 user54323  # and log in again"});
  std::filesystem::create_directories("log");
  dir_.Write("log/pacct", "");
  Give("log/pacct", kAnna);
  ASSERT_EQ(chmod("log/pacct", 0640), 0);
  const json readable = FindingOf(check(), "accounting_readable");
  EXPECT_EQ(readable["mends"], join);
  EXPECT_EQ(
      readable["text"],
      "log/pacct: user54323 may not read it, and only root can find out whether user54321, which "
      "collects, may");
  // Debian's /var/log/account may look like this.
  Give("log", kAnna);
  ASSERT_EQ(chmod("log", 0750), 0);
  EXPECT_EQ(FindingOf(check(), "accounting_readable")["mends"], join);
  ASSERT_EQ(chmod("log", 0755), 0);
  ASSERT_EQ(chmod("log/pacct", 0644), 0);
  EXPECT_EQ(FindingOf(check(), "accounting_readable")["mends"], json::array());
  // The group does not have access either.
  ASSERT_EQ(chmod("store", 0700), 0);
  EXPECT_EQ(
      FindingOf(check(), "store")["mends"],
      json({"sudo cpuagg check --config /dev/null --store store --accounting-file log/pacct"}));
}

// The collector's user sends the reports, but root may read everything.
TEST_F(OwnersTest, AFileThatWhoCollectsMayNotReadIsNotInOrder) {
  GiveStore(kService);
  std::filesystem::create_directories("closed");
  const std::string secret = "123456789:AAE-this-is-the-secret-of-the-bot";
  const std::string token = "closed/token";
  const std::string authorities = "closed/ca.pem";
  dir_.Write(token, secret + "\n");
  dir_.Write(authorities, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  ASSERT_EQ(chmod(authorities.c_str(), 0644), 0);
  for (const std::string& line :
       {"BOT_TOKEN_FILE=" + token, "BOT_TOKEN=" + secret + "\nCA_FILE=" + authorities}) {
    const std::string config = dir_.Write("env", "CHAT_ID=1\n" + line + "\n");
    ASSERT_EQ(chmod(config.c_str(), 0600), 0);
    const auto check = [&] {
      return RunProgram({.argv = {program_, "check", "--config", config, "--store", "store",
                                  "--accounting-file", "pacct"}})
          .out;
    };
    const std::string refusal = absl::StrCat("reports cannot be sent by ", kService);
    ASSERT_EQ(chmod("closed", 0700), 0);
    ASSERT_EQ(chmod(token.c_str(), 0600), 0);
    EXPECT_TRUE(absl::StrContains(check(), refusal));
    ASSERT_EQ(chmod("closed", 0755), 0);
    Give("closed/token", kService);
    EXPECT_FALSE(absl::StrContains(check(), refusal)) << check();
    Give("closed/token", 0);
  }
}

}  // namespace
}  // namespace cpuagg::tools::check
