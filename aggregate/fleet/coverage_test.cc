#include "aggregate/fleet/coverage.h"

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kCoveredHour = 3600;
constexpr int64_t kCoveredMidnight = 20'000 * 24 * kCoveredHour;

class CoverageTest : public ::testing::Test {
 protected:
  // A run at the end of an hour of which the machine was busy for 1,000 s.
  void Publish(int64_t hour, uint64_t cpu_seconds) {
    const int64_t begin = kCoveredMidnight + hour * kCoveredHour;
    ++run_;
    Snapshot snapshot;
    snapshot.header = {.runs = {run_, run_},
                       .captured_at = absl::FromUnixSeconds(begin + kCoveredHour),
                       .accounts = {{acct::Uid(1000), "alice"}},
                       .counts_running = true,
                       .machine_times = {{.begin = begin,
                                          .end = begin + kCoveredHour,
                                          .known = 3600,
                                          .processors = 1,
                                          .busy = 100'000,
                                          .idle = 260'000}}};
    snapshot.users = {{.begin = begin,
                       .end = begin + kCoveredHour,
                       .account = 0,
                       .usage = {.processes = 1, .ticks = {.user = cpu_seconds * 100}}}};
    ASSERT_TRUE(store_.MakeDirectories().ok());
    ASSERT_TRUE(store_.Publish(snapshot).ok());
  }

  std::optional<double> At(int64_t hour, int64_t seconds = 0) const {
    const absl::StatusOr<std::optional<double>> coverage = RecentCoverage(
        store_, absl::FromUnixSeconds(kCoveredMidnight + hour * kCoveredHour + seconds),
        absl::UTCTimeZone());
    EXPECT_TRUE(coverage.ok()) << coverage.status();
    return coverage.value_or(std::nullopt);
  }

  acct::testing::TempDir dir_;
  SnapshotStore store_{dir_.Path("store")};
  uint64_t run_ = 0;
};

TEST_F(CoverageTest, ItIsOfTheLast24HoursThatAreOver) {
  for (int64_t hour = 0; hour < 24; ++hour) Publish(hour, 950);
  ASSERT_TRUE(At(24).has_value());
  EXPECT_DOUBLE_EQ(*At(24), 0.95);
  // An hour that has begun does not count yet.
  EXPECT_DOUBLE_EQ(*At(24, 3599), 0.95);
  for (int64_t hour = 24; hour < 36; ++hour) Publish(hour, 0);
  EXPECT_DOUBLE_EQ(*At(36), 0.475);
}

TEST_F(CoverageTest, AStoreOfLessThanADayKnowsNone) {
  for (int64_t hour = 0; hour < 23; ++hour) Publish(hour, 950);
  EXPECT_EQ(At(23), std::nullopt);
}

}  // namespace
}  // namespace cpuagg::aggregate
