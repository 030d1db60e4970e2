#include "notify/render/report_grid.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "notify/render/report_fields.h"
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

constexpr absl::string_view kChange = "change";

// A row, the others, or the total.
struct GridAmount {
  const Report& report;
  const Usage& usage;
  acct::ExactTime previous_cpu;
};

struct GridSource {
  std::string name;  // that of CSV, if CSV has the column
  std::string heading;
  // Exactly one of these is set.
  std::function<GridCell(const ReportRow&)> label = nullptr;
  std::function<std::string(const GridAmount&)> number = nullptr;
};

void AddGridLabels(const Report& report, Dimension dimension, std::vector<GridSource>& sources) {
  const std::string name(DimensionName(dimension));
  sources.push_back({.name = name,
                     .heading = absl::AsciiStrToUpper(name),
                     .label = [&report, dimension](const ReportRow& row) {
                       GridCell cell = {.text = LabelOf(row, dimension, report)};
                       if (IsTime(dimension)) {
                         cell.key = absl::StrCat(absl::ToUnixSeconds(BeginOf(row)));
                       }
                       return cell;
                     }});
  if (report.sort != SortOrder::kId) return;
  if (dimension != Dimension::kUser && dimension != Dimension::kGroup) return;
  const bool is_user = dimension == Dimension::kUser;
  const char* const id = is_user ? "uid" : "gid";
  sources.push_back(
      {.name = id, .heading = absl::AsciiStrToUpper(id), .label = [is_user](const ReportRow& row) {
         const std::string digits = absl::StrCat(is_user ? row.uid.value() : row.gid.value());
         return GridCell{.text = digits, .key = digits};
       }});
}

bool HasRunning(const Report& report) {
  return std::any_of(report.rows.begin(), report.rows.end(), [](const ReportRow& row) {
    return row.usage.running_time() > acct::ExactTime();
  });
}

std::vector<GridSource> GridSources(const Report& report) {
  std::vector<GridSource> sources;
  for (const Dimension dimension : report.by) AddGridLabels(report, dimension, sources);
  const auto add = [&](absl::string_view name, const char* heading,
                       std::string (*number)(const GridAmount&)) {
    sources.push_back({.name = std::string(name), .heading = heading, .number = number});
  };
  add("cpu_seconds", "CPU TIME",
      [](const GridAmount& of) { return ExactClock(of.usage.cpu_time().ticks()); });
  add("share", "SHARE", [](const GridAmount& of) { return Percent(of.report.ShareOf(of.usage)); });
  if (report.previous.has_value()) {
    add(kChange, "CHANGE",
        [](const GridAmount& of) { return Change(of.usage.cpu_time(), of.previous_cpu); });
  }
  add("user_seconds", "USER SECS",
      [](const GridAmount& of) { return ExactSeconds(of.usage.user_time().ticks()); });
  add("system_seconds", "SYSTEM SECS",
      [](const GridAmount& of) { return ExactSeconds(of.usage.system_time().ticks()); });
  add("processes", "PROCESSES",
      [](const GridAmount& of) { return WithThousands(of.usage.processes); });
  add("mean_cpu_seconds", "MEAN SECS", [](const GridAmount& of) {
    return MeanSeconds(of.usage.ended_cpu_time(), of.usage.processes);
  });
  add("largest_cpu_seconds", "LARGEST",
      [](const GridAmount& of) { return ExactSeconds(of.usage.largest_cpu().ticks()); });
  if (HasRunning(report)) {
    add("running_cpu_seconds", "STILL RUNNING",
        [](const GridAmount& of) { return ExactSeconds(of.usage.running_time().ticks()); });
  }
  if (report.sort == SortOrder::kElapsed) {
    add("elapsed_seconds", "ELAPSED SECS",
        [](const GridAmount& of) { return ExactSeconds(of.usage.elapsed().ticks()); });
  }
  if (report.sort == SortOrder::kMemory) {
    add("memory_kib", "MEAN MEMORY KIB",
        [](const GridAmount& of) { return WithThousands(of.usage.mean_memory_kib()); });
  }
  if (report.sort == SortOrder::kMajorFaults) {
    add("major_faults", "MAJOR FAULTS",
        [](const GridAmount& of) { return WithThousands(of.usage.major_faults); });
  }
  return sources;
}

// By how many times the usage has changed. What is new has changed most.
std::string ChangeKey(acct::ExactTime now, acct::ExactTime before) {
  if (before == acct::ExactTime()) return now == before ? "" : "Infinity";
  return absl::StrCat(
      static_cast<double>(now.femtoseconds()) / static_cast<double>(before.femtoseconds()) - 1);
}

GridCell NumberCell(const GridSource& source, const GridAmount& amount,
                    const std::vector<ReportField>& fields) {
  GridCell cell = {.text = source.number(amount)};
  if (source.name == kChange) {
    cell.key = ChangeKey(amount.usage.cpu_time(), amount.previous_cpu);
    return cell;
  }
  const auto field = std::find_if(fields.begin(), fields.end(), [&](const ReportField& of_usage) {
    return of_usage.name == source.name;
  });
  if (field != fields.end()) cell.key = field->value;
  return cell;
}

// `row` is null for a sum, whose name is `label`.
GridLine GridLineOf(const std::vector<GridSource>& sources, const GridAmount& amount,
                    const ReportRow* row, std::string label) {
  const std::vector<ReportField> fields = UsageFields(amount.report, amount.usage);
  GridLine line;
  for (const GridSource& source : sources) {
    if (source.number) {
      line.push_back(NumberCell(source, amount, fields));
    } else if (row != nullptr) {
      line.push_back(source.label(*row));
    } else {
      line.push_back({.text = std::exchange(label, "")});
    }
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
      return kChange;
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

ReportGrid GridOf(const Report& report) {
  ReportGrid grid;
  if (report.row_count() == 0) return grid;
  const std::vector<GridSource> sources = GridSources(report);
  for (const GridSource& source : sources) {
    if (source.name == SortedColumn(report)) grid.sorted_by = grid.columns.size();
    grid.columns.push_back(
        {.heading = source.heading, .is_number = static_cast<bool>(source.number)});
  }
  grid.is_rising = !grid.columns[grid.sorted_by].is_number;
  const auto line = [&](const Usage& usage, const std::optional<acct::ExactTime>& previous_cpu,
                        const ReportRow* row, std::string label) {
    return GridLineOf(sources, {report, usage, previous_cpu.value_or(acct::ExactTime())}, row,
                      std::move(label));
  };
  for (const ReportRow& row : report.rows) {
    grid.rows.push_back(line(row.usage, row.previous_cpu, &row, ""));
  }
  const aggregate::RowGroup& others = report.remaining_rows;
  if (others.rows > 0) {
    grid.sums.push_back(line(others.usage, others.previous_cpu, nullptr, OthersLabel(others.rows)));
  }
  grid.sums.push_back(line(report.totals, report.previous_cpu(), nullptr, "total"));
  return grid;
}

ReportHead HeadOf(const Report& report) {
  ReportHead head = {.title = absl::StrCat(Subject(report), report.host.empty() ? "" : " on ",
                                           Printable(report.host)),
                     .period = PeriodText(report.period, report.time_zone),
                     .source = absl::StrCat("from ", Printable(report.source))};
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
