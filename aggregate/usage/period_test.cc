#include "aggregate/usage/period.h"

#include <cstdint>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

Period Seconds(int64_t begin, int64_t end) {
  return {absl::FromUnixSeconds(begin), absl::FromUnixSeconds(end)};
}

TEST(PeriodTest, AnOpenEndIsWhatWasFoundWithAllOfItsLastSecond) {
  TimeSpan found;
  found.Cover(1000, 2000);
  EXPECT_EQ(OrSpan({}, found), Seconds(1000, 2001));
  EXPECT_EQ(OrSpan({.begin = absl::FromUnixSeconds(1500)}, found), Seconds(1500, 2001));
  EXPECT_EQ(OrSpan({.end = absl::FromUnixSeconds(1500)}, found), Seconds(1000, 1500));
  EXPECT_EQ(OrSpan(Seconds(1, 2), found), Seconds(1, 2));
  // Nothing was found.
  EXPECT_TRUE(OrSpan({}, TimeSpan()).is_all());
}

}  // namespace
}  // namespace cpuagg::aggregate
