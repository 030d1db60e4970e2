#include "aggregate/store/common_bucket_policy.h"

#include <cstdint>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/store/snapshot_store.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

absl::Time Midnight(int month, int day) {
  return absl::FromCivil(absl::CivilDay(2026, month, day), absl::UTCTimeZone());
}
int64_t Seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

// Of 20 May; users are kept by the day before 15 April.
StoredSnapshot Stored(absl::Time first_bucket, absl::Time last_bucket) {
  StoredSnapshot stored;
  stored.header.captured_at = Midnight(5, 20);
  stored.header.buckets.Cover(Seconds(first_bucket), Seconds(last_bucket));
  stored.header.policy = {.days_before = Seconds(Midnight(4, 15)),
                          .command_days_before = Seconds(Midnight(5, 18)),
                          .command_months_before = Seconds(Midnight(4, 1))};
  return stored;
}

BucketPolicy Common(const std::vector<StoredSnapshot>& snapshots,
                    absl::Time now = Midnight(5, 20)) {
  return CommonBucketPolicy(BucketPolicy(), now, snapshots);
}

TEST(CommonBucketPolicyTest, IsThatOfASnapshotWhichHasBucketsBehindIt) {
  const BucketPolicy common = Common({Stored(Midnight(5, 19), Midnight(5, 20))});
  EXPECT_EQ(common.days_before, Seconds(Midnight(4, 15)));
  EXPECT_EQ(common.command_days_before, Seconds(Midnight(5, 18)));
  EXPECT_EQ(common.command_months_before, Seconds(Midnight(4, 1)));
}

TEST(CommonBucketPolicyTest, GoesNoFurtherThanTheLastBucketDoes) {
  const absl::Time last = Midnight(3, 10) + absl::Hours(23);
  const BucketPolicy common = Common({Stored(Midnight(3, 1), last)});
  EXPECT_EQ(common.days_before, Seconds(Midnight(3, 11)));
  EXPECT_EQ(common.command_months_before, Seconds(Midnight(4, 1)));
  // The whole month becomes one bucket.
  EXPECT_EQ(common.command_days_before, Seconds(Midnight(4, 1)));
  EXPECT_EQ(Common({Stored(Midnight(2, 1), Midnight(2, 1))}).command_months_before,
            Seconds(Midnight(3, 1)));
}

TEST(CommonBucketPolicyTest, IsAsCoarseAsTheCoarsest) {
  StoredSnapshot later = Stored(Midnight(5, 1), Midnight(5, 20));
  later.header.policy.days_before = Seconds(Midnight(4, 16));
  later.header.policy.command_days_before = Seconds(Midnight(5, 17));
  const StoredSnapshot earlier = Stored(Midnight(5, 1), Midnight(5, 20));
  for (const BucketPolicy& common : {Common({earlier, later}), Common({later, earlier})}) {
    EXPECT_EQ(common.days_before, Seconds(Midnight(4, 16)));
    EXPECT_EQ(common.command_days_before, Seconds(Midnight(5, 18)));
  }
  const BucketPolicy own = {.days_before = Seconds(Midnight(5, 19))};
  const BucketPolicy common = CommonBucketPolicy(own, Midnight(5, 20), {});
  EXPECT_EQ(common.days_before, own.days_before);
  EXPECT_EQ(common.command_days_before, own.days_before);
}

TEST(CommonBucketPolicyTest, AClockThatWasFarAheadCountsNoLonger) {
  const StoredSnapshot ahead = Stored(Midnight(5, 1), Midnight(5, 20));
  EXPECT_EQ(Common({ahead}, Midnight(5, 19)).days_before, Seconds(Midnight(4, 15)));
  EXPECT_EQ(Common({ahead}, Midnight(5, 18)).days_before, BucketPolicy().days_before);
}

TEST(CommonBucketPolicyTest, AnEmptySnapshotHasNone) {
  StoredSnapshot empty = Stored(Midnight(5, 1), Midnight(5, 20));
  empty.header.buckets = {};
  EXPECT_EQ(Common({empty}).days_before, BucketPolicy().days_before);
}

TEST(CommonBucketPolicyTest, DaysAreThoseOfTheZone) {
  BucketPolicy own;
  own.zone = absl::FixedTimeZone(2 * 3600);
  const BucketPolicy common =
      CommonBucketPolicy(own, Midnight(5, 20), {Stored(Midnight(3, 10), Midnight(3, 10))});
  EXPECT_EQ(common.days_before, Seconds(Midnight(3, 11) - absl::Hours(2)));
}

}  // namespace
}  // namespace cpuagg::aggregate
