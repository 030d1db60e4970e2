#include "aggregate/store/common_resolution.h"

#include <cstdint>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aggregate/buckets/resolution.h"
#include "aggregate/store/snapshot_store.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

absl::Time Midnight(int month, int day) {
  return absl::FromCivil(absl::CivilDay(2026, month, day), absl::UTCTimeZone());
}
int64_t Seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

// Of the 20th of May; users by the day before the 15th of April.
StoredSnapshot Stored(absl::Time first_bucket, absl::Time last_bucket) {
  StoredSnapshot stored;
  stored.header.captured_at = Midnight(5, 20);
  stored.header.buckets.Cover(Seconds(first_bucket), Seconds(last_bucket));
  stored.header.resolution = {.days_before = Seconds(Midnight(4, 15)),
                              .command_days_before = Seconds(Midnight(5, 18)),
                              .command_months_before = Seconds(Midnight(4, 1))};
  return stored;
}

Resolution Common(const std::vector<StoredSnapshot>& snapshots, absl::Time now = Midnight(5, 20)) {
  return CommonResolution(Resolution(), now, snapshots);
}

TEST(CommonResolutionTest, IsThatOfASnapshotWhichHasBucketsBehindIt) {
  const Resolution common = Common({Stored(Midnight(5, 19), Midnight(5, 20))});
  EXPECT_EQ(common.days_before, Seconds(Midnight(4, 15)));
  EXPECT_EQ(common.command_days_before, Seconds(Midnight(5, 18)));
  EXPECT_EQ(common.command_months_before, Seconds(Midnight(4, 1)));
}

TEST(CommonResolutionTest, GoesNoFurtherThanTheLastBucketDoes) {
  const absl::Time last = Midnight(3, 10) + absl::Hours(23);
  const Resolution common = Common({Stored(Midnight(3, 1), last)});
  EXPECT_EQ(common.days_before, Seconds(Midnight(3, 11)));
  EXPECT_EQ(common.command_months_before, Seconds(Midnight(4, 1)));
  // All of the month is told as one.
  EXPECT_EQ(common.command_days_before, Seconds(Midnight(4, 1)));
  EXPECT_EQ(Common({Stored(Midnight(2, 1), Midnight(2, 1))}).command_months_before,
            Seconds(Midnight(3, 1)));
}

TEST(CommonResolutionTest, IsAsCoarseAsTheCoarsest) {
  StoredSnapshot later = Stored(Midnight(5, 1), Midnight(5, 20));
  later.header.resolution.days_before = Seconds(Midnight(4, 16));
  later.header.resolution.command_days_before = Seconds(Midnight(5, 17));
  const StoredSnapshot earlier = Stored(Midnight(5, 1), Midnight(5, 20));
  for (const Resolution& common : {Common({earlier, later}), Common({later, earlier})}) {
    EXPECT_EQ(common.days_before, Seconds(Midnight(4, 16)));
    EXPECT_EQ(common.command_days_before, Seconds(Midnight(5, 18)));
  }
  const Resolution own = {.days_before = Seconds(Midnight(5, 19))};
  const Resolution common = CommonResolution(own, Midnight(5, 20), {});
  EXPECT_EQ(common.days_before, own.days_before);
  EXPECT_EQ(common.command_days_before, own.days_before);
}

TEST(CommonResolutionTest, AClockThatWasFarAheadCountsNoLonger) {
  const StoredSnapshot ahead = Stored(Midnight(5, 1), Midnight(5, 20));
  EXPECT_EQ(Common({ahead}, Midnight(5, 19)).days_before, Seconds(Midnight(4, 15)));
  EXPECT_EQ(Common({ahead}, Midnight(5, 18)).days_before, Resolution().days_before);
}

TEST(CommonResolutionTest, AnEmptySnapshotHasNone) {
  StoredSnapshot empty = Stored(Midnight(5, 1), Midnight(5, 20));
  empty.header.buckets = {};
  EXPECT_EQ(Common({empty}).days_before, Resolution().days_before);
}

TEST(CommonResolutionTest, DaysAreThoseOfTheZone) {
  Resolution own;
  own.zone = absl::FixedTimeZone(2 * 3600);
  const Resolution common =
      CommonResolution(own, Midnight(5, 20), {Stored(Midnight(3, 10), Midnight(3, 10))});
  EXPECT_EQ(common.days_before, Seconds(Midnight(3, 11) - absl::Hours(2)));
}

}  // namespace
}  // namespace cpuagg::aggregate
