// Whatever is requested from a store, a report counts exactly the processes that ended in its
// period, and each row exactly those of its time (aggregate/testing/store_history.h). A history
// that fails is shortened, and says how to play it again (acct/testing/histories.h).

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/histories.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/testing/store_history.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/named_period.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::Failures;
using acct::testing::PlayHistories;
using testing::CollectAt;
using testing::Ended;
using testing::Request;
using testing::StoreStep;

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
  explicit History(int days_of_hours) : retention_{.days_of_hours = days_of_hours} {}

  void Play(const std::vector<StoreStep>& steps, const Failures& failures) {
    for (const StoreStep& step : steps) {
      std::visit([&](const auto& what) { Do(what); }, step.what);
      if (failures.any()) return;
    }
  }

 private:
  void Do(const Ended& ended) {
    written_.push_back(ended);
    dir_.Append("pacct", acct::testing::RecordBuilder()
                             .Uid(ended.uid)
                             .Pid(ended.pid)
                             .BeginTime(static_cast<uint32_t>(ended.end - 1))
                             .Elapsed(100)
                             .UserTime(static_cast<uint16_t>(ended.ticks))
                             .Command(ended.command)
                             .Bytes());
  }

  void Do(const CollectAt& collect) {
    PasswdFileDirectory names{""};
    if (ended_.empty() && written_.empty()) return;
    const absl::StatusOr<CollectResult> result =
        aggregate::Collect(store_, names,
                           {.files = {.path = dir_.Path("pacct")},
                            .host = "lab",
                            .now = collect.now,
                            .time_zone = collect.zone,
                            .retention = retention_});
    ASSERT_TRUE(result.ok()) << result.status();
    ended_.insert(ended_.end(), written_.begin(), written_.end());
    written_.clear();
  }

  void Do(const Request& request) {
    // There is no store before the first run.
    if (ended_.empty()) return;
    const auto& [zone, asked, options] = request;
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
    EXPECT_TRUE(!report.has_unequal_before || !report.previous.has_value());
    if (report.previous.has_value()) {
      ExpectSameLength(asked, options, report);
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

  // What is added to the whole hours of both periods is the same, except for a fiftieth. The rest
  // of an hour counts as a part of the period if nothing ended in it.
  void ExpectSameLength(const Period& asked, const ReportOptions& options,
                        const Report& report) const {
    if (asked.end == absl::InfiniteFuture()) return;
    const auto added = [&](const Period& of, Period counted) {
      const Period hours = WholeHours(of, report.time_zone);
      const auto is_idle = [&](absl::Time begin, absl::Time end) {
        return begin < end && Truth({begin, end}, {}).processes == 0;
      };
      if (is_idle(hours.begin, counted.begin)) counted.begin = hours.begin;
      if (is_idle(counted.end, hours.end)) counted.end = hours.end;
      return (hours.begin - counted.begin) + (counted.end - hours.end);
    };
    const Period& before = *options.compare_with;
    EXPECT_LE(
        absl::AbsDuration(added(asked, report.period) - added(before, report.previous->period)),
        (before.end - before.begin) / 50);
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

  const Retention retention_;
  acct::testing::TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};  // does not wait for the disk
  SnapshotStore store_{dir_.Path("store"), files_};
  std::vector<Ended> written_;  // and not yet collected
  std::vector<Ended> ended_;
};

TEST(StoreTruthTest, ThePeriodThatIsNamedIsTheOneThatIsCounted) {
  PlayHistories<StoreStep>(
      15, testing::StoreSteps,
      [](uint64_t seed, const std::vector<StoreStep>& steps, const Failures& failures) {
        const int days_of_hours = testing::DaysOfHours(seed);
        SCOPED_TRACE(absl::StrCat("hours kept for ", days_of_hours, " days"));
        History(days_of_hours).Play(steps, failures);
      });
}

}  // namespace
}  // namespace cpuagg::aggregate
