#include "aggregate/buckets/bucket_policy.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

class BucketPolicyTest : public ::testing::Test {
 protected:
  int64_t At(absl::CivilSecond time) const {
    return absl::ToUnixSeconds(absl::FromCivil(time, zone_));
  }
  BucketPolicy PolicyOf(int days_of_hours) const {
    return BucketPolicyAt(absl::FromCivil(absl::CivilSecond(2026, 11, 24, 1, 30), zone_), zone_,
                          days_of_hours);
  }

  // In UTC it is still the day before.
  const absl::TimeZone zone_ = absl::FixedTimeZone(2 * 3600);
};

TEST_F(BucketPolicyTest, UsersAreKeptByTheHourForWholeDays) {
  EXPECT_EQ(PolicyOf(40).days_before, At(absl::CivilSecond(2026, 10, 15)));
  EXPECT_EQ(PolicyOf(0).days_before, At(absl::CivilSecond(2026, 11, 24)));
}

TEST_F(BucketPolicyTest, CommandsAreKeptByTheHourForTwoDaysAndThenByTheDay) {
  const BucketPolicy policy = PolicyOf(40);
  EXPECT_EQ(policy.command_days_before, At(absl::CivilSecond(2026, 11, 22)));
  EXPECT_EQ(policy.command_months_before, At(absl::CivilSecond(2026, 10, 1)));
}

TEST_F(BucketPolicyTest, CommandsAreNeverKeptFinerThanUsers) {
  for (const int days : {0, 1, 2, 3, 40}) {
    const BucketPolicy policy = PolicyOf(days);
    EXPECT_EQ(policy.command_days_before,
              std::max(policy.days_before, At(absl::CivilSecond(2026, 11, 22))))
        << days;
    EXPECT_LE(policy.command_months_before, policy.days_before) << days;
  }
}

TEST_F(BucketPolicyTest, TheCoarserOfTwoPoliciesHasTheLaterLimits) {
  BucketPolicy policy = {.days_before = 10, .command_days_before = 20, .command_months_before = 30};
  Coarsen(policy, {.days_before = 11, .command_days_before = 19, .command_months_before = 31});
  EXPECT_EQ(policy.days_before, 11);
  EXPECT_EQ(policy.command_days_before, 20);
  EXPECT_EQ(policy.command_months_before, 31);
}

TEST_F(BucketPolicyTest, TheLimitItselfIsOfTheFinerSide) {
  const BucketPolicy policy = PolicyOf(40);
  BucketFinder buckets(policy);
  constexpr int64_t kHour = 3600;
  constexpr int64_t kDay = 24 * kHour;
  const int64_t days = policy.days_before;
  EXPECT_EQ(buckets.OfUser(days - 1), days - kDay);
  EXPECT_EQ(buckets.EndOfUser(days - 1), days);
  EXPECT_EQ(buckets.OfUser(days + kHour + 1), days + kHour);
  EXPECT_EQ(buckets.EndOfUser(days), days + kHour);
  const int64_t command_days = policy.command_days_before;
  EXPECT_EQ(buckets.OfCommand(command_days - 1), command_days - kDay);
  EXPECT_EQ(buckets.EndOfCommand(command_days - 1), command_days);
  EXPECT_EQ(buckets.EndOfCommand(command_days), command_days + kHour);
  const int64_t months = policy.command_months_before;
  EXPECT_EQ(buckets.OfCommand(months - 1), At(absl::CivilSecond(2026, 9, 1)));
  EXPECT_EQ(buckets.EndOfCommand(months - 1), months);
  EXPECT_EQ(buckets.EndOfCommand(months), months + kDay);
}

TEST_F(BucketPolicyTest, ABucketOfUsersLiesWithinOneOfCommandsUnlessCommandsAreFiner) {
  // Where the clock moves by half an hour, at midnight or a minute after, or a whole day is
  // skipped.
  const struct {
    const char* zone;
    absl::CivilDay today;
  } cases[] = {
      {"UTC", absl::CivilDay(2026, 11, 24)},
      {"Australia/Lord_Howe", absl::CivilDay(2026, 4, 20)},
      {"America/St_Johns", absl::CivilDay(2006, 11, 8)},
      {"America/Sao_Paulo", absl::CivilDay(2018, 11, 10)},
      {"Asia/Beirut", absl::CivilDay(2021, 4, 2)},
      {"Pacific/Apia", absl::CivilDay(2012, 1, 3)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.zone);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(c.zone, &zone));
    const absl::Time now = absl::FromCivil(c.today, zone) + absl::Hours(15);
    for (const int days_of_hours : {0, 1, 3, 40}) {
      BucketFinder buckets(BucketPolicyAt(now, zone, days_of_hours));
      EXPECT_TRUE(buckets.CommandsFollowUsers());
      const int64_t end = absl::ToUnixSeconds(now);
      for (int64_t time = end - int64_t{90} * 86'400; time < end; time += 877) {
        ASSERT_EQ(buckets.OfCommand(buckets.OfUser(time)), buckets.OfCommand(time)) << time;
      }
    }
  }
  EXPECT_FALSE(BucketFinder({.days_before = 1}).CommandsFollowUsers());
}

// They may be hours of another zone.
TEST_F(BucketPolicyTest, HoursThatStayHoursAreNotMoved) {
  const BucketPolicy policy = PolicyOf(40);
  BucketFinder buckets(policy);
  constexpr int64_t kHalf = 1800;
  EXPECT_EQ(buckets.CoarserUser(policy.days_before + kHalf), policy.days_before + kHalf);
  EXPECT_EQ(buckets.CoarserUser(policy.days_before - kHalf), policy.days_before - 48 * kHalf);
  EXPECT_EQ(buckets.CoarserCommand(policy.command_days_before + kHalf),
            policy.command_days_before + kHalf);
  EXPECT_EQ(buckets.CoarserCommand(policy.command_days_before - kHalf),
            policy.command_days_before - 48 * kHalf);
}

}  // namespace
}  // namespace cpuagg::aggregate
