#include "notify/render/report_grid.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/capacity.h"
#include "notify/render/report_columns.h"
#include "notify/render/report_fields.h"
#include "notify/words/capacity_text.h"
#include "notify/words/labels.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;
using aggregate::SortOrder;
using aggregate::Usage;

// Those that are named; else those of a terminal that is wide enough, except for the last, which a
// page has no room for.
std::vector<ReportColumn> GridColumns(const Report& report, const std::vector<std::string>& names) {
  if (!names.empty()) return NamedColumns(report, names);
  constexpr size_t kMostRank = 8;
  std::vector<ReportColumn> columns = ReportColumns(report);
  std::erase_if(columns, [&](const ReportColumn& column) {
    return column.rank > 0 &&
           !(column.rank <= kMostRank && IsUsual(column, report) && HasContent(column, report));
  });
  return columns;
}

// By how many times the usage has changed. What is new has changed most.
std::string ChangeKey(acct::ExactTime now, acct::ExactTime before) {
  if (before == acct::ExactTime()) return now == before ? "" : "Infinity";
  return absl::StrCat(
      static_cast<double>(now.femtoseconds()) / static_cast<double>(before.femtoseconds()) - 1);
}

GridCell LabelCell(const ReportColumn& column, const ReportRow& row, const Report& report) {
  GridCell cell = {.text = column.label(row)};
  const auto dimension = std::find_if(report.by.begin(), report.by.end(), [&](Dimension by) {
    return DimensionName(by) == column.name;
  });
  if (dimension == report.by.end()) {
    cell.key = cell.text;  // an id
  } else if (IsTime(*dimension)) {
    cell.key = absl::StrCat(absl::ToUnixSeconds(BeginOf(row)));
  }
  return cell;
}

GridCell NumberCell(const ReportColumn& column, const Amount& amount,
                    const std::vector<ReportField>& fields) {
  GridCell cell = {.text = column.number(amount)};
  if (column.name == "change") {
    cell.key = ChangeKey(amount.usage.cpu_time(), amount.previous_cpu.value_or(acct::ExactTime()));
    return cell;
  }
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const ReportField& of_usage) {
    return of_usage.name == column.name;
  });
  if (field != fields.end()) cell.key = field->value;
  return cell;
}

// `row` is null for a sum, whose name is `label`.
GridLine GridLineOf(const std::vector<ReportColumn>& columns, const Amount& amount,
                    const ReportRow* row, std::string label) {
  const std::vector<ReportField> fields = UsageFields(amount.report, amount.usage);
  GridLine line;
  for (const ReportColumn& column : columns) {
    if (column.number) {
      line.push_back(NumberCell(column, amount, fields));
    } else if (row != nullptr) {
      line.push_back(LabelCell(column, *row, amount.report));
    } else {
      line.push_back({.text = std::exchange(label, "")});
    }
  }
  return line;
}

// What was busy and is not accounted for. It is not part of the total, and only its sum is known.
GridLine UnaccountedGridLine(const std::vector<ReportColumn>& columns,
                             const aggregate::Coverage& coverage) {
  GridLine line(columns.size());
  bool has_label = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!has_label && columns[i].label) {
      line[i].text = "not accounted";
      has_label = true;
    }
    if (columns[i].name == "cpu_seconds") line[i].text = ExactClock(coverage.unaccounted.ticks());
  }
  return line;
}

// The name of the column that the rows are sorted by.
absl::string_view SortedColumn(const Report& report) {
  switch (report.sort) {
    case SortOrder::kCpu:
      return "cpu_seconds";
    case SortOrder::kUserTime:
      return "user_seconds";
    case SortOrder::kSystemTime:
      return "system_seconds";
    case SortOrder::kProcesses:
      return "processes";
    case SortOrder::kElapsed:
      return "elapsed_seconds";
    case SortOrder::kLargest:
      return "largest_cpu_seconds";
    case SortOrder::kMean:
      return "mean_cpu_seconds";
    case SortOrder::kMemory:
      return "memory_kib";
    case SortOrder::kMajorFaults:
      return "major_faults";
    case SortOrder::kChange:
      return "change";
    case SortOrder::kTime:
      return DimensionName(*std::find_if(report.by.begin(), report.by.end(), IsTime));
    case SortOrder::kId:
      if (aggregate::Has(report.by, Dimension::kUser)) return "uid";
      if (aggregate::Has(report.by, Dimension::kGroup)) return "gid";
      break;
    case SortOrder::kName:
      break;
  }
  return DimensionName(report.by[0]);
}

}  // namespace

ReportGrid GridOf(const Report& report, const std::vector<std::string>& names) {
  ReportGrid grid;
  if (report.row_count() == 0) return grid;
  const std::vector<ReportColumn> columns = GridColumns(report, names);
  for (const ReportColumn& column : columns) {
    if (column.name == SortedColumn(report)) grid.sorted_by = grid.columns.size();
    grid.columns.push_back({.heading = column.heading,
                            .is_number = static_cast<bool>(column.number),
                            .is_name = column.is_name});
  }
  grid.is_rising = grid.sorted_by.has_value() && !grid.columns[*grid.sorted_by].is_number;
  const auto line = [&](const Usage& usage, const std::optional<acct::ExactTime>& previous_cpu,
                        const ReportRow* row, std::string label) {
    return GridLineOf(columns, {report, usage, previous_cpu}, row, std::move(label));
  };
  for (const ReportRow& row : report.rows) {
    grid.rows.push_back(line(row.usage, row.previous_cpu, &row, ""));
  }
  const aggregate::RowGroup& others = report.remaining_rows;
  if (others.rows > 0) {
    grid.sums.push_back(line(others.usage, others.previous_cpu, nullptr, OthersLabel(others.rows)));
  }
  grid.sums.push_back(line(report.totals, report.previous_cpu(), nullptr, "total"));
  if (const std::optional<aggregate::Coverage> coverage = report.coverage();
      coverage.has_value() && coverage->unaccounted > acct::ExactTime()) {
    grid.sums.push_back(UnaccountedGridLine(columns, *coverage));
  }
  return grid;
}

ReportHead HeadOf(const Report& report) {
  const std::string host = HostText(report);
  ReportHead head = {.title = absl::StrCat(Subject(report), host.empty() ? "" : " on ", host),
                     .period = PeriodText(report.period, report.time_zone),
                     .source = absl::StrCat("from ", Printable(report.source)),
                     .capacity = CapacityText(report)};
  if (report.row_count() == 0) {
    head.nothing = "No CPU usage.";
    return head;
  }
  if (report.previous.has_value()) {
    head.previous =
        absl::StrCat("compared with ", PeriodText(report.previous->period, report.time_zone));
  }
  head.choice = ChoiceText(report, report.rows.size());
  return head;
}

}  // namespace cpuagg::notify
