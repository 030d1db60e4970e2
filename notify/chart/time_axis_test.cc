#include "notify/chart/time_axis.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/sanitized.h"
#include "aggregate/usage/calendar.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using aggregate::CalendarUnit;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// "2026-11-22" or "2026-11-22 19:35:00".
absl::Time At(absl::string_view text, absl::TimeZone zone = absl::UTCTimeZone()) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(text.size() == 10 ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S", text, zone,
                              &time, &error))
      << text << ": " << error;
  return time;
}

// The approximate width of letters in charts.
double WidthOf(absl::string_view text) { return 17 * static_cast<double>(text.size()); }

constexpr double kPlotWidth = 1100;

TimeAxis AxisOf(const std::vector<absl::Time>& slots, CalendarUnit unit,
                absl::TimeZone zone = absl::UTCTimeZone()) {
  return LabelTimeAxis(slots, unit, zone, kPlotWidth / static_cast<double>(slots.size()), WidthOf);
}

TimeAxis AxisOf(absl::string_view begin, absl::string_view end, CalendarUnit unit,
                absl::TimeZone zone = absl::UTCTimeZone()) {
  return AxisOf(TimeSlots(At(begin, zone), At(end, zone), unit, zone), unit, zone);
}

std::string Texts(const std::vector<TimeLabel>& labels) {
  return absl::StrJoin(labels, "|", [](std::string* out, const TimeLabel& label) {
    absl::StrAppend(out, label.text);
  });
}

TEST(TimeSlotsTest, AreTheUnitsThatReachIntoThePeriod) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const std::vector<absl::Time> days =
      TimeSlots(At("2026-11-22 19:35:00"), At("2026-11-24 00:00:01"), CalendarUnit::kDay, utc);
  EXPECT_EQ(days, (std::vector<absl::Time>{At("2026-11-22"), At("2026-11-23"), At("2026-11-24")}));
  EXPECT_EQ(TimeSlots(At("2026-11-22"), At("2026-11-24"), CalendarUnit::kDay, utc).size(), 2u);
  EXPECT_EQ(TimeSlots(At("2026-01-31"), At("2026-03-01"), CalendarUnit::kMonth, utc),
            (std::vector<absl::Time>{At("2026-01-01"), At("2026-02-01")}));
  EXPECT_EQ(TimeSlots(At("1969-12-31 23:00:00"), At("1971-01-01"), CalendarUnit::kYear, utc),
            (std::vector<absl::Time>{At("1969-01-01"), At("1970-01-01")}));
  EXPECT_TRUE(TimeSlots(At("2026-11-22"), At("2026-11-22"), CalendarUnit::kHour, utc).empty());
}

TEST(TimeSlotsTest, AChangeOfClocksLosesNoHourAndKeepsTheDays) {
  struct Case {
    const char* zone;
    const char* day;
    size_t hours;
  };
  const Case cases[] = {
      {"Europe/Berlin", "2026-10-25", 25},
      {"Europe/Berlin", "2026-03-29", 23},
      {"America/New_York", "2026-11-01", 25},
      {"Asia/Kolkata", "2026-11-01", 24},
      // The change is at midnight, so the day begins at one.
      {"America/Havana", "2026-03-08", 23},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.zone);
    const absl::TimeZone zone = Zone(c.zone);
    const absl::CivilDay day = absl::ToCivilDay(At(c.day), absl::UTCTimeZone());
    const absl::Time begin = absl::FromCivil(day, zone);
    const std::vector<absl::Time> hours =
        TimeSlots(begin, absl::FromCivil(day + 1, zone), CalendarUnit::kHour, zone);
    ASSERT_EQ(hours.size(), c.hours);
    for (size_t i = 0; i < hours.size(); ++i) {
      EXPECT_EQ(hours[i], begin + absl::Hours(static_cast<int64_t>(i)));
    }
    EXPECT_EQ(
        TimeSlots(begin - absl::Hours(24), absl::FromCivil(day + 2, zone), CalendarUnit::kDay, zone)
            .size(),
        3u);
  }
}

TEST(TimeSlotsTest, HalfAnHourOfSummerTimeKeepsTheOrder) {
  const absl::TimeZone zone = Zone("Australia/Lord_Howe");
  const std::vector<absl::Time> hours =
      TimeSlots(At("2026-01-01", zone), At("2027-01-01", zone), CalendarUnit::kHour, zone);
  ASSERT_EQ(hours.size(), 8761u) << "two pieces in autumn, and two in spring";
  for (size_t i = 1; i < hours.size(); ++i) ASSERT_LT(hours[i - 1], hours[i]);
}

// Newfoundland's clock went back at a minute past midnight: the repeated hours belong to the day
// that had begun.
TEST(TimeAxisTest, HoursThatComeAgainAfterMidnightAreOfTheNewDay) {
  const absl::TimeZone zone = Zone("America/St_Johns");
  const std::vector<absl::Time> slots =
      TimeSlots(At("2010-11-07 00:00:00", zone) + absl::Minutes(1), At("2010-11-07 06:00:00", zone),
                CalendarUnit::kHour, zone);
  const TimeAxis axis =
      LabelTimeAxis(slots, CalendarUnit::kHour, zone, 100,
                    [](absl::string_view text) { return static_cast<double>(text.size()); });
  ASSERT_FALSE(axis.near.empty());
  EXPECT_EQ(axis.near[0].text, "23:01");
  ASSERT_EQ(axis.far.size(), 1u);
  EXPECT_EQ(axis.far[0].text, "Sun 7 November 2010");
}

TEST(TimeAxisTest, HasAsManyLabelsAsThereIsRoomFor) {
  struct Case {
    const char* name;
    const char* begin;
    const char* end;
    CalendarUnit unit;
    const char* near;
    const char* far;
  };
  const Case cases[] = {
      {"a day", "2026-11-16", "2026-11-17", CalendarUnit::kDay, "Mon 16", "November 2026"},
      {"a week", "2026-11-30", "2026-12-07", CalendarUnit::kDay,
       "Mon 30|Tue 1|Wed 2|Thu 3|Fri 4|Sat 5|Sun 6", "Nov|December 2026"},
      {"two weeks", "2026-11-16", "2026-11-30", CalendarUnit::kDay,
       "16|17|18|19|20|21|22|23|24|25|26|27|28|29", "November 2026"},
      {"a month", "2026-10-20", "2026-11-20", CalendarUnit::kDay,
       "20|22|24|26|28|30|1|3|5|7|9|11|13|15|17|19", "October 2026|November 2026"},
      {"a quarter", "2026-08-31", "2026-11-30", CalendarUnit::kDay,
       "31|5|10|15|20|25|30|5|10|15|20|25|30|4|9|14|19|24|29",
       "September 2026|October 2026|November 2026"},
      {"weeks of a quarter", "2026-08-31", "2026-11-30", CalendarUnit::kWeek,
       "31|7|14|21|28|5|12|19|26|2|9|16|23", "Aug|September 2026|October 2026|November 2026"},
      {"weeks of a year", "2025-12-01", "2026-11-30", CalendarUnit::kWeek,
       "Dec|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov", "2025|2026"},
      {"weeks of ten years", "2017-01-02", "2027-01-04", CalendarUnit::kWeek,
       "2017|2018|2019|2020|2021|2022|2023|2024|2025|2026", ""},
      {"a year", "2025-11-25", "2026-11-25", CalendarUnit::kDay,
       "Dec|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov", "2025|2026"},
      {"two years", "2024-11-25", "2026-11-25", CalendarUnit::kDay,
       "Jan|Apr|Jul|Oct|Jan|Apr|Jul|Oct", "2025|2026"},
      {"ten years", "2017-01-01", "2027-01-01", CalendarUnit::kMonth,
       "2017|2018|2019|2020|2021|2022|2023|2024|2025|2026", ""},
      {"a century", "1970-01-01", "2070-01-01", CalendarUnit::kYear,
       "1970|1980|1990|2000|2010|2020|2030|2040|2050|2060", ""},
      {"eight hours", "2026-11-16 08:00:00", "2026-11-16 16:00:00", CalendarUnit::kHour,
       "08:00|09:00|10:00|11:00|12:00|13:00|14:00|15:00", "Mon 16 November 2026"},
      {"a day of hours", "2026-11-16", "2026-11-17", CalendarUnit::kHour,
       "00:00|03:00|06:00|09:00|12:00|15:00|18:00|21:00", "Mon 16 November 2026"},
      {"a day and a night", "2026-11-16 17:00:00", "2026-11-17 17:00:00", CalendarUnit::kHour,
       "18:00|21:00|00:00|03:00|06:00|09:00|12:00|15:00", "Mon 16 Nov|Tue 17 November 2026"},
      {"a week of hours", "2026-11-16", "2026-11-23", CalendarUnit::kHour,
       "Mon 16|Tue 17|Wed 18|Thu 19|Fri 20|Sat 21|Sun 22", "November 2026"},
      {"a month of hours", "2026-11-01", "2026-12-01", CalendarUnit::kHour,
       "1|3|5|7|9|11|13|15|17|19|21|23|25|27|29", "November 2026"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const TimeAxis axis = AxisOf(c.begin, c.end, c.unit);
    EXPECT_EQ(Texts(axis.near), c.near);
    EXPECT_EQ(Texts(axis.far), c.far);
  }
}

TEST(TimeAxisTest, LabelsNeverTouch) {
  constexpr size_t kStep = acct::testing::LessIfSanitized(1, 7);
  const absl::TimeZone zone = Zone("Europe/Berlin");
  const absl::Time begin = At("2026-09-27 05:00:00", zone);
  for (const CalendarUnit unit : {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kWeek,
                                  CalendarUnit::kMonth, CalendarUnit::kYear}) {
    absl::Time end = begin;
    for (size_t count = 1; count <= 750; ++count) {
      end = PeriodOf(unit, end, zone).end;
      if (count % kStep != 0) continue;
      const TimeAxis axis = AxisOf(TimeSlots(begin, end, unit, zone), unit, zone);
      ASSERT_FALSE(axis.near.empty()) << count;
      const double slot_width = kPlotWidth / static_cast<double>(count);
      for (const std::vector<TimeLabel>& line : {axis.near, axis.far}) {
        double free_from = -kPlotWidth;
        for (const TimeLabel& label : line) {
          const double center = static_cast<double>(label.first + label.end) / 2 * slot_width;
          ASSERT_GE(center - WidthOf(label.text) / 2, free_from) << count << " " << label.text;
          free_from = center + WidthOf(label.text) / 2 + 10;
        }
      }
    }
  }
}

TEST(TimeAxisTest, AnHourThatComesTwiceIsLabelledOnce) {
  // In Berlin the change is at 03:00, so that 02:00 occurs twice; in Havana at 01:00, so that
  // midnight does.
  const std::string berlin = Texts(
      AxisOf("2026-10-25", "2026-10-25 08:00:00", CalendarUnit::kHour, Zone("Europe/Berlin")).near);
  EXPECT_EQ(berlin, "00:00|01:00|02:00|03:00|04:00|05:00|06:00|07:00");
  const std::string azores = Texts(AxisOf("2026-10-24 22:00:00", "2026-10-25 06:00:00",
                                          CalendarUnit::kHour, Zone("Atlantic/Azores"))
                                       .near);
  EXPECT_EQ(azores, "22:00|23:00|00:00|01:00|02:00|03:00|04:00|05:00");
}

TEST(TimeAxisTest, AnHourThatIsMissingHasNoLabel) {
  const std::string labels = Texts(
      AxisOf("2026-03-29", "2026-03-29 08:00:00", CalendarUnit::kHour, Zone("Europe/Berlin")).near);
  EXPECT_EQ(labels, "00:00|01:00|03:00|04:00|05:00|06:00|07:00");
}

}  // namespace
}  // namespace cpuagg::notify
