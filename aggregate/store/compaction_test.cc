#include "aggregate/store/compaction.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/testing/crashing_files.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::ReadFile;
using acct::testing::TempDir;

absl::TimeZone Berlin() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}

absl::Time At(int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, month, day, hour), Berlin());
}

StoredSnapshot Stored(uint64_t run, absl::Time captured_at, MergeLevel level = MergeLevel::kRun) {
  SnapshotHeader header{.runs = {run, run}, .level = level, .captured_at = captured_at};
  const int64_t hour = absl::ToUnixSeconds(captured_at - absl::Hours(1));
  header.buckets.Cover(hour, hour);
  return {.header = std::move(header)};
}

TEST(PlanCompactionTest, TheRunsOfADayAreMergedTwoDaysLater) {
  const std::vector<StoredSnapshot> stored = {Stored(1, At(11, 20, 0)), Stored(2, At(11, 20, 23)),
                                              Stored(3, At(11, 21, 0)), Stored(4, At(11, 21, 1)),
                                              Stored(5, At(11, 22, 0)), Stored(6, At(11, 24, 0))};
  EXPECT_TRUE(PlanCompaction(stored, At(11, 22, 23), Berlin(), {}).empty());
  EXPECT_EQ(PlanCompaction(stored, At(11, 23, 0), Berlin(), {}),
            (std::vector<MergeStep>{{0, 2, MergeLevel::kDay}}));
  EXPECT_EQ(PlanCompaction(stored, At(11, 24, 0), Berlin(), {}),
            (std::vector<MergeStep>{{0, 2, MergeLevel::kDay}, {2, 4, MergeLevel::kDay}}));
}

TEST(PlanCompactionTest, WhatHasBeenMergedIsLeftAndTheNewestAlways) {
  const std::vector<StoredSnapshot> stored = {Stored(1, At(11, 20, 23), MergeLevel::kDay),
                                              Stored(2, At(11, 21, 23), MergeLevel::kDay),
                                              Stored(3, At(11, 21, 23))};
  EXPECT_TRUE(PlanCompaction(stored, At(11, 25, 0), Berlin(), {}).empty());
  EXPECT_TRUE(PlanCompaction({}, At(11, 25, 0), Berlin(), {}).empty());
}

TEST(PlanCompactionTest, TheDaysOfAMonthAreMergedWhenNobodyAsksForItsHours) {
  const std::vector<StoredSnapshot> stored = {
      Stored(1, At(1, 1, 0), MergeLevel::kDay), Stored(2, At(1, 31, 23), MergeLevel::kDay),
      Stored(3, At(2, 1, 0), MergeLevel::kDay), Stored(4, At(3, 30, 0))};
  EXPECT_TRUE(PlanCompaction(stored, At(3, 7, 23), Berlin(), {}).empty());
  EXPECT_EQ(PlanCompaction(stored, At(3, 8, 0), Berlin(), {}),
            (std::vector<MergeStep>{{0, 2, MergeLevel::kMonth}}));
  EXPECT_EQ(PlanCompaction(stored, At(2, 4, 0), Berlin(), {.days_of_hours = 3}),
            (std::vector<MergeStep>{{0, 2, MergeLevel::kMonth}}));
}

TEST(PlanCompactionTest, WhatIsOlderThanTheStoreKeepsExpires) {
  const std::vector<StoredSnapshot> stored = {
      Stored(1, At(1, 1, 0), MergeLevel::kMonth), Stored(2, At(2, 1, 0), MergeLevel::kMonth),
      Stored(3, At(3, 1, 0)), Stored(4, At(3, 1, 1)), Stored(5, At(3, 30, 0))};
  EXPECT_EQ(PlanCompaction(stored, At(3, 2, 0), Berlin(), {.days = 25}),
            (std::vector<MergeStep>{{0, 2, MergeLevel::kExpired}}));
  // Captured long ago, but with later records (the clock has been set).
  std::vector<StoredSnapshot> odd = stored;
  odd[0].header.buckets.last_end = absl::ToUnixSeconds(At(3, 1, 0));
  EXPECT_EQ(PlanCompaction(odd, At(3, 2, 0), Berlin(), {.days = 25}),
            (std::vector<MergeStep>{{1, 2, MergeLevel::kExpired}}));
}

TEST(PlanCompactionTest, WhatWasReportedLastStaysApartFromWhatCameLater) {
  std::vector<StoredSnapshot> stored;
  for (uint64_t run = 1; run <= 6; ++run) {
    stored.push_back(Stored(run, At(11, 20, static_cast<int>(run))));
  }
  EXPECT_EQ(PlanCompaction(stored, At(11, 23, 0), Berlin(), {.last_reported_run = 3}),
            (std::vector<MergeStep>{{0, 3, MergeLevel::kDay}, {3, 5, MergeLevel::kDay}}));
  // Run 3 was damaged at the time of the last report, and has been collected again by run 4.
  stored[3].header.runs.first = 3;
  stored.erase(stored.begin() + 2);
  EXPECT_EQ(PlanCompaction(stored, At(11, 23, 0), Berlin(), {.last_reported_run = 3}),
            (std::vector<MergeStep>{{0, 2, MergeLevel::kDay}, {2, 4, MergeLevel::kDay}}));
}

CommandBits Command(const std::string& name) {
  return CommandBitsOf(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(name.data()), name.size()));
}

// Run `run`, in which each account used a second in each of these hours.
Snapshot SnapshotOf(uint64_t run, absl::Time captured_at, std::vector<UserIdentity> accounts,
                    const std::vector<absl::Time>& hours) {
  Snapshot snapshot;
  snapshot.header = {
      .runs = {run, run}, .host = "lab", .captured_at = captured_at, .accounts = accounts};
  for (const absl::Time hour : hours) {
    const int64_t begin = absl::ToUnixSeconds(hour);
    snapshot.header.span.Cover(begin, begin + 60);
    for (uint32_t account = 0; account < accounts.size(); ++account) {
      const Usage usage = {.processes = 1, .ticks = {.user = 100}};
      snapshot.users.push_back({begin, begin + 3600, account, usage});
      snapshot.commands.push_back({begin, begin + 3600, account, Command("sh"), usage});
    }
  }
  snapshot.cursors = {{.offset = run}};
  snapshot.running.boot_id = "boot";
  snapshot.running.scanned_at = static_cast<int64_t>(run);
  snapshot.machine_counters.times.boot_id = "boot";
  snapshot.machine_counters.seen_at = static_cast<int64_t>(run);
  for (const absl::Time hour : hours) {
    const int64_t begin = absl::ToUnixSeconds(hour);
    snapshot.header.machine_times.push_back({.begin = begin,
                                             .end = begin + 3600,
                                             .known = 3600,
                                             .processors = static_cast<uint32_t>(run),
                                             .busy = 100,
                                             .idle = 10,
                                             .stolen = 1});
  }
  acct::ByteAccount input;
  input.name = "pacct";
  input.bytes = 64;
  input.records = 1;
  snapshot.inputs = {input};
  return snapshot;
}

// Hours are kept for longer than when the part was written.
TEST(MergedTest, WhatIsCoarserThanTheStoreKeepsItNowRemainsSo) {
  Snapshot part = SnapshotOf(1, At(10, 25, 12), {{Uid(1), "alice"}}, {At(10, 24, 0)});
  const int64_t end = absl::ToUnixSeconds(At(10, 25, 0));
  part.users[0].end = end;
  part.commands[0].end = end;
  const Snapshot merged = Merged({std::move(part)}, MergeLevel::kDay, {}, {.zone = Berlin()});
  ASSERT_EQ(merged.users.size(), 1u);
  EXPECT_EQ(merged.users[0].begin, absl::ToUnixSeconds(At(10, 24, 0)));
  EXPECT_EQ(merged.users[0].end, end);
  ASSERT_EQ(merged.commands.size(), 1u);
  EXPECT_EQ(merged.commands[0].end, end);
}

TEST(MergedTest, HoursBecomeDaysAndTheSumsStay) {
  const Snapshot merged =
      Merged({SnapshotOf(1, At(10, 25, 12), {{Uid(1), "alice"}},
                         {At(10, 24, 22), At(10, 25, 0), At(10, 25, 5)}),
              SnapshotOf(2, At(10, 26, 1), {{Uid(1), "alice"}}, {At(10, 25, 23), At(10, 26, 0)})},
             MergeLevel::kMonth, {}, BucketPolicyAt(At(12, 10, 0), Berlin(), 35));
  EXPECT_EQ(merged.header.runs, (Runs{1, 2}));
  EXPECT_EQ(merged.header.captured_at, At(10, 26, 1));
  ASSERT_EQ(merged.users.size(), 3u);
  // The day in the middle has 25 hours.
  EXPECT_EQ(merged.users[0].begin, absl::ToUnixSeconds(At(10, 24, 0)));
  EXPECT_EQ(merged.users[1].begin, absl::ToUnixSeconds(At(10, 25, 0)));
  EXPECT_EQ(merged.users[1].usage.processes, 3u);
  EXPECT_EQ(merged.users[2].begin, absl::ToUnixSeconds(At(10, 26, 0)));
  ASSERT_EQ(merged.commands.size(), 1u);
  EXPECT_EQ(merged.commands[0].begin, absl::ToUnixSeconds(At(10, 1, 0)));
  EXPECT_EQ(merged.commands[0].usage.ticks.user, 500u);
  // The position and the running processes are those of the last part.
  ASSERT_EQ(merged.cursors.size(), 1u);
  EXPECT_EQ(merged.cursors[0].offset, 2u);
  EXPECT_EQ(merged.running.scanned_at, 2);
  EXPECT_EQ(merged.machine_counters.seen_at, 2);
  const std::vector<MachineTime>& machine = merged.header.machine_times;
  ASSERT_EQ(machine.size(), 3u);
  EXPECT_EQ(machine[1], (MachineTime{.begin = absl::ToUnixSeconds(At(10, 25, 0)),
                                     .end = absl::ToUnixSeconds(At(10, 26, 0)),
                                     .known = 3 * 3600,
                                     .processors = 2,
                                     .busy = 300,
                                     .idle = 30,
                                     .stolen = 3}));
  ASSERT_EQ(merged.inputs.size(), 1u);
  EXPECT_EQ(merged.inputs[0].records, 2u);
  EXPECT_EQ(merged.header.span.first_begin, absl::ToUnixSeconds(At(10, 24, 22)));
}

TEST(MergedTest, RecentHoursStayHours) {
  const Snapshot merged =
      Merged({SnapshotOf(1, At(11, 20, 2), {{Uid(1), "alice"}}, {At(11, 20, 0), At(11, 20, 1)})},
             MergeLevel::kDay, {}, BucketPolicyAt(At(11, 23, 0), Berlin(), 35));
  EXPECT_EQ(merged.users.size(), 2u);
  EXPECT_EQ(merged.commands.size(), 1u);
  EXPECT_EQ(merged.header.machine_times.size(), 2u);
}

TEST(MergedTest, NamesAndGapsAreKept) {
  const Gap hole{.period = {.begin = At(11, 20, 1), .end = At(11, 20, 2)}, .reason = "run 2"};
  Snapshot first =
      SnapshotOf(1, At(11, 20, 1), {{Uid(1), "alice"}, {Uid(2), "zoe"}}, {At(11, 20, 0)});
  first.header.gaps = {{.period = {.end = At(11, 20, 0)}, .reason = "before"}};
  const Snapshot merged =
      Merged({std::move(first), SnapshotOf(3, At(11, 20, 2), {{Uid(1), "bob"}}, {At(11, 20, 0)}),
              SnapshotOf(4, At(11, 20, 3), {{Uid(1), std::nullopt}}, {At(11, 20, 0)})},
             MergeLevel::kDay, {hole}, BucketPolicyAt(At(11, 23, 0), Berlin(), 35));
  EXPECT_EQ(merged.header.accounts,
            (std::vector<UserIdentity>{{Uid(1), "alice"}, {Uid(2), "zoe"}, {Uid(1), "bob"}}));
  ASSERT_EQ(merged.users.size(), 3u);
  EXPECT_EQ(merged.users[2].usage.processes, 2u);
  EXPECT_EQ(merged.header.gaps.size(), 2u);
}

TEST(MergedTest, WhatHasExpiredIsOnlyAPosition) {
  const Snapshot merged =
      Merged({SnapshotOf(1, At(1, 1, 1), {{Uid(1), "alice"}}, {At(1, 1, 0)}),
              SnapshotOf(2, At(1, 1, 2), {{Uid(1), "alice"}}, {At(1, 1, 1)})},
             MergeLevel::kExpired, {}, BucketPolicyAt(At(11, 23, 0), Berlin(), 35));
  EXPECT_EQ(merged.header.runs, (Runs{1, 2}));
  EXPECT_TRUE(merged.users.empty() && merged.commands.empty() && merged.inputs.empty());
  EXPECT_TRUE(merged.header.accounts.empty());
  EXPECT_TRUE(merged.header.machine_times.empty());
  EXPECT_EQ(merged.cursors.size(), 1u);
}

class CompactTest : public ::testing::Test {
 protected:
  CompactTest() { EXPECT_TRUE(store_.MakeDirectories().ok()); }

  StoreListing List() const { return *store_.List(); }
  absl::Status CompactAt(absl::Time now) {
    set_aside_.clear();
    return Compact(store_, List(), now, Berlin(), {}, set_aside_);
  }
  // The number of processes in the whole store, by the beginning of their bucket.
  std::map<int64_t, uint64_t> Processes() const {
    std::map<int64_t, uint64_t> processes;
    for (const StoredSnapshot& stored : List().snapshots) {
      const absl::StatusOr<Snapshot> snapshot = store_.Load(stored);
      EXPECT_TRUE(snapshot.ok()) << snapshot.status();
      for (const UserRow& row : snapshot->users) {
        processes[row.begin] += row.usage.processes;
      }
    }
    return processes;
  }

  TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};
  SnapshotStore store_{dir_.Path("store"), files_};
  std::vector<std::string> set_aside_;
};

TEST_F(CompactTest, AYearOfHoursBecomesMonthsOfDays) {
  uint64_t run = 0;
  std::map<absl::CivilDay, uint64_t> by_day;
  for (absl::Time now = At(1, 1, 1); now < At(7, 1, 0); now += absl::Hours(6)) {
    ++run;
    ASSERT_TRUE(
        store_.Publish(SnapshotOf(run, now, {{Uid(1), "alice"}}, {now - absl::Hours(1)})).ok());
    ++by_day[absl::ToCivilDay(now - absl::Hours(1), Berlin())];
    if (run % 40 == 0) {
      ASSERT_TRUE(CompactAt(now).ok());
    }
  }
  ASSERT_TRUE(CompactAt(At(7, 1, 0)).ok());
  ASSERT_TRUE(CompactAt(At(7, 1, 0)).ok());
  const StoreListing listing = List();
  EXPECT_LT(listing.snapshots.size(), 80u);
  EXPECT_TRUE(listing.missing.empty());
  EXPECT_EQ(listing.snapshots.back().header.runs.last, run);
  std::map<absl::CivilDay, uint64_t> stored;
  for (const auto& [begin, processes] : Processes()) {
    stored[absl::ToCivilDay(absl::FromUnixSeconds(begin), Berlin())] += processes;
  }
  EXPECT_EQ(stored, by_day);
}

// Wherever a merge stops, the sums of the store are the same.
TEST_F(CompactTest, AMergeThatIsStoppedAnywhereChangesNothing) {
  for (uint64_t run = 1; run <= 6; ++run) {
    const absl::Time now = At(11, 20 + static_cast<int>(run / 4), static_cast<int>(run));
    ASSERT_TRUE(
        store_.Publish(SnapshotOf(run, now, {{Uid(1), "alice"}}, {now - absl::Hours(1)})).ok());
  }
  std::mt19937_64 random(1);
  files_.Restart(random);
  const std::map<int64_t, uint64_t> before = Processes();
  ASSERT_EQ(before.size(), 6u);
  const std::string fresh = dir_.Path("fresh");
  std::filesystem::copy(store_.directory(), fresh, std::filesystem::copy_options::recursive);
  using Stop = testing::CrashingFiles::Stop;
  for (const Stop stop : {Stop::kKill, Stop::kPowerCut, Stop::kError}) {
    bool has_stopped = true;
    for (uint64_t call = 0; has_stopped; ++call) {
      SCOPED_TRACE(call);
      std::filesystem::remove_all(store_.directory());
      std::filesystem::copy(fresh, store_.directory(), std::filesystem::copy_options::recursive);
      files_.StopAt(call, stop);
      const absl::Status status = CompactAt(At(11, 24, 0));
      has_stopped = files_.has_stopped();
      EXPECT_EQ(status.ok(), !has_stopped);
      files_.Restart(random);
      EXPECT_EQ(Processes(), before);
      EXPECT_TRUE(List().damaged.empty() && List().missing.empty());
      ASSERT_TRUE(CompactAt(At(11, 24, 0)).ok());
      EXPECT_EQ(Processes(), before);
      EXPECT_EQ(List().snapshots.size(), 3u);
    }
  }
}

TEST_F(CompactTest, ADamagedPartIsSetAsideAndTheOthersAreMergedNextTime) {
  for (uint64_t run = 1; run <= 4; ++run) {
    const absl::Time now = At(11, 20, static_cast<int>(run));
    ASSERT_TRUE(
        store_.Publish(SnapshotOf(run, now, {{Uid(1), "alice"}}, {now - absl::Hours(1)})).ok());
  }
  const std::string path = List().snapshots[1].path;
  std::string bytes = ReadFile(path);
  bytes.back() ^= 1;
  dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  ASSERT_TRUE(CompactAt(At(11, 24, 0)).ok());
  ASSERT_EQ(set_aside_.size(), 1u);
  EXPECT_NE(set_aside_[0].find(path), std::string::npos);
  EXPECT_EQ(List().snapshots.size(), 3u);
  ASSERT_TRUE(CompactAt(At(11, 24, 0)).ok());
  ASSERT_EQ(List().snapshots.size(), 2u);
  EXPECT_TRUE(List().missing.empty());
  const SnapshotHeader merged = List().snapshots[0].header;
  EXPECT_EQ(merged.runs, (Runs{1, 3}));
  ASSERT_EQ(merged.gaps.size(), 1u);
  EXPECT_EQ(merged.gaps[0].period.begin, At(11, 20, 1));
  EXPECT_EQ(merged.gaps[0].period.end, At(11, 20, 3));
}

// By a clock that has been set back since.
TEST(CompactionTest, AMergedSnapshotIsAsCoarseAsItsPartsWere) {
  Snapshot earlier;
  earlier.header.runs = {1, 1};
  earlier.header.policy = {
      .days_before = 100, .command_days_before = 900, .command_months_before = 50};
  Snapshot later;
  later.header.runs = {2, 2};
  const BucketPolicy now = {
      .days_before = 200, .command_days_before = 800, .command_months_before = 60};
  const BucketPolicy merged = Merged({earlier, later}, MergeLevel::kDay, {}, now).header.policy;
  EXPECT_EQ(merged.days_before, 200);
  EXPECT_EQ(merged.command_days_before, 900);
  EXPECT_EQ(merged.command_months_before, 60);
}

}  // namespace
}  // namespace cpuagg::aggregate
