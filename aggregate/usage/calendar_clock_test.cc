// Compares the calendar with the C library's clock: around every change of a zone's clock, each
// minute must be in the hour, day, week, month and year that the clock shows. The expected values
// come from localtime_r(), and use nothing of the calendar.
//
// The zones are those with the oddest changes. All existing zones take some minutes:
//
//   bazel test //aggregate/usage:calendar_clock_test --test_env=CALENDAR_ZONES=all
//   --test_timeout=3600

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/sanitized.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

constexpr CalendarUnit kUnits[] = {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kWeek,
                                   CalendarUnit::kMonth, CalendarUnit::kYear};
constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

int64_t FloorDiv(int64_t number, int64_t divisor) {
  return number / divisor - (number % divisor < 0 ? 1 : 0);
}

// [begin, end), in seconds since 1970.
struct Span {
  int64_t begin = 0;
  int64_t end = 0;
};

// The clock of a zone from 1967 to 2040, divided into intervals with one offset each.
class Clock {
 public:
  explicit Clock(const std::string& zone) {
    setenv("TZ", absl::StrCat(":", zone).c_str(), 1);
    tzset();
    constexpr int64_t kFirst = -3 * 365 * kDay;
    constexpr int64_t kLast = int64_t{70} * 365 * kDay;
    stretches_.push_back({.begin = kFirst, .offset = Offset(kFirst)});
    for (int64_t time = kFirst; time < kLast; time += kHour) {
      if (Offset(time + kHour) == stretches_.back().offset) continue;
      // The first second with the new offset.
      int64_t before = time;
      int64_t from = time + kHour;
      while (from - before > 1) {
        const int64_t middle = before + (from - before) / 2;
        (Offset(middle) == stretches_.back().offset ? before : from) = middle;
      }
      const Stretch& last = stretches_.back();
      stretches_.push_back(
          {.begin = from,
           .offset = Offset(time + kHour),
           .latest_date = std::max(last.latest_date, FloorDiv(from - 1 + last.offset, kDay))});
    }
  }

  // The times of its changes.
  std::vector<int64_t> Changes() const {
    std::vector<int64_t> changes;
    for (size_t i = 1; i < stretches_.size(); ++i) changes.push_back(stretches_[i].begin);
    return changes;
  }

  Span UnitOf(CalendarUnit unit, int64_t time) const {
    if (unit == CalendarUnit::kHour) return HourOf(time);
    const int64_t number = NumberOf(unit, time);
    constexpr int64_t kLongest = 400 * kDay;
    return {
        .begin =
            First(time - kLongest, time, [&](int64_t t) { return NumberOf(unit, t) >= number; }),
        .end = First(time, time + kLongest, [&](int64_t t) { return NumberOf(unit, t) > number; })};
  }

 private:
  struct Stretch {
    int64_t begin;
    int64_t offset;
    // The latest date that the clock has shown before, in days since 1970.
    int64_t latest_date = std::numeric_limits<int64_t>::min();
  };

  static int64_t Offset(int64_t time) {
    const std::time_t seconds = time;
    std::tm local = {};
    localtime_r(&seconds, &local);
    return local.tm_gmtoff;
  }

  const Stretch& StretchOf(int64_t time) const {
    return *std::prev(
        std::upper_bound(stretches_.begin(), stretches_.end(), time,
                         [](int64_t t, const Stretch& stretch) { return t < stretch.begin; }));
  }

  // Ends at full hours of the clock, and where the clock is changed.
  Span HourOf(int64_t time) const {
    const Stretch& stretch = StretchOf(time);
    const int64_t full = FloorDiv(time + stretch.offset, kHour) * kHour - stretch.offset;
    const Stretch& next = StretchOf(full + kHour);
    return {.begin = std::max(full, stretch.begin),
            .end = &next == &stretch ? full + kHour : (&stretch + 1)->begin};
  }

  // Never decreases, whatever happens to the clock.
  int64_t NumberOf(CalendarUnit unit, int64_t time) const {
    const Stretch& stretch = StretchOf(time);
    const int64_t day = std::max(FloorDiv(time + stretch.offset, kDay), stretch.latest_date);
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    switch (unit) {
      case CalendarUnit::kHour:
      case CalendarUnit::kDay:
        break;
      case CalendarUnit::kWeek:
        // 1 January 1970 was a Thursday.
        return FloorDiv(day + 3, 7);
      case CalendarUnit::kMonth:
        return static_cast<int>(date.year()) * 12 + static_cast<int>(unsigned{date.month()});
      case CalendarUnit::kYear:
        return static_cast<int>(date.year());
    }
    return day;
  }

  // The first of [begin, end) for which `holds` is true; it is true for all after that.
  template <typename Predicate>
  static int64_t First(int64_t begin, int64_t end, const Predicate& holds) {
    while (begin < end) {
      const int64_t middle = begin + (end - begin) / 2;
      if (holds(middle)) {
        end = middle;
      } else {
        begin = middle + 1;
      }
    }
    return begin;
  }

  std::vector<Stretch> stretches_;
};

// Three hours before each change of the clock and three after it, from 1970 to 2037; under a
// sanitizer one.
std::vector<int64_t> MomentsAbout(const std::vector<int64_t>& changes) {
  constexpr int64_t kAbout = acct::testing::LessIfSanitized(3 * kHour, kHour);
  constexpr int64_t kEnd = int64_t{68} * 365 * kDay;
  std::vector<int64_t> moments;
  for (const int64_t change : changes) {
    if (change < kAbout || change > kEnd) continue;
    for (int64_t off = -kAbout; off <= kAbout; off += kMinute) {
      moments.push_back(change + off);
      moments.push_back(change + off - 1);
    }
    for (const int64_t off : {-2, 1, 2}) moments.push_back(change + off);
  }
  return moments;
}

void Check(const std::string& name) {
  SCOPED_TRACE(name);
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
  const Clock clock(name);
  std::vector<int64_t> moments = MomentsAbout(clock.Changes());
  for (const CalendarUnit unit : kUnits) {
    SCOPED_TRACE(static_cast<int>(unit));
    std::vector<std::pair<int64_t, Span>> expected;
    Span known;
    for (const int64_t moment : moments) {
      if (moment < known.begin || moment >= known.end) known = clock.UnitOf(unit, moment);
      expected.emplace_back(moment, known);
      const Period period = PeriodOf(unit, absl::FromUnixSeconds(moment), zone);
      ASSERT_EQ(absl::ToUnixSeconds(period.begin), known.begin) << moment;
      ASSERT_EQ(absl::ToUnixSeconds(period.end), known.end) << moment;
      if (unit == CalendarUnit::kDay) {
        const absl::CivilDay date = DateOf(absl::FromUnixSeconds(moment), zone);
        ASSERT_EQ(BeginOfDate(date, zone), period.begin) << moment;
      }
      ASSERT_LE(known.begin, moment);
      ASSERT_LT(moment, known.end);
    }
    // In order and in random order, so that times replace each other in the cache.
    CalendarBuckets buckets(unit, zone);
    for (int round = 0; round < 2; ++round) {
      for (const auto& [moment, span] : expected) {
        ASSERT_EQ(buckets.BeginOf(moment), span.begin) << moment;
        ASSERT_EQ(buckets.EndOf(moment), span.end) << moment;
      }
      std::shuffle(expected.begin(), expected.end(), std::mt19937(11));
    }
  }
}

std::vector<std::string> AllZones() {
  const std::string root = "/usr/share/zoneinfo";
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().string().substr(root.size() + 1);
    absl::TimeZone zone;
    // Excludes copies, and zones that count leap seconds.
    if (entry.is_regular_file() && !entry.is_symlink() && !absl::StartsWith(name, "right/") &&
        !absl::StartsWith(name, "posix/") && absl::LoadTimeZone(name, &zone)) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(CalendarClockTest, EveryMinuteAboutAChangeIsInTheUnitsThatTheClockMakes) {
  const char* const chosen = std::getenv("CALENDAR_ZONES");
  if (chosen != nullptr && absl::string_view(chosen) == "all") {
    const std::vector<std::string> names = AllZones();
    EXPECT_GT(names.size(), 300u) << "where are the zones?";
    for (const std::string& name : names) Check(name);
    return;
  }
  for (const char* const name :
       {"America/St_Johns", "Asia/Gaza", "Antarctica/Casey", "Australia/Lord_Howe",
        "Pacific/Chatham", "Africa/Monrovia", "America/Caracas", "Pacific/Apia", "Antarctica/Troll",
        "Asia/Kathmandu", "Pacific/Kwajalein"}) {
    Check(name);
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
