#include "aggregate/grouping.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

std::string RoundTrip(const std::string& bytes) {
  return CommandText(CommandBitsOf({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}));
}

TEST(GroupingTest, ACommandEndsAtItsFirstZero) {
  EXPECT_EQ(RoundTrip(std::string("gcc\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)), "gcc");
  EXPECT_EQ(RoundTrip(std::string("gcc\0rest\0 of it ", 16)), "gcc");
  EXPECT_EQ(RoundTrip("sixteen bytes ab"), "sixteen bytes ab");
  EXPECT_EQ(RoundTrip(std::string(16, '\xff')), std::string(16, '\xff'));
  EXPECT_EQ(RoundTrip(std::string(16, '\0')), "");
  EXPECT_EQ(RoundTrip("seventeen bytes a"), "seventeen bytes ");
  EXPECT_EQ(CommandText(CommandBitsOf("gcc")), "gcc");
}

int64_t Seconds(const absl::TimeZone& zone, int month, int day, int hour, int minute) {
  return absl::ToUnixSeconds(
      absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute), zone));
}

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

TEST(GroupingTest, HoursAndDaysAreThoseOfTheZonesClock) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  CalendarBuckets days(CalendarUnit::kDay, berlin);
  CalendarBuckets hours(CalendarUnit::kHour, berlin);
  EXPECT_EQ(days.BeginOf(Seconds(berlin, 11, 23, 17, 59)), Seconds(berlin, 11, 23, 0, 0));
  EXPECT_EQ(hours.BeginOf(Seconds(berlin, 11, 23, 17, 59)), Seconds(berlin, 11, 23, 17, 0));
  // Clocks are put back on October 25: the day has 25 hours, and two of them are the third.
  const int64_t midnight = Seconds(berlin, 10, 25, 0, 0);
  EXPECT_EQ(days.BeginOf(midnight + 25 * 3600 - 1), midnight);
  EXPECT_EQ(days.BeginOf(midnight + 25 * 3600), midnight + 25 * 3600);
  for (int hour = 0; hour < 25; ++hour) {
    EXPECT_EQ(hours.BeginOf(midnight + hour * 3600 + 1800), midnight + hour * 3600);
  }
  const absl::TimeZone kathmandu = Zone("Asia/Kathmandu");
  CalendarBuckets quarter(CalendarUnit::kHour, kathmandu);
  EXPECT_EQ(quarter.BeginOf(Seconds(kathmandu, 5, 1, 9, 59)), Seconds(kathmandu, 5, 1, 9, 0));
  CalendarBuckets early(CalendarUnit::kDay, absl::UTCTimeZone());
  EXPECT_EQ(early.BeginOf(-1), -86400);
  EXPECT_EQ(early.BeginOf(0), 0);
}

}  // namespace
}  // namespace cpuagg::aggregate
