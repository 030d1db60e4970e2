#include "aggregate/fleet/counters.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/forgetting.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

class CountersTest : public ::testing::Test {
 protected:
  // A run on that day of January 2026. Each user has used `ticks`, one of which is of a rate of its
  // own.
  void Collect(int day, const std::vector<UserIdentity>& users, uint64_t ticks) {
    ++run_;
    const absl::Time at = Day(day) + absl::Hours(12);
    const int64_t hour = absl::ToUnixSeconds(at) - 3600;
    Snapshot snapshot{.header = {.runs = {run_, run_}, .captured_at = at, .accounts = users}};
    for (uint32_t i = 0; i < users.size(); ++i) {
      Usage usage{.processes = 2, .ticks = {.user = ticks - 100, .system = 3}, .running_user = 50};
      usage.other_rates[200].user = 100;
      snapshot.users.push_back({hour, hour + 3600, i, usage});
      snapshot.commands.push_back({hour, hour + 3600, i, CommandBitsOf("cc1"), usage});
    }
    snapshot.header.span.Cover(hour, hour + 10);
    snapshot.header.gaps.push_back({.period = {at - absl::Hours(1), at}, .reason = "a test"});
    snapshot.inputs.push_back({.name = "pacct", .skipped_bytes = 7});
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }

  void Merge(int day, std::optional<int> keep) {
    const absl::StatusOr<StoreListing> listing = store_.List();
    ASSERT_TRUE(listing.ok());
    std::vector<std::string> set_aside;
    ASSERT_TRUE(Compact(store_, *listing, Day(day), absl::UTCTimeZone(),
                        {.days_of_hours = 35, .days = keep}, set_aside)
                    .ok());
  }

  // "name processes user+system" of each user, then the gaps and the skipped bytes.
  std::vector<std::string> Read() {
    const absl::StatusOr<Counters> counters = ReadCounters(store_);
    EXPECT_TRUE(counters.ok()) << counters.status();
    std::vector<std::string> texts;
    for (const UserCounter& each : counters->users) {
      texts.push_back(absl::StrCat(each.user.name.value_or("?"), " ", each.processes, " ",
                                   each.user_ticks, "+", each.system_ticks));
    }
    texts.push_back(absl::StrCat(counters->gaps, " gaps, ", counters->skipped_bytes, " bytes"));
    return texts;
  }

  static absl::Time Day(int day) {
    return absl::FromCivil(absl::CivilDay(2026, 1, day), absl::UTCTimeZone());
  }

  const UserIdentity alice_{acct::Uid(1000), "alice"};
  const UserIdentity bob_{acct::Uid(1001), "bob"};
  acct::testing::TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
  uint64_t run_ = 0;
};

using Texts = std::vector<std::string>;

TEST_F(CountersTest, MergingAndDeletingDoNotMakeThemSmaller) {
  for (int day = 1; day <= 20; ++day) Collect(day, {alice_, bob_}, 1000);
  const Texts all = {"alice 40 20000+60", "bob 40 20000+60", "20 gaps, 140 bytes"};
  EXPECT_EQ(Read(), all);
  Merge(21, std::nullopt);
  EXPECT_EQ(Read(), all);
  for (int day = 22; day <= 28; ++day) {
    Merge(day, 7);
    EXPECT_EQ(Read(), all) << day;
  }
  EXPECT_LT(store_.List()->snapshots.size(), 6u);
}

TEST_F(CountersTest, AUserWithNothingLeftInTheStoreIsNotKept) {
  Collect(1, {alice_, bob_}, 1000);
  for (int day = 2; day <= 20; ++day) Collect(day, {alice_}, 1000);
  Merge(20, 10);
  EXPECT_EQ(Read(), (Texts{"alice 40 20000+60", "20 gaps, 140 bytes"}));
}

TEST_F(CountersTest, ForgettingAUserDeletesTheCounterToo) {
  for (int day = 1; day <= 20; ++day) Collect(day, {alice_, bob_}, 1000);
  Merge(20, 10);
  ASSERT_TRUE(Forget(store_, {.users = {"bob"}, .reason = "asked"}).ok());
  const Texts left = Read();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0], "alice 40 20000+60");
}

TEST_F(CountersTest, ANameThatIsLearntLaterHasWhatWasUsedBefore) {
  Collect(1, {{.uid = acct::Uid(1000), .is_unresolved = true}}, 1000);
  Collect(2, {alice_}, 1000);
  EXPECT_EQ(Read()[0], "alice 4 2000+6");
}

TEST_F(CountersTest, ADamagedSnapshotIsAGap) {
  for (int day = 1; day <= 2; ++day) Collect(day, {alice_}, 1000);
  std::filesystem::resize_file(store_.List()->snapshots[0].path, 10);
  const absl::StatusOr<Counters> counters = ReadCounters(store_);
  ASSERT_TRUE(counters.ok());
  EXPECT_EQ(counters->damage.size(), 1u);
  EXPECT_EQ(counters->users[0].user_ticks, 1000u);
}

}  // namespace
}  // namespace cpuagg::aggregate
