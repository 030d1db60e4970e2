#include "notify/fleet/push_plan.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/fleet/hour_amounts.h"
#include "gtest/gtest.h"
#include "notify/fleet/push_state.h"
#include "notify/fleet/remote_write.h"

namespace cpuagg::notify {
namespace {

using Texts = std::vector<std::string>;

constexpr int64_t kHour = 3600;
constexpr int64_t kFirst = 500'000 * kHour;

class PushPlanTest : public ::testing::Test {
 protected:
  PushPlanTest() {
    hours_.host = "lab01";
    hours_.known = {{At(0), At(10)}};
  }

  static absl::Time At(double hours) {
    return absl::FromUnixSeconds(kFirst) + absl::Seconds(hours * kHour);
  }

  // An amount of the hour that begins so many hours after the first.
  void Add(double hour, uint32_t uid, const std::string& name, uint64_t user, uint64_t system = 0,
           double length = 1) {
    hours_.amounts.push_back({.time = {At(hour), At(hour + length)},
                              .uid = acct::Uid(uid),
                              .user = name,
                              .user_time = acct::Ticks(user),
                              .system_time = acct::Ticks(system)});
  }

  PushPlan Plan(absl::Time now, size_t top = 0) {
    std::sort(hours_.amounts.begin(), hours_.amounts.end(),
              [](const auto& a, const auto& b) { return a.time.begin < b.time.begin; });
    absl::StatusOr<PushPlan> plan = PlanPush(
        {.hours = hours_, .gaps = 3, .coverage = coverage_, .now = now, .top = top}, state_);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return *std::move(plan);
  }

  // The receiver accepts everything.
  void Accept(const PushPlan& plan) {
    for (const HourPush& hour : plan.hours) state_.hours[hour.begin] = hour.pushed;
    for (const int64_t hour : plan.dropped_hours) state_.hours.erase(hour);
    state_.last_collect = plan.last_collect;
  }

  // "hour name mode=value …" of each sample of users; the machine is called "*".
  static Texts SamplesOf(const PushPlan& plan) {
    Texts texts;
    for (const HourPush& hour : plan.hours) {
      for (const RemoteSample& sample : hour.samples) {
        const SeriesLabels& labels = plan.series[sample.series];
        texts.push_back(absl::StrCat((hour.begin - kFirst) / 60, " ",
                                     labels.contains("user") ? labels.at("user") : "*", " ",
                                     labels.at("mode"), " ", sample.value));
      }
    }
    return texts;
  }

  std::optional<double> coverage_;
  aggregate::HourAmounts hours_;
  PushState state_;
};

TEST_F(PushPlanTest, StampsGrowAndStayInsideTheHour) {
  EXPECT_EQ(StampFor(absl::ZeroDuration()), absl::Minutes(15));
  EXPECT_EQ(StampFor(absl::Seconds(-5)), absl::Minutes(15));
  EXPECT_EQ(StampFor(absl::Seconds(3601)), absl::Minutes(15) + absl::Milliseconds(3601));
  absl::Duration before = StampFor(absl::ZeroDuration());
  for (int day = 0; day < 400; ++day) {
    const absl::Duration stamp = StampFor(absl::Hours(24 * day));
    EXPECT_GE(stamp, before);
    EXPECT_LE(stamp, absl::Minutes(29));
    // Later corrections are newer as long as the store keeps hours by default, and much longer.
    EXPECT_TRUE(stamp > before || day == 0 || day > 170) << day;
    before = stamp;
  }
}

TEST_F(PushPlanTest, AnHourHasItsUsersAndTheMachine) {
  Add(0, 1000, "alice", 150, 50);
  Add(0, 1001, "bob", 0, 7);
  Add(0, 1002, "nobody", 0);
  const PushPlan plan = Plan(At(10));
  EXPECT_EQ(SamplesOf(plan), (Texts{"0 * user 1.5", "0 * system 0.57", "0 alice user 1.5",
                                    "0 alice system 0.5", "0 bob system 0.07"}));
  EXPECT_EQ(plan.hours[0].of_host, 2u);
  EXPECT_EQ(plan.hours[0].pushed.ticks, 207u);
  const RemoteSample& sample = plan.hours[0].samples[2];
  EXPECT_EQ(absl::StrJoin(plan.series[sample.series], " ", absl::PairFormatter("=")),
            "__name__=cpuagg_user_cpu_hourly_seconds instance=lab01 job=cpuagg mode=user "
            "uid=1000 user=alice");
  EXPECT_EQ(absl::FromUnixMillis(sample.stamp), At(0) + StampFor(absl::Hours(9)));
}

TEST_F(PushPlanTest, TheMachineIsThereAsItIsNow) {
  Add(0, 1000, "alice", 150);
  const PushPlan plan = Plan(At(11));
  ASSERT_EQ(plan.current.size(), 2u);
  EXPECT_EQ(plan.series[plan.current[0].series].at("__name__"),
            "cpuagg_last_collect_timestamp_seconds");
  EXPECT_EQ(plan.current[0].value, absl::ToUnixSeconds(At(10)));
  EXPECT_EQ(plan.series[plan.current[1].series].at("__name__"), "cpuagg_store_gaps_total");
  EXPECT_EQ(plan.current[1].value, 3);
  EXPECT_EQ(absl::FromUnixMillis(plan.current[0].stamp), At(11));
}

TEST_F(PushPlanTest, CoverageIsPushedIfItIsKnown) {
  Add(0, 1000, "alice", 150);
  coverage_ = 0.875;
  const PushPlan plan = Plan(At(11));
  ASSERT_EQ(plan.current.size(), 3u);
  EXPECT_EQ(absl::StrJoin(plan.series[plan.current[2].series], " ", absl::PairFormatter("=")),
            "__name__=cpuagg_coverage_ratio instance=lab01 job=cpuagg");
  EXPECT_EQ(plan.current[2].value, 0.875);
}

TEST_F(PushPlanTest, WithoutNewHoursNothingIsSent) {
  Add(0, 1000, "alice", 150);
  hours_.known->end += absl::Milliseconds(300);
  Accept(Plan(At(11)));
  const PushPlan plan = Plan(At(12));
  EXPECT_TRUE(plan.hours.empty());
  EXPECT_TRUE(plan.current.empty());
}

TEST_F(PushPlanTest, OnlyHoursThatAreOverAndCollected) {
  for (int hour = 0; hour < 4; ++hour) Add(hour, 1000, "alice", 100);
  hours_.known->end = At(2.5);
  EXPECT_EQ(Plan(At(10)).hours.size(), 2u);
  hours_.known->end = At(4);
  EXPECT_EQ(Plan(At(3)).hours.size(), 3u);
  EXPECT_EQ(Plan(At(4)).hours.size(), 4u);
  // By a clock that was ahead.
  EXPECT_EQ(Plan(At(0.5)).hours.size(), 0u);
}

TEST_F(PushPlanTest, AChangedHourIsSentAgainALittleLater) {
  Add(0, 1000, "alice", 150);
  Add(1, 1000, "alice", 10);
  Accept(Plan(At(10)));
  const absl::Duration before = state_.hours[kFirst].stamp;
  hours_.amounts[0].user_time = acct::Ticks(151);
  // In the same second.
  const PushPlan plan = Plan(At(10));
  EXPECT_EQ(SamplesOf(plan),
            (Texts{"0 * user 1.51", "0 * system 0", "0 alice user 1.51", "0 alice system 0"}));
  EXPECT_EQ(plan.hours[0].pushed.stamp, before + absl::Milliseconds(1));
}

TEST_F(PushPlanTest, AUserWhoHasNothingLeftInAnHourIsSentAsZero) {
  Add(0, 1000, "1000", 150);
  Add(0, 1001, "bob", 10);
  Accept(Plan(At(10)));
  // The name has become known.
  hours_.amounts[0].user = "alice";
  const PushPlan plan = Plan(At(11));
  EXPECT_EQ(SamplesOf(plan),
            (Texts{"0 * user 1.6", "0 * system 0", "0 1000 user 0", "0 1000 system 0",
                   "0 alice user 1.5", "0 bob user 0.1", "0 bob system 0"}));
  Accept(plan);
  EXPECT_TRUE(Plan(At(12)).hours.empty());
  // Forgotten.
  hours_.amounts.clear();
  Add(5, 1001, "bob", 10);
  Accept(Plan(At(12)));
  EXPECT_TRUE(state_.hours[kFirst].users.empty());
  EXPECT_TRUE(Plan(At(13)).hours.empty());
}

TEST_F(PushPlanTest, HoursThatBecomeDaysStayAsTheyWerePushed) {
  Add(0, 1000, "alice", 150);
  Add(30, 1000, "alice", 10);
  hours_.known->end = At(40);
  Accept(Plan(At(40)));
  hours_.amounts.clear();
  Add(0, 1000, "alice", 150, 0, 24);
  Add(30, 1000, "alice", 10);
  const PushPlan plan = Plan(At(40));
  EXPECT_TRUE(plan.hours.empty());
  EXPECT_EQ(plan.dropped_hours, (std::vector<int64_t>{kFirst}));
  EXPECT_EQ(plan.days, 0u);
}

TEST_F(PushPlanTest, DeletedHoursStayAsTheyWerePushed) {
  Add(0, 1000, "alice", 150);
  Add(5, 1000, "alice", 150);
  Accept(Plan(At(10)));
  hours_.amounts.erase(hours_.amounts.begin());
  hours_.known->begin = At(5);
  const PushPlan plan = Plan(At(10));
  EXPECT_TRUE(plan.hours.empty());
  EXPECT_EQ(plan.dropped_hours, (std::vector<int64_t>{kFirst}));
}

TEST_F(PushPlanTest, DaysCannotBePushedAndAreCountedOnce) {
  Add(-48, 1000, "alice", 150, 0, 24);
  Add(-48, 1001, "bob", 150, 0, 24);
  Add(-24, 1000, "alice", 150, 0, 24);
  Add(0, 1000, "alice", 150);
  const PushPlan plan = Plan(At(10));
  EXPECT_EQ(plan.days, 2u);
  EXPECT_EQ(plan.hours.size(), 1u);
  Accept(plan);
  EXPECT_EQ(Plan(At(10)).days, 0u);
}

TEST_F(PushPlanTest, DamageOfTheStoreMakesNoHourSmaller) {
  Add(0, 1000, "alice", 150);
  Add(1, 1000, "alice", 150);
  Accept(Plan(At(10)));
  hours_.amounts[0].user_time = acct::Ticks(100);
  hours_.amounts[1].user_time = acct::Ticks(200);
  hours_.damage = {"a snapshot"};
  const PushPlan plan = Plan(At(11));
  EXPECT_EQ(plan.held_hours, 1u);
  ASSERT_EQ(plan.hours.size(), 1u);
  EXPECT_EQ(plan.hours[0].pushed.ticks, 200u);
}

TEST_F(PushPlanTest, AClockThatIsBehindStopsEverything) {
  Add(0, 1000, "alice", 150);
  Add(5, 1000, "alice", 150);
  Accept(Plan(At(10)));
  const absl::Status status = PlanPush({.hours = hours_, .now = At(5.9)}, state_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(PlanPush({.hours = hours_, .now = At(6)}, state_).ok());
}

TEST_F(PushPlanTest, OtherUsersAreSummedUp) {
  for (uint32_t i = 0; i < 5; ++i) Add(0, 1000 + i, absl::StrCat("u", i), 100 * (i + 1), i);
  Accept(Plan(At(10), 2));
  EXPECT_EQ(SamplesOf(Plan(At(10), 3)),
            (Texts{"0 * user 15", "0 * system 0.1", "0 (others) user 3", "0 (others) system 0.01",
                   "0 u2 user 3", "0 u2 system 0.02", "0 u3 user 4", "0 u3 system 0.03",
                   "0 u4 user 5", "0 u4 system 0.04"}));
  state_ = {};
  const PushPlan plan = Plan(At(10), 2);
  EXPECT_EQ(SamplesOf(plan)[2], "0 (others) user 6");
  EXPECT_FALSE(plan.series[plan.hours[0].samples[2].series].contains("uid"));
}

TEST_F(PushPlanTest, ARenamedMachineKeepsItsOldHours) {
  Add(0, 1000, "alice", 150);
  Accept(Plan(At(10)));
  hours_.host = "lab02";
  hours_.amounts[0].user_time = acct::Ticks(151);
  Add(1, 1000, "alice", 7);
  const PushPlan plan = Plan(At(10));
  ASSERT_EQ(plan.hours.size(), 2u);
  EXPECT_EQ(plan.series[plan.hours[0].samples[0].series].at("instance"), "lab01");
  EXPECT_EQ(plan.series[plan.hours[1].samples[0].series].at("instance"), "lab02");
}

TEST_F(PushPlanTest, AnHourThatTheReceiverFailedForIsSentAgain) {
  Add(0, 1000, "alice", 150);
  Accept(Plan(At(10)));
  state_.hours[kFirst].unaccepted_since = At(10);
  const PushPlan plan = Plan(At(11));
  ASSERT_EQ(plan.hours.size(), 1u);
  EXPECT_EQ(plan.hours[0].pushed.unaccepted_since, At(10));
}

TEST_F(PushPlanTest, AnEmptyStoreHasNothing) {
  hours_.known.reset();
  const PushPlan plan = Plan(At(1));
  EXPECT_TRUE(plan.hours.empty() && plan.current.empty());
}

}  // namespace
}  // namespace cpuagg::notify
