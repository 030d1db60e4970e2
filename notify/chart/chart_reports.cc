#include "notify/chart/chart_reports.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::notify::testing {

using aggregate::Report;
using aggregate::ReportRow;

ReportRow Row(uint32_t uid, std::string name, uint64_t ticks, int64_t begin) {
  return {.uid = acct::Uid(uid),
          .user = std::move(name),
          .begin = begin,
          .usage = {.processes = 1, .ticks = {.user = ticks}}};
}

Report ReportOf(std::vector<ReportRow> rows, const aggregate::ReportOptions& options,
                std::optional<std::vector<ReportRow>> previous) {
  Report report;
  report.host = "lab01";
  report.by = options.by;
  FillRows(std::move(rows), options, report, std::move(previous));
  return report;
}

Report SeriesReport(std::vector<ReportRow> rows, aggregate::Grouping by, size_t top) {
  return ReportOf(std::move(rows),
                  {.by = std::move(by), .sort = aggregate::SortOrder::kTime, .top = top});
}

}  // namespace cpuagg::notify::testing
