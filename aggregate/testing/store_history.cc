#include "aggregate/testing/store_history.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "acct/testing/histories.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {
namespace {

constexpr std::array kZones = {
    "UTC",         "Europe/Berlin",       "Asia/Kolkata",    "Asia/Kathmandu", "America/St_Johns",
    "Asia/Tokyo",  "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Gaza",      "America/New_York",
    "Pacific/Apia"};

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

class Planner {
 public:
  explicit Planner(uint64_t seed) : draws_(seed) {}

  std::vector<StoreStep> Plan() && {
    zone_ = AnyZone();
    const bool moves = Below(4) == 0;
    // Near changes of the clock, in spring or in autumn.
    now_ = absl::FromCivil(
        absl::CivilDay(2026, Below(2) == 0 ? 3 : 10, 1 + static_cast<int>(Below(28))),
        absl::UTCTimeZone());
    const absl::Time begin = now_;
    const absl::Time last = now_ + absl::Hours(24) * static_cast<int64_t>(3 + Below(90));
    constexpr size_t kMostRuns = 90;
    const absl::Duration mean = (last - begin) / kMostRuns;
    while (now_ < last) {
      const absl::Time before = now_;
      now_ += absl::Seconds(1 + Below(static_cast<uint64_t>(2 * absl::ToInt64Seconds(mean))));
      if (moves && Below(30) == 0) zone_ = AnyZone();
      for (uint64_t i = Below(12); i > 0; --i) AddEnded(before);
      steps_.push_back({CollectAt{.now = now_, .zone = zone_}});
    }
    constexpr int kRequests = 100;
    for (int i = 0; i < kRequests; ++i) AddRequest();
    return std::move(steps_);
  }

 private:
  uint64_t Below(uint64_t limit) { return draws_.Next() % limit; }
  absl::TimeZone AnyZone() { return Zone(kZones[Below(kZones.size())]); }

  // Mostly since the previous run, sometimes long ago: a process that ended while a generation was
  // missing.
  void AddEnded(absl::Time before) {
    const auto length = static_cast<uint64_t>(absl::ToInt64Seconds(now_ - before));
    int64_t end = absl::ToUnixSeconds(before) + static_cast<int64_t>(Below(length));
    if (Below(20) == 0) end -= static_cast<int64_t>(Below(uint64_t{5} * 86'400));
    // Exactly at the border of an hour.
    if (Below(10) == 0) end -= end % 3600;
    if (!first_end_.has_value()) first_end_ = end;
    steps_.push_back({Ended{.pid = ++pid_,
                            .end = end,
                            .uid = static_cast<uint32_t>(1000 + Below(3)),
                            .command = absl::StrCat("c", Below(20)),
                            .ticks = Below(1000)}});
  }

  void AddRequest() {
    Request request{.zone = AnyZone()};
    Period& asked = request.asked;
    if (Below(8) > 0) asked.begin = AnyTime(request.zone);
    if (Below(8) > 0) asked.end = AnyTime(request.zone);
    if (asked.begin > asked.end) std::swap(asked.begin, asked.end);
    // The command line refuses an empty period.
    if (asked.begin == asked.end) asked.end += absl::Seconds(1);
    constexpr auto kHour = Dimension::kHour;
    constexpr auto kDay = Dimension::kDay;
    constexpr auto kWeek = Dimension::kWeek;
    constexpr auto kMonth = Dimension::kMonth;
    constexpr auto kUser = Dimension::kUser;
    constexpr auto kCommand = Dimension::kCommand;
    const std::array<Grouping, 12> groupings = {{{kUser},
                                                 {kHour},
                                                 {kDay},
                                                 {kCommand},
                                                 {kUser, kHour},
                                                 {kUser, kDay},
                                                 {kCommand, kDay},
                                                 {kWeek},
                                                 {kMonth},
                                                 {kUser, kWeek},
                                                 {kCommand, kMonth},
                                                 {kUser, kCommand, kHour}}};
    ReportOptions& options = request.options;
    options.by = groupings[Below(groupings.size())];
    if (Below(3) == 0) options.only_commands = {absl::StrCat("c", Below(20))};
    if (Below(3) == 0) options.only_users = {"1001"};
    if (asked.begin != absl::InfinitePast() && Below(2) == 0) {
      const absl::Duration length = absl::Seconds(1 + Below(200'000));
      options.compare_with = Period{asked.begin - length, asked.begin};
    }
    steps_.push_back({std::move(request)});
  }

  // Any second, or one at which a unit begins in one of the zones.
  absl::Time AnyTime(absl::TimeZone zone) {
    const absl::Time first = absl::FromUnixSeconds(first_end_.value_or(0));
    const auto length = static_cast<uint64_t>(absl::ToInt64Seconds(now_ - first) + 200'000);
    const absl::Time time =
        first - absl::Seconds(100'000) + absl::Seconds(static_cast<int64_t>(Below(length)));
    constexpr std::array kUnits = {CalendarUnit::kHour, CalendarUnit::kDay, CalendarUnit::kWeek,
                                   CalendarUnit::kMonth};
    switch (Below(4)) {
      case 0:
        return PeriodOf(kUnits[Below(kUnits.size())], time, zone).begin;
      case 1:
        return PeriodOf(kUnits[Below(kUnits.size())], time, zone_).begin +
               absl::Seconds(static_cast<int64_t>(Below(3)) - 1);
      default:
        return time;
    }
  }

  acct::testing::Draws draws_;
  absl::TimeZone zone_;
  absl::Time now_;
  std::optional<int64_t> first_end_;
  uint32_t pid_ = 0;
  std::vector<StoreStep> steps_;
};

const char* NameOf(Dimension dimension) {
  switch (dimension) {
    case Dimension::kUser:
      return "user";
    case Dimension::kGroup:
      return "group";
    case Dimension::kDepartment:
      return "department";
    case Dimension::kCommand:
      return "command";
    case Dimension::kTty:
      return "tty";
    case Dimension::kSignal:
      return "signal";
    case Dimension::kHour:
      return "hour";
    case Dimension::kDay:
      return "day";
    case Dimension::kWeek:
      return "week";
    case Dimension::kMonth:
      return "month";
    case Dimension::kHost:
      return "host";
  }
  return "";
}

}  // namespace

std::vector<StoreStep> StoreSteps(uint64_t seed) { return Planner(seed).Plan(); }

int DaysOfHours(uint64_t seed) {
  return static_cast<int>(1 + acct::testing::Draws(seed, 1).Below(40));
}

std::ostream& operator<<(std::ostream& out, const Ended& ended) {
  return out << "process " << ended.pid << " of " << ended.uid << " ends at "
             << absl::FromUnixSeconds(ended.end) << " (" << ended.end << "): " << ended.command
             << ", " << ended.ticks << " ticks";
}

std::ostream& operator<<(std::ostream& out, const CollectAt& collect) {
  return out << "collect at " << absl::FormatTime(collect.now, collect.zone) << " in "
             << collect.zone.name();
}

std::ostream& operator<<(std::ostream& out, const Request& request) {
  out << "report of " << absl::FormatTime(request.asked.begin, request.zone) << " to "
      << absl::FormatTime(request.asked.end, request.zone) << " in " << request.zone.name()
      << ", by";
  for (const Dimension dimension : request.options.by) out << ' ' << NameOf(dimension);
  for (const std::string& command : request.options.only_commands) out << ", of " << command;
  for (const std::string& user : request.options.only_users) out << ", of " << user;
  if (const std::optional<Period>& other = request.options.compare_with; other.has_value()) {
    out << ", compared with " << absl::FormatTime(other->begin, request.zone) << " to "
        << absl::FormatTime(other->end, request.zone);
  }
  return out;
}

}  // namespace cpuagg::aggregate::testing
