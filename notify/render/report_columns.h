// The columns of a report's table: their names, headings and cells.

#ifndef CPUAGG_NOTIFY_RENDER_REPORT_COLUMNS_H_
#define CPUAGG_NOTIFY_RENDER_REPORT_COLUMNS_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::notify {

// What a cell of numbers is made of: a row, the others, or the total.
struct Amount {
  const aggregate::Report& report;
  const aggregate::Usage& usage;
  // The CPU time in the previous period, if there is a comparison.
  std::optional<acct::ExactTime> previous_cpu;
};

struct ReportColumn {
  std::string name;  // in --columns; that of CSV, if CSV has the column
  std::string heading;
  // The width that it counts as in a file or a pipe, whatever is in it.
  size_t usual_width;
  // 0 if it always stands, else the smallest come first.
  size_t rank;
  // Exactly one of these is set.
  std::function<std::string(const aggregate::ReportRow&)> label = nullptr;  // left-aligned
  std::function<std::string(const Amount&)> number = nullptr;               // right-aligned
  bool is_name = false;  // of somebody else's choice, and may be cut
};

// All columns of `report`, which must outlive them, in their order. The column that the rows are
// sorted by always stands.
std::vector<ReportColumn> ReportColumns(const aggregate::Report& report);

// Those of ReportColumns() with these names, in this order. They always stand.
std::vector<ReportColumn> NamedColumns(const aggregate::Report& report,
                                       const std::vector<std::string>& names);

// Whether a table that nobody named columns for has this one: in a file or a pipe by what is
// reported, not by what is in it.
bool IsUsual(const ReportColumn& column, const aggregate::Report& report);

// Whether any row has something in this column.
bool HasContent(const ReportColumn& column, const aggregate::Report& report);

// The names of all columns that a table of a report by `by` may have, from a source that knows so
// much.
std::vector<std::string> ReportColumnNames(
    const aggregate::Grouping& by, aggregate::Detail detail = aggregate::Detail::kProcesses);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_REPORT_COLUMNS_H_
