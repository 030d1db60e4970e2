#include "tools/check/store_checks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot.h"
#include "aggregate/snapshot_store.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

using acct::testing::TempDir;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

class StoreChecksTest : public ::testing::Test {
 protected:
  // A run's snapshot of `age` ago, with a lock of the same age.
  void Publish(absl::Duration age, std::vector<aggregate::Gap> gaps = {}) {
    const aggregate::SnapshotStore store(question_.directory);
    ASSERT_TRUE(store.MakeDirectories().ok());
    aggregate::Snapshot snapshot;
    ++runs_;
    snapshot.header.runs = {runs_, runs_};
    snapshot.header.host = "lab01";
    snapshot.header.captured_at = kNow - age;
    snapshot.header.gaps = std::move(gaps);
    ASSERT_TRUE(store.Publish(snapshot).ok());
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
  EXPECT_EQ(Find("store_collect").level, Level::kWarning);
  EXPECT_EQ(Find("store_collect").mends[0], "systemctl start cpuagg-collect.service");
  question_.now += absl::Hours(25);
  EXPECT_EQ(Find("store_collect").level, Level::kCritical);
}

TEST_F(StoreChecksTest, RunsThatCollectNothingOfNewRecordsAreAWarning) {
  Publish(absl::Hours(14));
  const auto write = [&](const std::string& name) {
    const std::string path = dir_.Write(name, "");
    const timespec now[2] = {absl::ToTimespec(kNow), absl::ToTimespec(kNow)};
    EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), now, 0), 0);
    return path;
  };
  write("store/lock");
  // On an idle machine there was nothing to collect.
  EXPECT_EQ(Find("store_collect").level, Level::kOk);
  EXPECT_TRUE(absl::StartsWith(Find("store_collect").text, "14 h ago"));
  question_.accounting_file = write("pacct");
  EXPECT_EQ(Find("store_collect").level, Level::kWarning);
  EXPECT_TRUE(absl::StrContains(Find("store_collect").text, "nothing has been collected"));
}

TEST_F(StoreChecksTest, ARunInTheFutureIsTheClocks) {
  Publish(-absl::Hours(1));
  EXPECT_EQ(Find("store_collect").level, Level::kCritical);
  EXPECT_TRUE(absl::StrContains(Find("store_collect").text, "in the future"));
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
      {"accounting was off or paused: what ended then has left no record", "keep accounting on",
       true},
      {"accounting was off or paused: what ended then has left no record", "rotated", false},
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

TEST_F(StoreChecksTest, OthersMayNotWriteToIt) {
  Publish(absl::Minutes(5));
  chmod(question_.directory.c_str(), 0777);
  EXPECT_EQ(Find("store").level, Level::kCritical);
  EXPECT_EQ(Find("store").mends, std::vector<std::string>{"chmod go-w " + question_.directory});
}

TEST_F(StoreChecksTest, FilesOfOthersInASharedFolderAreLeftAlone) {
  Publish(absl::Minutes(5));
  const std::string other = dir_.Write("store/annas", "");
  if (chown(other.c_str(), 54321, 54321) != 0) GTEST_SKIP() << "may not chown here";
  EXPECT_EQ(Find("store_owner").level, Level::kOk);
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
}

}  // namespace
}  // namespace cpuagg::tools::check
