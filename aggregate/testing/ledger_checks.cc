#include "aggregate/testing/ledger_checks.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/common_bucket_policy.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate::testing {
namespace {

using acct::Uid;

// Groupings without commands first.
const std::vector<Grouping>& Groupings() {
  static const std::vector<Grouping> groupings = {
      {Dimension::kUser},
      {Dimension::kHour},
      {Dimension::kDay},
      {Dimension::kMonth},
      {Dimension::kUser, Dimension::kHour},
      {Dimension::kUser, Dimension::kDay},
      {Dimension::kCommand},
      {Dimension::kUser, Dimension::kCommand},
  };
  return groupings;
}

// GoogleTest's assertions return nothing.
void CheckCellsAndCount(const SnapshotStore& store, uint64_t& corrections) {
  const absl::StatusOr<StoreListing> listed = store.List();
  ASSERT_TRUE(listed.ok()) << listed.status();
  const StoreListing& listing = *listed;
  if (listing.snapshots.empty()) return;
  BucketFinder buckets(CommonBucketPolicy(
      BucketPolicy(), listing.snapshots.back().header.captured_at, listing.snapshots));
  struct Cell {
    int64_t user = 0;
    int64_t system = 0;
    void Add(const Usage& usage) {
      user += static_cast<int64_t>(usage.ticks.user) + usage.running_user;
      system += static_cast<int64_t>(usage.ticks.system) + usage.running_system;
    }
    bool operator==(const Cell&) const = default;
  };
  std::map<std::pair<Uid, int64_t>, Cell> users;
  std::map<std::pair<Uid, int64_t>, Cell> users_as_commands;
  std::map<std::pair<Uid, int64_t>, Cell> commands;
  for (const StoredSnapshot& stored : listing.snapshots) {
    const absl::StatusOr<Snapshot> snapshot = store.Load(stored);
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    const auto uid_of = [&](const auto& row) { return stored.header.accounts[row.account].uid; };
    for (const UserRow& row : snapshot->users) {
      const int64_t begin = buckets.CoarserUser(row.begin);
      users[{uid_of(row), begin}].Add(row.usage);
      users_as_commands[{uid_of(row), buckets.CoarserCommand(begin)}].Add(row.usage);
      if (row.usage.running_user < -static_cast<int64_t>(row.usage.ticks.user)) {
        ++corrections;
      }
    }
    for (const CommandRow& row : snapshot->commands) {
      commands[{uid_of(row), buckets.CoarserCommand(row.begin)}].Add(row.usage);
    }
  }
  for (const auto& [key, cell] : users) {
    ASSERT_GE(cell.user, 0) << key.first.value() << " at " << key.second;
    ASSERT_GE(cell.system, 0) << key.first.value() << " at " << key.second;
  }
  // What moved between commands of a user is zero for the user.
  std::erase_if(users_as_commands, [](const auto& cell) { return cell.second == Cell(); });
  std::erase_if(commands, [](const auto& cell) { return cell.second == Cell(); });
  ASSERT_TRUE(users_as_commands == commands);
}

void CheckPeriod(const SnapshotStore& store, const Period& period,
                 const std::vector<Grouping>& groupings) {
  std::optional<std::pair<acct::ExactTime, acct::ExactTime>> all;
  for (const Grouping& by : groupings) {
    const Report report = ReportBy(store, by, period);
    std::string name = absl::FormatTime(period.begin, absl::UTCTimeZone());
    for (const Dimension dimension : by) absl::StrAppend(&name, " ", static_cast<int>(dimension));
    SCOPED_TRACE(name);
    acct::ExactTime user = report.remaining_rows.usage.user_time();
    acct::ExactTime system = report.remaining_rows.usage.system_time();
    for (const ReportRow& row : report.rows) {
      user += row.usage.user_time();
      system += row.usage.system_time();
      // Together with the ticks, which are not negative either, they are the row's time.
      ASSERT_GE(row.usage.running_user, 0);
      ASSERT_GE(row.usage.running_system, 0);
      ASSERT_LE(report.ShareOf(row.usage), 1);
    }
    ASSERT_TRUE(user == report.totals.user_time());
    ASSERT_TRUE(system == report.totals.system_time());
    if (!all.has_value()) all = {user, system};
    ASSERT_EQ(all->first.ticks().count(), user.ticks().count());
    ASSERT_EQ(all->second.ticks().count(), system.ticks().count());
  }
}

}  // namespace

Report ReportBy(const SnapshotStore& store, const Grouping& by, const Period& period) {
  absl::StatusOr<StoreReport> report =
      ReportFromStore(store, period, absl::UTCTimeZone(), {}, {.by = by});
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? std::move(report->report) : Report();
}

TicksByUser TicksOf(const Report& report) {
  TicksByUser sums;
  for (const ReportRow& row : report.rows) {
    sums[row.uid.value()] += row.usage.cpu_time().ticks().count();
  }
  std::erase_if(sums, [](const auto& sum) { return sum.second == 0; });
  return sums;
}

uint64_t CheckCells(const SnapshotStore& store) {
  uint64_t corrections = 0;
  CheckCellsAndCount(store, corrections);
  return corrections;
}

void CheckSums(const SnapshotStore& store, uint64_t turn) {
  const std::vector<Grouping>& all = Groupings();
  CheckPeriod(store, Period(), {all[0], all[1 + turn % (all.size() - 1)]});
}

void CheckSumsOfDays(const SnapshotStore& store, int64_t latest, int days_of_hours,
                     const acct::testing::Failures& failures) {
  const std::vector<Grouping> without_commands(Groupings().begin(), Groupings().begin() + 5);
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay today = absl::ToCivilDay(absl::FromUnixSeconds(latest), utc);
  const absl::CivilDay first_of_commands(absl::CivilMonth(today - days_of_hours));
  absl::CivilDay day = absl::ToCivilDay(absl::FromUnixSeconds(kLedgerBegin), utc) - 1;
  for (; day <= today + 1; ++day) {
    const Period period = {absl::FromCivil(day, utc), absl::FromCivil(day + 1, utc)};
    CheckPeriod(store, period, day < first_of_commands ? without_commands : Groupings());
    if (failures.any()) return;
    if (day < today - 1) continue;
    for (absl::Time hour = period.begin; hour < period.end; hour += absl::Hours(1)) {
      CheckPeriod(store, {hour, hour + absl::Hours(1)}, Groupings());
      if (failures.any()) return;
    }
  }
}

}  // namespace cpuagg::aggregate::testing
