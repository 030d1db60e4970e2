#include "aggregate/fleet/coverage.h"

#include "aggregate/report/report.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

absl::StatusOr<std::optional<double>> RecentCoverage(const SnapshotStore& store,
                                                     absl::Time last_collect, absl::TimeZone zone) {
  const absl::Time end = PeriodOf(CalendarUnit::kHour, last_collect, zone).begin;
  const absl::StatusOr<StoreReport> read =
      ReportFromStore(store, {.begin = end - absl::Hours(24), .end = end}, zone, {}, {});
  if (!read.ok()) return read.status();
  const std::optional<Coverage> coverage = read->report.coverage();
  return coverage.has_value() ? std::optional(coverage->share) : std::nullopt;
}

}  // namespace cpuagg::aggregate
