#include "aggregate/fleet/hour_amounts.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "aggregate/report/report.h"
#include "aggregate/store/store_report.h"
#include "aggregate/store/store_report_builder.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

absl::StatusOr<HourAmounts> ReadHourAmounts(const SnapshotStore& store, const Period& period) {
  // Of UTC, so that each row begins in an hour of UTC; the row says which time it covers.
  absl::StatusOr<StoreReport> read =
      ReportFromStore(store, period, absl::UTCTimeZone(), {},
                      {.by = {Dimension::kUser, Dimension::kHour}, .sort = SortOrder::kTime});
  if (!read.ok()) return read.status();
  Report& report = read->report;
  HourAmounts hours{
      .host = std::move(report.host), .known = report.known, .damage = std::move(read->damage)};
  hours.amounts.reserve(report.rows.size());
  for (ReportRow& row : report.rows) {
    const absl::Time begin = absl::FromUnixSeconds(row.begin);
    hours.amounts.push_back({.time = row.stretch.value_or(Period{begin, begin + absl::Hours(1)}),
                             .uid = row.uid,
                             .user = std::move(row.user),
                             .processes = row.usage.processes,
                             .user_time = row.usage.user_time(),
                             .system_time = row.usage.system_time()});
  }
  std::sort(hours.amounts.begin(), hours.amounts.end(),
            [](const HourAmount& a, const HourAmount& b) {
              return std::tie(a.time.begin, a.uid, a.user) < std::tie(b.time.begin, b.uid, b.user);
            });
  return hours;
}

}  // namespace cpuagg::aggregate
