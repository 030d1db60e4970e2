// ReportGrid: the table of a report as cells, and the words around it, for the renderings that
// leave the layout to somebody else: Markdown and HTML.

#ifndef CPUAGG_NOTIFY_RENDER_REPORT_GRID_H_
#define CPUAGG_NOTIFY_RENDER_REPORT_GRID_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

struct GridColumn {
  std::string heading;
  bool is_number = false;
  bool is_name = false;  // of somebody else's choice
};

struct GridCell {
  std::string text;  // printable
  // By which rows are sorted, if it is not the text: a number, maybe "Infinity"; "" comes last.
  std::optional<std::string> key = std::nullopt;
};

using GridLine = std::vector<GridCell>;

struct ReportGrid {
  std::vector<GridColumn> columns;
  std::vector<GridLine> rows;
  // The rows that are not shown, if there are any; then the total, and what is not accounted for.
  std::vector<GridLine> sums;
  // The column that the rows are sorted by, if it is there.
  std::optional<size_t> sorted_by;
  bool is_rising = false;
};

// Empty if the report has no rows. Names are in full. Has the columns with the names `columns`, in
// this order, or the usual ones if none are named.
ReportGrid GridOf(const aggregate::Report& report, const std::vector<std::string>& columns = {});

// What is above the table, printable.
struct ReportHead {
  std::string title;     // "CPU by user on lab01"
  std::string period;    // "2026-11-21 00:00 – 2026-11-22 00:00 UTC"
  std::string source;    // "from pacct"
  std::string previous;  // "compared with …"; empty without a comparison
  std::string capacity;  // as CapacityText()
  std::string choice;    // which rows are shown, as ChoiceText()
  std::string nothing;   // instead of the table, if the report has no rows
};
ReportHead HeadOf(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_REPORT_GRID_H_
