#include "notify/outgoing/limit_period.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

absl::Time At(const char* text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, &time, nullptr)) << text;
  return time;
}

// "2026-11-27 00 yesterday, 2026-11-28 00 the day".
std::string Checked(const char* unit, const char* now, std::optional<absl::Time> last_check) {
  return absl::StrJoin(
      PeriodsToCheck(unit, At(now), absl::UTCTimeZone(), last_check), ", ",
      [](std::string* text, const LimitPeriod& checked) {
        absl::StrAppend(text,
                        absl::FormatTime("%Y-%m-%d %H", checked.period.begin, absl::UTCTimeZone()),
                        " ", checked.Name());
      });
}

TEST(PeriodsToCheckTest, TheFirstCheckLooksAtThePeriodAndAtTheOneBefore) {
  EXPECT_EQ(Checked("hour", "2026-11-28 07:30", std::nullopt),
            "2026-11-28 06 the last hour, 2026-11-28 07 the hour");
  EXPECT_EQ(Checked("day", "2026-11-28 07:00", std::nullopt),
            "2026-11-27 00 yesterday, 2026-11-28 00 the day");
  EXPECT_EQ(Checked("week", "2026-11-28 07:00", std::nullopt),
            "2026-11-16 00 last week, 2026-11-23 00 the week");
  EXPECT_EQ(Checked("month", "2026-11-28 07:00", std::nullopt),
            "2026-10-01 00 last month, 2026-11-01 00 the month");
}

TEST(PeriodsToCheckTest, ALaterCheckBeginsBeforeThePeriodOfTheLastOne) {
  // Within a day, and in the next one.
  EXPECT_EQ(Checked("day", "2026-11-28 23:00", At("2026-11-28 07:00")),
            "2026-11-27 00 yesterday, 2026-11-28 00 the day");
  EXPECT_EQ(Checked("day", "2026-11-28 07:00", At("2026-11-27 07:00")),
            "2026-11-26 00 an earlier day, 2026-11-27 00 yesterday, 2026-11-28 00 the day");
  // From Friday to Monday.
  EXPECT_EQ(Checked("day", "2026-11-30 07:00", At("2026-11-27 18:00")),
            "2026-11-26 00 an earlier day, 2026-11-27 00 an earlier day, "
            "2026-11-28 00 an earlier day, 2026-11-29 00 yesterday, 2026-11-30 00 the day");
}

TEST(PeriodsToCheckTest, AfterALongTimeTheFirstOnesAndTheLastTwoAreLookedAt) {
  const std::vector<LimitPeriod> periods =
      PeriodsToCheck("hour", At("2026-11-28 07:30"), absl::UTCTimeZone(), At("2026-01-01 12:10"));
  ASSERT_EQ(periods.size(), 32u);
  EXPECT_EQ(periods.front().period.begin, At("2026-01-01 11:00"));
  EXPECT_EQ(periods[30].period.begin, At("2026-11-28 06:00"));
  EXPECT_FALSE(periods.back().is_over());
}

TEST(PeriodsToCheckTest, ACheckInTheFutureIsLikeNone) {
  EXPECT_EQ(Checked("day", "2026-11-28 07:00", At("2027-01-01 00:00")),
            "2026-11-27 00 yesterday, 2026-11-28 00 the day");
}

}  // namespace
}  // namespace cpuagg::notify
