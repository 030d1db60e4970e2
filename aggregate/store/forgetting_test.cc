#include "aggregate/store/forgetting.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/report/report.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int64_t kHour = 3600;
constexpr int64_t kFirst = 500'000 * kHour;

absl::Time HourOf(int64_t hour) { return absl::FromUnixSeconds(kFirst + hour * kHour); }

class ForgettingTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kAlice = 0;
  static constexpr uint32_t kBob = 1;
  static constexpr uint32_t kNameless = 2;  // the id of bob, after his account was deleted
  static constexpr uint32_t kDave = 3;      // has the id of bob after that

  struct Work {
    int64_t hour;
    uint32_t account;
    uint64_t ticks;
    int64_t hours = 1;  // the length of the bucket
  };

  // Publishes the next run.
  void Add(const std::vector<Work>& work, const std::vector<uint32_t>& running = {}) {
    ++run_;
    Snapshot snapshot;
    snapshot.header = {.runs = {run_, run_},
                       .host = "lab",
                       .captured_at = HourOf(static_cast<int64_t>(run_)),
                       .accounts = {{Uid(1000), "alice"}, {Uid(1001), "bob"}, {Uid(1001)}},
                       .counts_running = true};
    for (const Work& each : work) {
      if (each.account == kDave && snapshot.header.accounts.size() == kDave) {
        snapshot.header.accounts.push_back({Uid(1001), "dave"});
      }
      Usage usage;
      usage.processes = 1;
      usage.ticks.user = each.ticks;
      const int64_t begin = kFirst + each.hour * kHour;
      const int64_t end = begin + each.hours * kHour;
      snapshot.users.push_back({begin, end, each.account, usage});
      snapshot.commands.push_back({begin, end, each.account, CommandBitsOf("job"), usage});
      snapshot.header.span.Cover(begin, end - 1);
    }
    snapshot.users = Joined(std::move(snapshot.users));
    snapshot.commands = Joined(std::move(snapshot.commands));
    snapshot.running.boot_id = "boot";
    for (const uint32_t uid : running) {
      snapshot.running.processes.push_back({.pid = uid, .uid = Uid(uid), .user_ticks = 5});
    }
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }

  Forgotten Forget(Forgetting what) {
    what.reason = "deleted for a test";
    const absl::StatusOr<Forgotten> forgotten = aggregate::Forget(store_, what);
    EXPECT_TRUE(forgotten.ok()) << forgotten.status();
    return forgotten.value_or(Forgotten());
  }

  Report All(const Grouping& by = {Dimension::kUser}) const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, {}, absl::UTCTimeZone(), {}, {.by = by});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }
  // Ticks by user.
  std::map<std::string, int64_t> Ticks() const {
    std::map<std::string, int64_t> ticks;
    for (const ReportRow& row : All().rows) {
      ticks[row.user.value_or("-")] = row.usage.cpu_time().ticks().count();
    }
    return ticks;
  }

  // Whether a file of the store has `text`.
  bool Holds(const std::string& text) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store_.directory())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      if (absl::StrContains(std::string(std::istreambuf_iterator<char>(file), {}), text)) {
        return true;
      }
    }
    return false;
  }

  acct::testing::TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};
  SnapshotStore store_{dir_.Path("store"), files_};
  uint64_t run_ = 0;
};

TEST_F(ForgettingTest, AUserIsGoneFromRowsNamesAndFiles) {
  Add({{0, kAlice, 100}, {0, kBob, 200}, {1, kBob, 30}});
  Add({{2, kAlice, 10}});
  Add({{3, kBob, 7}});
  const Forgotten forgotten = Forget({.users = {"bob"}});
  EXPECT_EQ(forgotten.usage.ticks.user, 237u);
  EXPECT_EQ(forgotten.usage.processes, 3u);
  EXPECT_EQ(forgotten.period, (Period{HourOf(0), HourOf(4)}));
  EXPECT_THAT(forgotten.users, ElementsAre(UserIdentity{Uid(1001), "bob"}));
  EXPECT_EQ(forgotten.snapshots, 3u) << "the second has his name";
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 110)));
  EXPECT_FALSE(Holds("bob"));
  EXPECT_TRUE(Holds("alice"));
  EXPECT_EQ(All({Dimension::kCommand}).totals.cpu_time().ticks().count(), 110);
}

TEST_F(ForgettingTest, WhatIsDeletedIsWrittenDown) {
  Add({{0, kAlice, 100}, {1, kBob, 200}});
  Forget({.users = {"bob"}});
  const Report report = All();
  ASSERT_THAT(report.gaps, SizeIs(1));
  EXPECT_EQ(report.gaps[0].period, (Period{HourOf(1), HourOf(2)}));
  EXPECT_EQ(report.gaps[0].reason, "deleted for a test");
  EXPECT_EQ(report.host, "lab");
  EXPECT_FALSE(report.excludes_running);
  // Once.
  EXPECT_EQ(Forget({.users = {"bob"}}).snapshots, 0u);
  EXPECT_THAT(All().gaps, SizeIs(1));
  EXPECT_EQ(store_.List()->last_run, 2u);
}

TEST_F(ForgettingTest, UsageWithoutANameGoesWithTheNameThatItBelongsTo) {
  Add({{0, kBob, 200}});
  Add({{1, kNameless, 30}, {1, kAlice, 1}});
  EXPECT_EQ(Forget({.users = {"bob"}}).usage.ticks.user, 230u);
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 1)));
}

TEST_F(ForgettingTest, AnIdIsAUserToo) {
  Add({{0, kBob, 200}, {0, kAlice, 1}});
  Forget({.users = {"1001"}});
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 1)));
}

TEST_F(ForgettingTest, DigitsAreTheUserWithThatNameAndElseTheId) {
  Add({{0, kBob, 200}, {0, kAlice, 1}});
  const StoreListing listing = *store_.List();
  Snapshot snapshot = *store_.Load(listing.snapshots[0]);
  snapshot.header.accounts[kAlice].name = "1001";
  ASSERT_TRUE(store_.Replace(listing.snapshots, snapshot).ok());
  Forget({.users = {"1001"}});
  EXPECT_THAT(Ticks(), ElementsAre(Pair("bob", 200)));
}

// The store keeps commands by the day or month, and users by the hour or day.
TEST_F(ForgettingTest, CommandsOfALongerStretchGoWithTheUsersHours) {
  Add({{0, kAlice, 100}, {1, kAlice, 10}, {1, kBob, 5}});
  const StoreListing listing = *store_.List();
  Snapshot snapshot = *store_.Load(listing.snapshots[0]);
  for (CommandRow& row : snapshot.commands) {
    row.begin = kFirst;
    row.end = kFirst + 24 * kHour;
  }
  snapshot.commands = Joined(std::move(snapshot.commands));
  ASSERT_TRUE(store_.Replace(listing.snapshots, snapshot).ok());
  Forget({.users = {"alice"}, .before = HourOf(1)});
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 10), Pair("bob", 5)));
  const Report report = All({Dimension::kCommand});
  EXPECT_EQ(report.totals.cpu_time().ticks().count(), 15);
  EXPECT_FALSE(report.knows_all_commands());
  for (const ReportRow& row : report.rows) {
    if (row.command == "job") {
      EXPECT_EQ(row.usage.cpu_time().ticks().count(), 5) << "of bob";
    }
  }
}

TEST_F(ForgettingTest, ForgettingAnUnknownUserChangesNothing) {
  Add({{0, kAlice, 100}});
  const Forgotten forgotten = Forget({.users = {"carol"}});
  EXPECT_THAT(forgotten.users, IsEmpty());
  EXPECT_EQ(forgotten.period, std::nullopt);
  EXPECT_EQ(store_.List()->last_run, 1u);
}

TEST_F(ForgettingTest, ADryRunChangesNothing) {
  Add({{0, kAlice, 100}, {0, kBob, 200}});
  EXPECT_EQ(Forget({.users = {"bob"}, .is_dry_run = true}).usage.ticks.user, 200u);
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 100), Pair("bob", 200)));
  EXPECT_EQ(store_.List()->last_run, 1u);
}

// The time counted for it is gone, so nothing may be taken away when it ends.
TEST_F(ForgettingTest, ARunningProcessIsCountedAnew) {
  Add({{0, kAlice, 100}, {0, kBob, 200}}, {1000, 1001});
  Forget({.users = {"bob"}});
  const StoreListing listing = *store_.List();
  for (const StoredSnapshot& stored : listing.snapshots) {
    const RunningBaseline running = store_.Load(stored)->running;
    ASSERT_THAT(running.processes, SizeIs(1)) << stored.path;
    EXPECT_EQ(running.processes[0].uid, Uid(1000));
  }
}

// What is counted for them is the other account's, and is not deleted.
TEST_F(ForgettingTest, ProcessesOfAnIdThatWasUsedAgainStayCounted) {
  Add({{0, kAlice, 100}, {0, kBob, 200}});
  Add({{1, kDave, 300}}, {1000, 1001});
  Forget({.users = {"bob"}});
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 100), Pair("dave", 300)));
  EXPECT_THAT(store_.Load(store_.List()->snapshots.back())->running.processes, SizeIs(2));
  Forget({.users = {"dave"}});
  EXPECT_THAT(store_.Load(store_.List()->snapshots.back())->running.processes, SizeIs(1));
}

// Else the next run would not know how busy the machine was.
TEST_F(ForgettingTest, TheCountersOfTheMachineGoOn) {
  Add({{0, kAlice, 100}, {0, kBob, 200}});
  const StoreListing listing = *store_.List();
  Snapshot snapshot = *store_.Load(listing.snapshots[0]);
  snapshot.machine_counters = {.times = {.boot_id = "boot"}, .seen_at = kFirst};
  snapshot.header.machine_times = {{.begin = kFirst, .end = kFirst + kHour, .known = 60}};
  ASSERT_TRUE(store_.Replace(listing.snapshots, snapshot).ok());
  Forget({.users = {"bob"}});
  const std::vector<StoredSnapshot> after = store_.List()->snapshots;
  EXPECT_EQ(store_.Load(after.back())->machine_counters, snapshot.machine_counters);
  EXPECT_EQ(after.front().header.machine_times, snapshot.header.machine_times);
  Forget({.before = HourOf(1)});
  EXPECT_THAT(store_.List()->snapshots.front().header.machine_times, IsEmpty());
}

TEST_F(ForgettingTest, WhatEndedBeforeATimeIsGoneForEverybody) {
  Add({{0, kAlice, 100}, {1, kBob, 200}});
  Add({{1, kBob, 20}, {2, kAlice, 10}}, {1001});
  const Forgotten forgotten = Forget({.before = HourOf(2)});
  EXPECT_EQ(forgotten.usage.ticks.user, 320u);
  EXPECT_EQ(forgotten.period, (Period{HourOf(0), HourOf(2)}));
  EXPECT_EQ(forgotten.kept_until, std::nullopt);
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 10)));
  EXPECT_FALSE(Holds("bob"));
  const Report report = All();
  EXPECT_EQ(report.known->begin, HourOf(2));
  EXPECT_THAT(report.gaps, SizeIs(1));
  const StoreListing listing = *store_.List();
  EXPECT_EQ(listing.snapshots[0].header.level, MergeLevel::kExpired);
  EXPECT_THAT(listing.missing, IsEmpty());
  EXPECT_THAT(store_.Load(listing.snapshots.back())->running.processes, SizeIs(1))
      << "it still runs";
}

TEST_F(ForgettingTest, ADayThatGoesOnStays) {
  Add({{0, kAlice, 100, 24}, {24, kAlice, 10, 24}});
  const Forgotten forgotten = Forget({.before = HourOf(30)});
  EXPECT_EQ(forgotten.usage.ticks.user, 100u);
  EXPECT_EQ(forgotten.kept_until, HourOf(48));
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 10)));
}

TEST_F(ForgettingTest, OneUserBeforeATime) {
  Add({{0, kAlice, 100}, {0, kBob, 200}, {1, kBob, 30}});
  Forget({.users = {"bob"}, .before = HourOf(1)});
  EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 100), Pair("bob", 30)));
}

TEST_F(ForgettingTest, LaterGapsStay) {
  Add({{0, kAlice, 100}});
  const StoreListing listing = *store_.List();
  Snapshot snapshot = *store_.Load(listing.snapshots[0]);
  snapshot.header.gaps = {{.period = {HourOf(0), HourOf(1)}, .reason = "early"},
                          {.period = {HourOf(5), HourOf(6)}, .reason = "late"}};
  ASSERT_TRUE(store_.Replace(listing.snapshots, snapshot).ok());
  Forget({.before = HourOf(1)});
  std::vector<std::string> reasons;
  for (const Gap& gap : All().gaps) reasons.push_back(gap.reason);
  EXPECT_THAT(reasons, ElementsAre("late", "deleted for a test"));
}

// Whatever the moment: nothing is too small without a word, and repeating it completes it.
TEST_F(ForgettingTest, ACrashLosesNothingSilently) {
  std::mt19937_64 random(20261127);
  for (uint64_t calls = 0;; ++calls) {
    SCOPED_TRACE(calls);
    std::filesystem::remove_all(store_.directory());
    run_ = 0;
    Add({{0, kAlice, 100}, {0, kBob, 200}});
    Add({{1, kBob, 30}});
    files_.StopAt(calls, testing::CrashingFiles::Stop::kPowerCut);
    const bool is_done = aggregate::Forget(store_, {.users = {"bob"}, .reason = "deleted"}).ok();
    files_.Restart(random);
    const int64_t bobs = Ticks()["bob"];
    EXPECT_EQ(Ticks()["alice"], 100);
    if (bobs < 230) {
      EXPECT_THAT(All().gaps, SizeIs(1));
    }
    Forget({.users = {"bob"}});
    EXPECT_THAT(Ticks(), ElementsAre(Pair("alice", 100)));
    if (is_done) break;
    ASSERT_LT(calls, 100u);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
