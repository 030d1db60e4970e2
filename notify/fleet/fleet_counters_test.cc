#include "notify/fleet/fleet_counters.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/fleet/counters.h"
#include "gtest/gtest.h"
#include "notify/fleet/counter_base.h"

namespace cpuagg::notify {
namespace {

FleetCounters Of(UserCounters users, uint64_t gaps = 0) {
  return {.users = std::move(users), .gaps = gaps};
}
const std::pair<uint32_t, std::string> kAlice = {1000, "alice"};
const std::pair<uint32_t, std::string> kBob = {1001, "bob"};

TEST(FleetCountersTest, LabelsArePrintableAndNeverEmpty) {
  EXPECT_EQ(UserLabel("alice", acct::Uid(1000)), "alice");
  EXPECT_EQ(UserLabel(std::nullopt, acct::Uid(1000)), "1000");
  EXPECT_EQ(UserLabel("", acct::Uid(1000)), "1000");
  EXPECT_EQ(UserLabel("a\xff\x1b"
                      "b",
                      acct::Uid(1000)),
            "a\\xff\\x1bb");
}

TEST(FleetCountersTest, ALabelOfDigitsIsAnId) {
  EXPECT_TRUE(IsUserId(UserLabel(std::nullopt, acct::Uid(1000))));
  for (const char* const name : {"", "alice", "u1000", "1000a", "(others)"}) {
    EXPECT_FALSE(IsUserId(name)) << name;
  }
}

TEST(FleetCountersTest, UsersWithTheSameLabelAreOneSeries) {
  aggregate::Counters counters;
  counters.users = {{.user = {acct::Uid(1000), ""}, .processes = 1, .user_ticks = 10},
                    {.user = {acct::Uid(1000)}, .processes = 2, .system_ticks = 5}};
  EXPECT_EQ(
      ToFleetCounters(counters).users,
      (UserCounters{{{1000, "1000"}, {.processes = 3, .user_ticks = 10, .system_ticks = 5}}}));
}

TEST(FleetCountersTest, GoOnWhereALostStoreWas) {
  const FleetCounters seen = Of({{kAlice, {5, 1000, 50}}, {kBob, {1, 10, 0}}}, 3);
  // Some of alice's records could be read again.
  const FleetCounters now = Of({{kAlice, {2, 900, 60}}});
  const FleetCounters base = Missing(seen, now, /*with_vanished=*/true);
  EXPECT_EQ(base, Of({{kAlice, {3, 100, 0}}, {kBob, {1, 10, 0}}}, 3));
  EXPECT_EQ(Continued(now, base, seen), Of({{kAlice, {5, 1000, 60}}, {kBob, {1, 10, 0}}}, 3));
  const FleetCounters later = Of({{kAlice, {3, 930, 61}}}, 1);
  EXPECT_EQ(Continued(later, base, seen), Of({{kAlice, {6, 1030, 61}}, {kBob, {1, 10, 0}}}, 4));
}

TEST(FleetCountersTest, AForgottenUserIsNotKept) {
  const FleetCounters seen = Of({{kAlice, {5, 1000, 50}}, {kBob, {1, 10, 0}}});
  const FleetCounters base = Missing(seen, Of({{kAlice, {5, 700, 50}}}), /*with_vanished=*/false);
  EXPECT_EQ(base, Of({{kAlice, {0, 300, 0}}}));
}

TEST(FleetCountersTest, ACorrectionMakesNothingSmaller) {
  const FleetCounters seen = Of({{kAlice, {5, 1000, 50}}});
  EXPECT_EQ(Continued(Of({{kAlice, {6, 990, 51}}}), {}, seen), Of({{kAlice, {6, 1000, 51}}}));
}

TEST(FleetCountersTest, TheBaseIsKeptInAFile) {
  const acct::testing::TempDir dir;
  const std::string path = CounterBasePath(dir.path());
  EXPECT_FALSE(LoadCounterBase(path).has_value());
  const CounterBase base = {.missing = Of({{kAlice, {5, 1000, 50}}, {kBob, {1, 10, 0}}}, 3),
                            .made_at = absl::FromUnixSeconds(1'795'000'000)};
  ASSERT_TRUE(SaveCounterBase(base, path).ok());
  const std::optional<CounterBase> loaded = LoadCounterBase(path);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->missing, base.missing);
  EXPECT_EQ(loaded->made_at, base.made_at);
  const std::string bytes = acct::testing::ReadFile(path);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 1;
    dir.Write("counters.pb", damaged);
    EXPECT_FALSE(LoadCounterBase(path).has_value()) << i;
    dir.Write("counters.pb", bytes.substr(0, i));
    EXPECT_FALSE(LoadCounterBase(path).has_value()) << i;
  }
}

}  // namespace
}  // namespace cpuagg::notify
