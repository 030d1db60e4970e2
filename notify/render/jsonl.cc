#include "notify/render/jsonl.h"

#include "absl/strings/str_cat.h"
#include "notify/render/json_row.h"

namespace cpuagg::notify {

std::string RenderJsonLines(const aggregate::Report& report) {
  // Rows by host say of which each is.
  const std::string host = Has(report.by, aggregate::Dimension::kHost)
                               ? ""
                               : absl::StrCat(", \"host\": ", JsonHost(report));
  const std::string beginning = absl::StrCat(
      "{\"schema\": ", kJsonSchema, host, ", \"period_start\": ", JsonTime(report.period.begin),
      ", \"period_end\": ", JsonTime(report.period.end), ", ");
  std::string lines;
  for (const aggregate::ReportRow& row : report.rows) {
    absl::StrAppend(&lines, beginning, JsonRowMembers(report, row), "}\n");
  }
  const aggregate::RowGroup& others = report.remaining_rows;
  if (others.rows > 0) {
    absl::StrAppend(&lines, beginning, JsonNoGroupMembers(report), ", \"others\": ", others.rows,
                    ", ", JsonUsageMembers(report, others.usage, others.previous_cpu), "}\n");
  }
  return lines;
}

}  // namespace cpuagg::notify
