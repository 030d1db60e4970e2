#include "aggregate/testing/settlement_fixture.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "acct/kernel/process_table.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/collect/collector.h"
#include "aggregate/store/store_report.h"

namespace cpuagg::aggregate::testing {

using acct::Uid;
using acct::testing::RecordBuilder;

void SettlementTest::Look(int64_t hour, const std::vector<Seen>& processes) {
  const int64_t now = kStart + (hour + 1) * kHour - 1;
  acct::ProcessTable table{.boot_id = "boot", .boot_time = kStart - kDay};
  table.uptime = now - table.boot_time;
  for (const Seen& seen : processes) {
    table.processes.push_back({.pid = seen.pid,
                               .start_ticks = kDay * 100,
                               .begin_time = kStart,
                               .uid = Uid(seen.uid),
                               .command = seen.command,
                               .user_ticks = seen.user,
                               .system_ticks = seen.system});
  }
  const absl::StatusOr<CollectResult> result = Collect(store_, names_,
                                                       {.files = {.path = dir_.Path("pacct")},
                                                        .host = "lab",
                                                        .now = absl::FromUnixSeconds(now),
                                                        .read_processes = [&] { return table; }});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->compaction_problem, "");
  last_hour_ = hour;
  CheckSums();
}

void SettlementTest::End(int64_t hour, const Seen& record) {
  dir_.Append("pacct", RecordBuilder()
                           .Pid(record.pid)
                           .Uid(record.uid)
                           .BeginTime(static_cast<uint32_t>(kStart))
                           .Elapsed(static_cast<float>((hour * kHour + kHour / 4) * 100))
                           .UserTime(static_cast<uint16_t>(record.user))
                           .SystemTime(static_cast<uint16_t>(record.system))
                           .Command(record.command)
                           .Bytes());
}

Report SettlementTest::ReportOf(const Grouping& by, const Period& period) const {
  absl::StatusOr<StoreReport> report =
      ReportFromStore(store_, period, absl::UTCTimeZone(), {}, {.by = by});
  EXPECT_TRUE(report.ok()) << report.status();
  return std::move(report->report);
}

Ticks SettlementTest::TicksOf(const Usage& usage) {
  return {usage.user_time().ticks().count(), usage.system_time().ticks().count()};
}

Hours SettlementTest::ByHour() const {
  Hours hours;
  for (const ReportRow& row : ReportOf({Dimension::kUser, Dimension::kHour}).rows) {
    hours[{row.uid.value(), (row.begin - kStart) / kHour}] = TicksOf(row.usage);
  }
  return hours;
}

Commands SettlementTest::ByCommand() const {
  Commands commands;
  for (const ReportRow& row :
       ReportOf({Dimension::kUser, Dimension::kHour, Dimension::kCommand}).rows) {
    commands[{row.uid.value(), (row.begin - kStart) / kHour, row.command.value_or("")}] =
        TicksOf(row.usage);
  }
  return commands;
}

std::map<std::string, uint64_t> SettlementTest::ByName() const {
  std::map<std::string, uint64_t> names;
  for (const ReportRow& row : ReportOf({Dimension::kUser}).rows) {
    names[row.user.value_or("")] = row.usage.cpu_time().ticks().count();
  }
  return names;
}

void SettlementTest::CheckSums() const {
  std::vector<Period> periods = {{}};
  for (int64_t hour = 0; hour <= last_hour_; hour += 24) {
    const absl::Time day = absl::FromUnixSeconds(kStart + hour * kHour);
    periods.push_back({day, day + absl::Hours(24)});
  }
  for (const Period& period : periods) {
    std::optional<Ticks> all;
    for (const Grouping& by :
         {Grouping{Dimension::kUser}, Grouping{Dimension::kHour}, Grouping{Dimension::kDay},
          Grouping{Dimension::kUser, Dimension::kHour}, Grouping{Dimension::kCommand},
          Grouping{Dimension::kUser, Dimension::kCommand},
          Grouping{Dimension::kCommand, Dimension::kDay}}) {
      // Commands of past months are kept by the month.
      if (!period.is_all() && Has(by, Dimension::kCommand) && last_hour_ > 40 * 24) continue;
      const Report report = ReportOf(by, period);
      acct::ExactTime sum;
      for (const ReportRow& row : report.rows) {
        EXPECT_GE(row.usage.running_user, 0);
        EXPECT_GE(row.usage.running_system, 0);
        sum += row.usage.cpu_time();
      }
      EXPECT_EQ(sum.ticks().count(), report.totals.cpu_time().ticks().count());
      if (!all.has_value()) all = TicksOf(report.totals);
      EXPECT_EQ(TicksOf(report.totals), *all) << absl::FormatTime(period.begin) << by.size();
    }
  }
}

}  // namespace cpuagg::aggregate::testing
