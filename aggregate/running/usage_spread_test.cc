#include "aggregate/running/usage_spread.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aggregate/buckets/bucket_policy.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Part = UsageSpread::Part;
using Parts = std::vector<Part>;

constexpr int64_t kHour = 3600;
constexpr int64_t kNoon = int64_t{1'800'000'000} / kHour * kHour;

UsageSpread Between(int64_t since, int64_t now) {
  return {BucketPolicy(), {.since = since, .now = now}};
}

TEST(UsageSpreadTest, EachSecondSinceTheLastRunHasTheSameShare) {
  UsageSpread spread = Between(kNoon + 1800, kNoon + 2 * kHour + 1800);
  EXPECT_EQ(spread.EarlierParts(kNoon - 3 * kHour, spread.now(), 120, 12),
            (Parts{{kNoon, 30, 3}, {kNoon + kHour, 60, 6}}));
  // From its begin, to its end.
  EXPECT_EQ(spread.EarlierParts(kNoon + kHour + 1800, spread.now() - 900, 300, 0),
            (Parts{{kNoon + kHour, 200, 0}}));
}

TEST(UsageSpreadTest, NothingIsDividedWithinAnHour) {
  UsageSpread spread = Between(kNoon, kNoon + kHour - 1);
  EXPECT_EQ(spread.EarlierParts(kNoon - 5 * kHour, spread.now(), 1000, 1000), Parts());
  EXPECT_FALSE(spread.MayDivide(kNoon - 5 * kHour, kNoon));
  EXPECT_TRUE(Between(kNoon - 1, kNoon).MayDivide(kNoon - 1, kNoon));
}

// A run at the full hour sees what was used in the hour before.
TEST(UsageSpreadTest, WhatEndsAtAFullHourBelongsToTheHourBefore) {
  UsageSpread spread = Between(kNoon, kNoon + kHour);
  EXPECT_EQ(spread.EarlierParts(kNoon, kNoon + kHour, 7, 0), (Parts{{kNoon, 7, 0}}));
}

TEST(UsageSpreadTest, NothingIsDividedIfNoTimeIsLeft) {
  const int64_t day = 24 * kHour;
  struct Case {
    std::string name;
    SpreadWindow window;
    int64_t begin;
    int64_t end;
  };
  const std::vector<Case> cases = {
      {"no last run", {.now = kNoon}, kNoon - day, kNoon},
      {"nothing known", {}, kNoon - day, kNoon},
      {"the last run was later", {.since = kNoon + day, .now = kNoon}, kNoon - day, kNoon},
      {"it ended before the last run",
       {.since = kNoon, .now = kNoon + day},
       kNoon - day,
       kNoon - 1},
      {"it begins later", {.since = kNoon - day, .now = kNoon}, kNoon + day, kNoon + 2 * day},
      {"it ends before it begins", {.since = kNoon - day, .now = kNoon}, kNoon - 1, kNoon - kHour},
      {"the last run was in 1970", {.since = 0, .now = kNoon}, 0, kNoon},
  };
  for (const Case& c : cases) {
    UsageSpread spread(BucketPolicy(), c.window);
    EXPECT_EQ(spread.EarlierParts(c.begin, c.end, 1000, 1000), Parts()) << c.name;
  }
}

// By a clock that was ahead, or while this run reads.
TEST(UsageSpreadTest, WhatEndsAfterTheRunIsDividedUpToIt) {
  UsageSpread spread = Between(kNoon, kNoon + 2 * kHour);
  EXPECT_EQ(spread.EarlierParts(kNoon, kNoon + 50 * kHour, 10, 0),
            (Parts{{kNoon, 5, 0}, {kNoon + kHour, 5, 0}}));
}

TEST(UsageSpreadTest, OldHoursAreDays) {
  BucketPolicy policy;
  policy.days_before = kNoon / (24 * kHour) * 24 * kHour;
  UsageSpread spread(
      policy, {.since = policy.days_before - 12 * kHour, .now = policy.days_before + 2 * kHour});
  EXPECT_EQ(spread.EarlierParts(0, spread.now() - kHour / 2, 1350, 0),
            (Parts{{policy.days_before - 24 * kHour, 1200, 0}, {policy.days_before, 100, 0}}));
}

TEST(UsageSpreadTest, HoursAreThoseOfTheClock) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Australia/Lord_Howe", &zone));
  // At 2:00 the clock is put back by half an hour.
  const int64_t begin =
      absl::ToUnixSeconds(absl::FromCivil(absl::CivilMinute(2027, 4, 4, 1, 0), zone));
  UsageSpread spread({.zone = zone}, {.since = begin, .now = begin + 3 * kHour});
  const Parts parts = spread.EarlierParts(begin, spread.now(), 10'800, 0);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0], (Part{begin, 3600, 0}));
  EXPECT_EQ(parts[1], (Part{begin + kHour, 1800, 0}));
  EXPECT_EQ(parts[2], (Part{begin + kHour + 1800, 3600, 0}));
}

TEST(UsageSpreadTest, PartsAreExactAndWithinTheirTime) {
  std::mt19937_64 random(20261127);
  const auto below = [&](int64_t most) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(most));
  };
  for (int i = 0; i < 20'000; ++i) {
    const SpreadWindow window = {.since = kNoon - below(100 * kHour),
                                 .now = kNoon + below(40 * kHour)};
    const int64_t begin = kNoon - below(150 * kHour);
    const int64_t end = begin + below(200 * kHour);
    const uint64_t user = random() >> below(64);
    const uint64_t system = random() >> below(64);
    UsageSpread spread(BucketPolicy(), window);
    uint64_t user_left = user;
    uint64_t system_left = system;
    int64_t before = std::max(begin, window.since) / kHour * kHour - kHour;
    for (const Part& part : spread.EarlierParts(begin, end, user, system)) {
      ASSERT_GT(part.bucket, before);
      ASSERT_LT(part.bucket, std::min(end, window.now));
      ASSERT_LT(part.bucket, end / kHour * kHour);
      ASSERT_LE(part.user_ticks, user_left);
      ASSERT_LE(part.system_ticks, system_left);
      user_left -= part.user_ticks;
      system_left -= part.system_ticks;
      before = part.bucket;
    }
    // The last hour has its share at least, as it is not rounded up before.
    const int64_t from = std::max(begin, window.since);
    const int64_t until = std::min(end, window.now);
    if (until <= from || end > window.now) continue;
    const int64_t last = std::min(until - from, end % kHour);
    const auto share = static_cast<long double>(user) * static_cast<long double>(last) /
                       static_cast<long double>(until - from);
    ASSERT_NEAR(static_cast<double>(user_left) / static_cast<double>(share + 1), 1,
                1.0 / static_cast<double>(share + 1) + 1e-9);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
