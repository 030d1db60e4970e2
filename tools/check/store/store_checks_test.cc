#include "tools/check/store/store_checks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "gtest/gtest.h"
#include "tools/check/store/store_files.h"
#include "tools/check/store/store_rights.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {
namespace {

using acct::testing::TempDir;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

class StoreChecksTest : public ::testing::Test {
 protected:
  // Publishes a run's snapshot from `age` ago.
  void Publish(absl::Duration age, std::vector<aggregate::Gap> gaps = {}) {
    const aggregate::SnapshotStore store(question_.directory);
    ASSERT_TRUE(store.MakeDirectories().ok());
    aggregate::Snapshot snapshot;
    ++runs_;
    snapshot.header.runs = {runs_, runs_};
    snapshot.header.host = "lab01";
    snapshot.header.captured_at = kNow - age;
    snapshot.header.gaps = std::move(gaps);
    snapshot.header.accounting = accounting_;
    ASSERT_TRUE(store.Publish(snapshot).ok());
  }
  // Locks the store like a run.
  void TouchLock(absl::Time when) const {
    const std::string path = dir_.Write("store/lock", "");
    const timespec times[2] = {absl::ToTimespec(when), absl::ToTimespec(when)};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  Finding Find(const std::string& id) const {
    Findings findings;
    CheckStore(question_, findings);
    for (const Finding& finding : findings.Get()) {
      if (finding.id == id) return finding;
    }
    return {};
  }

  TempDir dir_;
  StoreQuestion question_ = {.directory = dir_.Path("store"),
                             .now = kNow,
                             .zone = absl::UTCTimeZone(),
                             .collector = {.who = Myself(), .source = "the owner of the store"},
                             .collect = "cpuagg collect"};
  aggregate::AccountingState accounting_;
  uint64_t runs_ = 0;
};

TEST_F(StoreChecksTest, WhereThereIsNoneItIsMadeByCollecting) {
  EXPECT_EQ(Find("store").level, Level::kWarning);
  EXPECT_EQ(Find("store").mends, std::vector<std::string>{"cpuagg collect"});
}

TEST_F(StoreChecksTest, HowLateARunMayBeDependsOnWhatCollects) {
  Publish(absl::Hours(2));
  EXPECT_EQ(Find("store").level, Level::kOk);
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  EXPECT_EQ(Find("store_collect").text, "2 h ago, by lab01");
  question_.collects_by_timer = true;
  question_.period = absl::Minutes(15);
  EXPECT_EQ(Find("store_collect").level, Level::kWarning);
  EXPECT_EQ(Find("store_collect").mends[0], "systemctl start cpuagg-collect.service");
  question_.now += absl::Hours(25);
  EXPECT_EQ(Find("store_collect").level, Level::kCritical);
}

TEST_F(StoreChecksTest, ALineOfCronSaysWhenARunIsLate) {
  Publish(absl::Minutes(70));
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  question_.period = absl::Minutes(15);
  EXPECT_EQ(Find("store_collect").level, Level::kWarning);
  EXPECT_EQ(Find("store_collect").text, "70 min ago, by lab01, though it is due every 15 min");
  EXPECT_EQ(Find("store_collect").mends, std::vector<std::string>{"cpuagg collect"});
  question_.period = absl::Hours(1);
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  // With one run a day, a run is late after a day, and then data may be lost soon.
  question_.period = absl::Hours(24);
  question_.now = kNow + absl::Hours(23);
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  question_.now = kNow + absl::Hours(24);
  EXPECT_EQ(Find("store_collect").level, Level::kWarning);
}

TEST_F(StoreChecksTest, RunsThatCollectNothingOfNewRecordsAreAWarning) {
  Publish(absl::Minutes(70));
  question_.period = absl::Minutes(15);
  TouchLock(kNow);
  // On an idle machine there was nothing to collect.
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  EXPECT_EQ(Find("store_collect").text, "70 min ago, by lab01");
  question_.accounting_written = kNow;
  EXPECT_EQ(Find("store_collect").level, Level::kWarning);
  EXPECT_TRUE(absl::StrContains(Find("store_collect").text, "nothing has been collected"));
  EXPECT_EQ(Find("store_collect").mends, std::vector<std::string>{"cpuagg collect  # says why"});
  // Without a schedule, twice a day is enough.
  question_.period = std::nullopt;
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
}

TEST_F(StoreChecksTest, WhereAccountingWasOffARunHadNothingToCollect) {
  accounting_.kind = aggregate::AccountingState::Kind::kOff;
  Publish(absl::Hours(40));
  TouchLock(kNow);
  question_.accounting_written = kNow;
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
}

TEST_F(StoreChecksTest, AClockThatWasAheadIsSaidAndWhatMendsIt) {
  Publish(-absl::Hours(18));
  // No run since.
  Finding last = Find("store_collect");
  EXPECT_EQ(last.level, Level::kCritical);
  EXPECT_EQ(last.text,
            "the newest snapshot is dated 18 h ahead: the clock was ahead then, or is behind now; "
            "no run has begun since, by the present clock");
  EXPECT_EQ(last.mends.back(), "cpuagg collect");
  TouchLock(kNow - absl::Minutes(5));
  last = Find("store_collect");
  EXPECT_EQ(last.level, Level::kWarning);
  EXPECT_TRUE(last.mends.empty());
  EXPECT_TRUE(
      absl::EndsWith(last.advice[0], "else set the clock, and keep it right with an NTP service"))
      << last.advice[0];
  question_.has_systemd = true;
  last = Find("store_collect");
  EXPECT_EQ(last.mends[0], "timedatectl set-ntp true");
  // That settles it.
  question_.is_clock_synchronized = true;
  last = Find("store_collect");
  EXPECT_EQ(last.level, Level::kNote);
  EXPECT_EQ(last.text,
            "the newest snapshot is dated 18 h ahead: the clock, which is synchronized now, was "
            "ahead then; the last run began 5 min ago");
  EXPECT_TRUE(last.mends.empty());
  EXPECT_EQ(last.numbers[0].value, 0);
  // Runs may be late all the same.
  TouchLock(kNow - absl::Hours(27));
  EXPECT_EQ(Find("store_collect").level, Level::kCritical);
  EXPECT_EQ(Find("store_collect").mends, std::vector<std::string>{"cpuagg collect"});
}

TEST_F(StoreChecksTest, TheLastRunCountsAndNotTheLatestDate) {
  Publish(-absl::Hours(18));
  Publish(absl::Minutes(5));
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  EXPECT_EQ(Find("store_collect").text, "5 min ago, by lab01");
}

TEST_F(StoreChecksTest, GapsOfTheLastDayAreAWarning) {
  Publish(absl::Minutes(5),
          {{.period = {kNow - absl::Hours(50), kNow - absl::Hours(40)}, .reason = "old"}});
  EXPECT_EQ(Find("store_gaps").level, Level::kOk);
  EXPECT_EQ(Find("store_gaps").text, "none within a day; 1 before");
  Publish(absl::Minutes(1),
          {{.period = {kNow - absl::Hours(5), kNow - absl::Hours(4)}, .reason = "rotated away"}});
  EXPECT_EQ(Find("store_gaps").level, Level::kWarning);
  EXPECT_TRUE(absl::EndsWith(Find("store_gaps").text, ": rotated away"));
}

TEST_F(StoreChecksTest, WhatKeepsAGapFromComingAgainFitsItsCause) {
  const struct {
    const char* reason;
    const char* advice;
    bool is_said;
  } kCases[] = {
      {"accounting was off or paused: processes that ended then left no record",
       "keep accounting on", true},
      {"accounting was off or paused: processes that ended then left no record", "rotated", false},
      {"the accounting file that was read last is neither /var/log/account/pacct nor one of its "
       "rotated generations any more; what was added to it since is unknown",
       "collect more often than the accounting file is rotated", true},
      {"the store has no snapshot of run 7", "rotated", false},
  };
  for (const auto& c : kCases) {
    Publish(absl::Minutes(1),
            {{.period = {kNow - absl::Hours(5), kNow - absl::Hours(4)}, .reason = c.reason}});
    const Finding finding = Find("store_gaps");
    ASSERT_EQ(finding.advice.size(), 1u);
    EXPECT_EQ(absl::StrContains(finding.advice[0], c.advice), c.is_said) << finding.advice[0];
  }
}

TEST_F(StoreChecksTest, ALinkThatLeadsNowhereIsNoStoreThatIsStillToBeMade) {
  std::filesystem::create_symlink("/nope/disk", question_.directory);
  const Finding nowhere = Find("store");
  EXPECT_EQ(nowhere.level, Level::kCritical);
  EXPECT_EQ(nowhere.text, question_.directory + ": leads to /nope/disk, which does not exist");
  EXPECT_TRUE(nowhere.mends.empty());
  ASSERT_EQ(nowhere.advice.size(), 1u);
  EXPECT_TRUE(absl::StartsWith(nowhere.advice[0], "mount /nope/disk"));
  // A link to itself.
  std::filesystem::remove(question_.directory);
  std::filesystem::create_symlink("store", question_.directory);
  const Finding circle = Find("store");
  EXPECT_EQ(circle.level, Level::kCritical);
  EXPECT_EQ(circle.text, question_.directory + ": is a link that leads in a circle");
  EXPECT_EQ(circle.mends, std::vector<std::string>{"mv " + question_.directory + " " +
                                                   question_.directory + ".other"});
}

TEST_F(StoreChecksTest, WhatIsNoLockKeepsEveryRunFromCollecting) {
  Publish(absl::Minutes(5));
  TouchLock(kNow);
  EXPECT_EQ(Find("store_writable").level, Level::kOk);
  const std::string lock = question_.directory + "/lock";
  const auto is_said = [&] {
    const Finding finding = Find("store_writable");
    return finding.level == Level::kCritical &&
           finding.mends ==
               std::vector<std::string>{"mv " + lock + " " + question_.directory + ".lock.other"};
  };
  dir_.Write("store/lock", "somebody's list of what is to be done");
  EXPECT_TRUE(is_said());
  std::filesystem::remove(lock);
  ASSERT_EQ(mkfifo(lock.c_str(), 0600), 0);
  EXPECT_TRUE(is_said());
  std::filesystem::remove(lock);
  std::filesystem::create_directory(lock);
  EXPECT_TRUE(is_said());
}

TEST_F(StoreChecksTest, OthersMayNotWriteToIt) {
  Publish(absl::Minutes(5));
  chmod(question_.directory.c_str(), 0777);
  EXPECT_EQ(Find("store").level, Level::kCritical);
  EXPECT_EQ(Find("store").mends, std::vector<std::string>{"chmod go-w " + question_.directory});
}

TEST_F(StoreChecksTest, AStoreOfSomebodyElseThanWhoCollectsIsGivenToHim) {
  Publish(absl::Minutes(5));
  question_.collector = {
      .who = {.name = "service", .user = geteuid() + 12345678, .groups = {12345678}},
      .source = "cpuagg-collect.service"};
  EXPECT_EQ(Find("store_owner").level, Level::kCritical);
  EXPECT_EQ(Find("store_owner").mends,
            std::vector<std::string>{absl::StrCat("chown -R ", geteuid() + 12345678, ":12345678 ",
                                                  question_.directory)});
  // The folder also has another user's file.
  dir_.Write("store/annas", "");
  const std::string own = question_.directory + "/cpuagg";
  EXPECT_EQ(Find("store_owner").mends,
            std::vector<std::string>{absl::StrCat(
                "mkdir -p -m 0750 ", own, " && mv ", question_.directory, "/snapshots ", own,
                " && chown -R ", geteuid() + 12345678, ":12345678 ", own, "  # and set STORE=", own,
                " in the configuration, since others use ", question_.directory, " as well")});
}

TEST_F(StoreChecksTest, AStoreOfANumberWithoutAUserIsNoOnesAndGivenToWhoCollects) {
  Publish(absl::Minutes(5));
  struct stat info;
  ASSERT_EQ(stat(question_.directory.c_str(), &info), 0);
  info.st_uid = 4321;
  Collector collector = {.who = {.name = UserText(0), .user = 0, .groups = {0}},
                         .source = "the owner of the store"};
  const Finding finding = CheckStoreOwner(question_.directory, collector, {}, info);
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_EQ(finding.text, question_.directory + " belongs to user id 4321, which has no account");
  EXPECT_EQ(finding.mends,
            std::vector<std::string>{"chown -R --from=4321 root:root " + question_.directory});
  // If the current user has this number, as in a container, everything is in order.
  collector.who = {.name = "4321", .user = 4321, .groups = {4321}};
  EXPECT_EQ(CheckStoreOwner(question_.directory, collector, {}, info).level, Level::kOk);
}

TEST_F(StoreChecksTest, AFileWithAnotherNameIsNotGivenAway) {
  Publish(absl::Minutes(5));
  question_.collector = {
      .who = {.name = "service", .user = geteuid() + 12345678, .groups = {12345678}},
      .source = "cpuagg-collect.service"};
  EXPECT_EQ(Find("store_owner").mends.size(), 1u);
  dir_.Write("precious", "");
  const std::string link = question_.directory + "/snapshots/link";
  std::filesystem::create_hard_link(dir_.Path("precious"), link);
  const Finding finding = Find("store_owner");
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_TRUE(finding.mends.empty());
  ASSERT_EQ(finding.advice.size(), 1u);
  EXPECT_TRUE(absl::StartsWith(finding.advice[0], link + " has another name as well"));
}

TEST_F(StoreChecksTest, TheRootOfAFileSystemIsChangedWithoutWhatIsLost) {
  Publish(absl::Minutes(5));
  EXPECT_EQ(ChangeStore(question_.directory, "chown", "a:b"),
            "chown -R a:b " + question_.directory);
  std::filesystem::create_directory(question_.directory + "/lost+found");
  EXPECT_EQ(ChangeStore(question_.directory, "chown", "a:b"),
            absl::StrCat("chown a:b ", question_.directory, " && chown -R a:b ",
                         question_.directory, "/snapshots"));
  // chown -R does not follow links.
  std::filesystem::remove(question_.directory + "/lost+found");
  const std::string link = dir_.Path("link");
  std::filesystem::create_symlink(question_.directory, link);
  EXPECT_EQ(ChangeStore(link, "chown", "a:b"),
            absl::StrCat("chown a:b ", link, " && chown -R a:b ", link, "/snapshots"));
}

TEST(StoreRoomTest, ForgettingIsProposedOnlyWhereItFreesSomething) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  const auto proposes_keep = [](const StoreRoom& room) {
    const Finding finding = CheckRoom("/store", room);
    EXPECT_NE(finding.level, Level::kOk) << finding.text;
    EXPECT_EQ(finding.advice[0], "make room on the file system of /store");
    return finding.advice.size() > 1 && absl::StrContains(finding.advice[1], "KEEP");
  };
  // A day old and a few KiB, on a file system that others have filled.
  EXPECT_FALSE(proposes_keep({.free = 0, .store_bytes = 5000, .age = absl::Hours(24)}));
  EXPECT_FALSE(proposes_keep({.free = 0, .store_bytes = 5000, .age = absl::Hours(24 * 900)}));
  EXPECT_FALSE(proposes_keep({.free = 0, .store_bytes = 50 * kMiB, .age = absl::Hours(24)}));
  EXPECT_TRUE(proposes_keep({.free = 0, .store_bytes = 50 * kMiB, .age = absl::Hours(24 * 900)}));
  EXPECT_TRUE(proposes_keep({.free = 200 * kMiB,
                             .store_bytes = 3 * kMiB,
                             .in_a_year = 300 * kMiB,
                             .age = absl::Hours(24 * 4)}));
  EXPECT_EQ(CheckRoom("/store", {.free = 200 * kMiB, .store_bytes = kMiB}).level, Level::kOk);
}

}  // namespace
}  // namespace cpuagg::tools::check
