#include "aggregate/fleet/hour_amounts.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kFirst = 500'000 * kHour;

class HourAmountsTest : public ::testing::Test {
 protected:
  // Of user 0 or 1: alice or a user without a name.
  void Add(int64_t begin, int64_t end, uint32_t user, uint64_t ticks, int64_t running = 0) {
    rows_.push_back({begin, end, user,
                     Usage{.processes = 1, .ticks = {.user = ticks}, .running_user = running}});
  }
  void Publish(const char* name = "alice") {
    ++run_;
    Snapshot snapshot{.header = {.runs = {run_, run_},
                                 .host = "lab01",
                                 .captured_at = absl::FromUnixSeconds(kFirst) +
                                                absl::Hours(100 + static_cast<int64_t>(run_)),
                                 .accounts = {{acct::Uid(1000), name}, {acct::Uid(1001)}}},
                      .users = Joined(rows_)};
    rows_.clear();
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }

  // "hours+length user ticks" of each amount; the begin in minutes after kFirst.
  std::vector<std::string> Read(const Period& period = {}) {
    const absl::StatusOr<HourAmounts> hours = ReadHourAmounts(store_, period);
    EXPECT_TRUE(hours.ok()) << hours.status();
    std::vector<std::string> texts;
    for (const HourAmount& each : hours->amounts) {
      texts.push_back(absl::StrCat((absl::ToUnixSeconds(each.time.begin) - kFirst) / 60, "+",
                                   absl::ToInt64Minutes(each.time.end - each.time.begin), " ",
                                   each.user.value_or(absl::StrCat(each.uid.value())), " ",
                                   (each.user_time + each.system_time).ticks().count()));
    }
    return texts;
  }

  acct::testing::TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
  std::vector<UserRow> rows_;
  uint64_t run_ = 0;
};

using Texts = std::vector<std::string>;

TEST_F(HourAmountsTest, AddsUpSnapshots) {
  Add(kFirst, kFirst + kHour, 0, 10);
  Add(kFirst, kFirst + kHour, 1, 7);
  Publish();
  Add(kFirst, kFirst + kHour, 0, 5, -2);
  Add(kFirst + kHour, kFirst + 2 * kHour, 0, 1);
  Publish();
  EXPECT_EQ(Read(), (Texts{"0+60 alice 13", "0+60 1001 7", "60+60 alice 1"}));
}

TEST_F(HourAmountsTest, AnHourOfAZoneWithHalfAnHourIsOne) {
  Add(kFirst + kHour / 2, kFirst + kHour * 3 / 2, 0, 10);
  Publish();
  EXPECT_EQ(Read(), (Texts{"30+60 alice 10"}));
}

TEST_F(HourAmountsTest, DaysAreDays) {
  Add(kFirst - 24 * kHour, kFirst, 0, 10);
  Add(kFirst, kFirst + kHour, 0, 1);
  Publish();
  EXPECT_EQ(Read(), (Texts{"-1440+1440 alice 10", "0+60 alice 1"}));
  EXPECT_FALSE(ReadHourAmounts(store_, {})->amounts[0].is_hour());
  EXPECT_TRUE(ReadHourAmounts(store_, {})->amounts[1].is_hour());
}

TEST_F(HourAmountsTest, APeriodIsWidenedToHours) {
  for (int i = 0; i < 4; ++i) Add(kFirst + i * kHour, kFirst + (i + 1) * kHour, 0, 10);
  Publish();
  EXPECT_EQ(Read({absl::FromUnixSeconds(kFirst + kHour + 1), absl::FromUnixSeconds(kFirst + 9000)}),
            (Texts{"60+60 alice 10", "120+60 alice 10"}));
}

TEST_F(HourAmountsTest, ARenamedUserIsTwo) {
  Add(kFirst, kFirst + kHour, 0, 10);
  Publish();
  Add(kFirst, kFirst + kHour, 0, 5);
  Publish("alicia");
  EXPECT_EQ(Read(), (Texts{"0+60 alice 10", "0+60 alicia 5"}));
}

}  // namespace
}  // namespace cpuagg::aggregate
