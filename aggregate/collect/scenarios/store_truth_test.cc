// Whatever is requested from a store, a report counts exactly the processes that ended in its
// period, and each row exactly those of its time. Stores are of many zones, some of which changed,
// with hours, days and months; periods have any ends, by the clocks of other zones.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
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

struct Ended {
  int64_t end;
  uint32_t uid;
  std::string command;
  uint64_t ticks;
};

// The usage of some processes.
struct Sum {
  uint64_t processes = 0;
  uint64_t ticks = 0;

  friend bool operator==(const Sum&, const Sum&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Sum& sum) {
    return out << sum.processes << " processes with " << sum.ticks << " ticks";
  }
};

Sum SumOf(const Usage& usage) {
  return {usage.processes, static_cast<uint64_t>(usage.cpu_time().ticks().count())};
}

Period TimeOf(const ReportRow& row, const Report& report) {
  const Period time = row.stretch.value_or(
      PeriodOf(BucketUnit(report.by), absl::FromUnixSeconds(row.begin), report.time_zone));
  return {std::max(time.begin, report.period.begin), std::min(time.end, report.period.end)};
}

// A store, and the processes in it.
class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    zone_ = AnyZone();
    const bool moves = Below(4) == 0;
    retention_.days_of_hours = static_cast<int>(1 + Below(40));
    // Near changes of the clock, in spring or in autumn.
    now_ = absl::FromCivil(
        absl::CivilDay(2026, Below(2) == 0 ? 3 : 10, 1 + static_cast<int>(Below(28))),
        absl::UTCTimeZone());
    const absl::Time first = now_;
    const absl::Time last = now_ + absl::Hours(24) * static_cast<int64_t>(3 + Below(90));
    constexpr size_t kMostRuns = 90;
    const absl::Duration mean = (last - first) / kMostRuns;
    while (now_ < last) {
      const absl::Time before = now_;
      now_ += absl::Seconds(1 + Below(static_cast<uint64_t>(2 * absl::ToInt64Seconds(mean))));
      if (moves && Below(30) == 0) zone_ = AnyZone();
      for (uint64_t i = Below(12); i > 0; --i) AddEnded(before);
      Collect();
    }
  }

  void Ask() {
    const absl::TimeZone zone = AnyZone();
    Period asked;
    if (Below(8) > 0) asked.begin = AnyTime(zone);
    if (Below(8) > 0) asked.end = AnyTime(zone);
    if (asked.begin > asked.end) std::swap(asked.begin, asked.end);
    constexpr auto kHour = Dimension::kHour;
    constexpr auto kDay = Dimension::kDay;
    constexpr auto kUser = Dimension::kUser;
    constexpr auto kCommand = Dimension::kCommand;
    const std::array<Grouping, 8> groupings = {{{kUser},
                                                {kHour},
                                                {kDay},
                                                {kCommand},
                                                {kUser, kHour},
                                                {kUser, kDay},
                                                {kCommand, kDay},
                                                {kUser, kCommand, kHour}}};
    ReportOptions options{.by = groupings[Below(groupings.size())]};
    if (Below(3) == 0) options.only_commands = {absl::StrCat("c", Below(20))};
    if (Below(3) == 0) options.only_users = {"1001"};
    if (asked.begin != absl::InfinitePast() && Below(2) == 0) {
      const absl::Duration length = absl::Seconds(1 + Below(200'000));
      options.compare_with = Period{asked.begin - length, asked.begin};
    }
    absl::StatusOr<StoreReport> result = ReportFromStore(store_, asked, zone, {}, options);
    ASSERT_TRUE(result.ok()) << result.status();
    Report& report = result->report;
    report.time_zone = zone;
    SCOPED_TRACE(absl::StrCat(zone.name(), " ", absl::FormatTime(asked.begin, zone), " to ",
                              absl::FormatTime(asked.end, zone), ", counted ",
                              absl::FormatTime(report.period.begin, zone), " to ",
                              absl::FormatTime(report.period.end, zone)));
    Check(asked, options, report);
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  absl::TimeZone AnyZone() { return Zone(kZones[Below(kZones.size())]); }

  // Mostly since the previous run, sometimes long ago: a process that ended while a generation was
  // missing.
  void AddEnded(absl::Time before) {
    const auto length = static_cast<uint64_t>(absl::ToInt64Seconds(now_ - before));
    int64_t end = absl::ToUnixSeconds(before) + static_cast<int64_t>(Below(length));
    if (Below(20) == 0) end -= static_cast<int64_t>(Below(5 * 86'400));
    // Exactly at the border of an hour.
    if (Below(10) == 0) end -= end % 3600;
    const Ended ended = {.end = end,
                         .uid = static_cast<uint32_t>(1000 + Below(3)),
                         .command = absl::StrCat("c", Below(20)),
                         .ticks = Below(1000)};
    ended_.push_back(ended);
    dir_.Append("pacct", acct::testing::RecordBuilder()
                             .Uid(ended.uid)
                             .Pid(static_cast<uint32_t>(ended_.size()))
                             .BeginTime(static_cast<uint32_t>(end - 1))
                             .Elapsed(100)
                             .UserTime(static_cast<uint16_t>(ended.ticks))
                             .Command(ended.command)
                             .Bytes());
  }

  void Collect() {
    PasswdFileDirectory names{""};
    if (ended_.empty()) return;
    const absl::StatusOr<CollectResult> result =
        aggregate::Collect(store_, names,
                           {.files = {.path = dir_.Path("pacct")},
                            .host = "lab",
                            .now = now_,
                            .time_zone = zone_,
                            .retention = retention_});
    ASSERT_TRUE(result.ok()) << result.status();
  }

  // Any second, or one at which a unit begins in one of the zones.
  absl::Time AnyTime(absl::TimeZone zone) {
    const absl::Time first = absl::FromUnixSeconds(ended_.empty() ? 0 : ended_.front().end);
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

  Sum Truth(const Period& period, const ReportOptions& options,
            const std::optional<acct::Uid> uid = std::nullopt) const {
    Sum sum;
    for (const Ended& ended : ended_) {
      if (!period.Contains(absl::FromUnixSeconds(ended.end))) continue;
      if (uid.has_value() && ended.uid != uid->value()) continue;
      if (!options.only_users.empty() && absl::StrCat(ended.uid) != options.only_users[0]) continue;
      if (!options.only_commands.empty() && ended.command != options.only_commands[0]) continue;
      sum.processes += 1;
      sum.ticks += ended.ticks;
    }
    return sum;
  }

  // `told` must equal `is_true`, except that `hidden` may be missing.
  static void ExpectTold(const Sum& told, const Sum& is_true, const Sum& hidden) {
    EXPECT_LE(told.processes, is_true.processes);
    EXPECT_LE(told.ticks, is_true.ticks);
    EXPECT_GE(told.processes + hidden.processes, is_true.processes);
    EXPECT_GE(told.ticks + hidden.ticks, is_true.ticks);
  }

  void Check(const Period& asked, const ReportOptions& options, const Report& report) const {
    if (asked.begin != absl::InfinitePast()) {
      EXPECT_LE(report.period.begin, asked.begin);
    }
    if (asked.end != absl::InfiniteFuture()) {
      EXPECT_GE(report.period.end, asked.end);
    }
    EXPECT_EQ(report.asked_period.has_value(),
              (asked.begin != absl::InfinitePast() && report.period.begin != asked.begin) ||
                  (asked.end != absl::InfiniteFuture() && report.period.end != asked.end));
    const Sum truth = Truth(report.period, options);
    if (options.only_commands.empty()) {
      EXPECT_EQ(SumOf(report.totals), truth);
    } else {
      ExpectTold(SumOf(report.totals), truth, SumOf(report.unnamed_commands));
      if (report.knows_all_commands()) {
        EXPECT_EQ(SumOf(report.totals), truth);
      }
    }
    if (report.previous.has_value()) {
      const Sum before = Truth(report.previous->period, options);
      if (options.only_commands.empty()) {
        EXPECT_EQ(static_cast<uint64_t>(report.previous->cpu.ticks().count()), before.ticks);
      } else {
        EXPECT_LE(static_cast<uint64_t>(report.previous->cpu.ticks().count()), before.ticks);
      }
    }
    if (Has(options.by, Dimension::kCommand)) {
      CheckCommands(options, report);
    } else if (HasTime(options.by) && options.only_commands.empty()) {
      CheckTimes(options, report);
    }
  }

  // Each row has exactly the processes that ended in its time, and times do not overlap.
  void CheckTimes(const ReportOptions& options, const Report& report) const {
    std::map<std::optional<acct::Uid>, absl::Time> ends;
    std::vector<const ReportRow*> rows;
    for (const ReportRow& row : report.rows) rows.push_back(&row);
    std::sort(rows.begin(), rows.end(),
              [](const ReportRow* a, const ReportRow* b) { return a->begin < b->begin; });
    for (const ReportRow* row : rows) {
      const Period time = TimeOf(*row, report);
      const std::optional<acct::Uid> uid =
          Has(options.by, Dimension::kUser) ? std::optional(row->uid) : std::nullopt;
      EXPECT_EQ(SumOf(row->usage), Truth(time, options, uid)) << absl::FormatTime(time.begin);
      const auto [end, is_first] = ends.try_emplace(uid, time.end);
      if (!is_first) {
        EXPECT_GE(time.begin, end->second);
        end->second = time.end;
      }
    }
  }

  void CheckCommands(const ReportOptions& options, const Report& report) const {
    std::map<std::string, Sum> told;
    for (const ReportRow& row : report.rows) {
      if (!row.command.has_value()) continue;
      Sum& sum = told[*row.command];
      sum.processes += row.usage.processes;
      sum.ticks += SumOf(row.usage).ticks;
    }
    ReportOptions of_command = options;
    for (const auto& [command, sum] : told) {
      of_command.only_commands = {command};
      ExpectTold(sum, Truth(report.period, of_command), SumOf(report.unnamed_commands));
    }
  }

  std::mt19937_64 random_;
  absl::TimeZone zone_;
  Retention retention_;
  absl::Time now_;
  acct::testing::TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};  // does not wait for the disk
  SnapshotStore store_{dir_.Path("store"), files_};
  std::vector<Ended> ended_;
};

TEST(StoreTruthTest, ThePeriodThatIsNamedIsTheOneThatIsCounted) {
  constexpr uint64_t kHistories = 15;
  constexpr int kRequests = 100;
  for (uint64_t seed = 1; seed <= kHistories; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed);
    for (int i = 0; i < kRequests; ++i) history.Ask();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
