// Small reports that tests make charts of.

#ifndef CPUAGG_NOTIFY_CHART_CHART_REPORTS_H_
#define CPUAGG_NOTIFY_CHART_CHART_REPORTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::notify::testing {

inline constexpr int64_t kMondaySeconds = 1'794'787'200;  // 2026-11-16 UTC
inline constexpr int64_t kHour = 3600;
inline constexpr int64_t kDay = 24 * kHour;

aggregate::ReportRow Row(uint32_t uid, std::string name, uint64_t ticks, int64_t begin = 0);

aggregate::Report ReportOf(
    std::vector<aggregate::ReportRow> rows, const aggregate::ReportOptions& options = {},
    std::optional<std::vector<aggregate::ReportRow>> previous = std::nullopt);

// In the order of time.
aggregate::Report SeriesReport(std::vector<aggregate::ReportRow> rows, aggregate::Grouping by,
                               size_t top = 0);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_CHART_CHART_REPORTS_H_
