#include "notify/render/report_columns.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "acct/record/units.h"
#include "notify/render/report_fields.h"
#include "notify/words/labels.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using acct::ExactTime;
using aggregate::Dimension;
using aggregate::Report;
using aggregate::ReportRow;
using aggregate::SortOrder;

// What a column shows when there is nothing to show.
constexpr absl::string_view kNothing = "-";

std::string TimeClock(ExactTime time) { return ExactClock(time.ticks()); }

// Rounded to the hundredth, half up.
std::string MeanClock(ExactTime time, uint64_t count) {
  if (count == 0) return std::string(kNothing);
  const absl::uint128 hundredth = ExactTime::kPerSecond / 100;
  const absl::uint128 mean = time.femtoseconds() / count;
  return ExactClock(acct::Ticks(absl::Uint128Low64((mean + hundredth / 2) / hundredth)));
}

// Always in percent, so that the changes of rows can be compared. A sum of usage is too small to
// overflow this.
std::string PercentOfChange(ExactTime now, ExactTime before) {
  constexpr uint64_t kMost = 999;
  if (before == ExactTime()) return now == before ? std::string(kNothing) : "new";
  const absl::uint128 base = before.femtoseconds();
  const absl::uint128 difference =
      now > before ? now.femtoseconds() - base : base - now.femtoseconds();
  const absl::uint128 percent = (200 * difference + base) / (2 * base);
  if (percent == 0) return "0%";
  // Something is left.
  if (percent == 100 && now < before && now > ExactTime()) return ">-100%";
  if (percent > kMost) return absl::StrCat(">+", kMost, "%");
  return absl::StrCat(now > before ? "+" : "-", absl::Uint128Low64(percent), "%");
}

std::string Size(uint64_t kib, uint64_t processes) {
  return processes == 0 ? std::string(kNothing) : SizeInWords(kib * 1024);
}

std::string CellOfNothing(const Amount&) { return std::string(kNothing); }

// Whether rows have their user and system time apart.
bool HasModes(const Report& report) { return report.detail != aggregate::Detail::kCpuTime; }

struct NumberColumn {
  const char* name;
  const char* heading;
  size_t usual_width;
  size_t rank;
  // The order that makes the column indispensable.
  std::optional<SortOrder> sort;
  std::string (*cell)(const Amount&);
};

// In the order of the table.
constexpr NumberColumn kNumbers[] = {
    {"cpu_seconds", "CPU TIME", 11, 0, SortOrder::kCpu,
     [](const Amount& of) { return TimeClock(of.usage.cpu_time()); }},
    {"share", "SHARE", 5, 1, std::nullopt,
     [](const Amount& of) { return Percent(of.report.ShareOf(of.usage)); }},
    {"change", "CHANGE", 6, 2, SortOrder::kChange,
     [](const Amount& of) {
       if (!of.report.previous.has_value()) return std::string(kNothing);
       return PercentOfChange(of.usage.cpu_time(), of.previous_cpu.value_or(ExactTime()));
     }},
    {"previous_cpu_seconds", "TIME BEFORE", 11, 13, std::nullopt,
     [](const Amount& of) {
       if (!of.report.previous.has_value()) return std::string(kNothing);
       return TimeClock(of.previous_cpu.value_or(ExactTime()));
     }},
    {"user_seconds", "USER TIME", 11, 7, SortOrder::kUserTime,
     [](const Amount& of) {
       return HasModes(of.report) ? TimeClock(of.usage.user_time()) : std::string(kNothing);
     }},
    {"system_seconds", "SYSTEM TIME", 11, 8, SortOrder::kSystemTime,
     [](const Amount& of) {
       return HasModes(of.report) ? TimeClock(of.usage.system_time()) : std::string(kNothing);
     }},
    {"processes", "PROCESSES", 9, 3, SortOrder::kProcesses,
     [](const Amount& of) { return WithThousands(of.usage.processes); }},
    {"mean_cpu_seconds", "MEAN TIME", 10, 6, SortOrder::kMean,
     [](const Amount& of) { return MeanClock(of.usage.ended_cpu_time(), of.usage.processes); }},
    {"largest_cpu_seconds", "LARGEST", 10, 5, SortOrder::kLargest,
     [](const Amount& of) { return TimeClock(of.usage.largest_cpu()); }},
    {"running_cpu_seconds", "RUNNING", 10, 4, std::nullopt,
     [](const Amount& of) {
       return TimeClock(of.report.only_running ? of.usage.cpu_time() : of.usage.running_time());
     }},
    {"elapsed_seconds", "ELAPSED", 12, 9, SortOrder::kElapsed,
     [](const Amount& of) { return TimeClock(of.usage.elapsed()); }},
    {"memory_kib", "MEAN SIZE", 9, 10, SortOrder::kMemory,
     [](const Amount& of) { return Size(of.usage.mean_memory_kib(), of.usage.processes); }},
    {"largest_memory_kib", "LARGEST SIZE", 12, 11, std::nullopt,
     [](const Amount& of) { return Size(of.usage.largest_memory_kib, of.usage.processes); }},
    {"minor_faults", "MINOR FAULTS", 12, 14, std::nullopt,
     [](const Amount& of) { return WithThousands(of.usage.minor_faults); }},
    {"major_faults", "MAJOR FAULTS", 12, 12, SortOrder::kMajorFaults,
     [](const Amount& of) { return WithThousands(of.usage.major_faults); }},
    {"io", "IO", 9, 15, std::nullopt, [](const Amount& of) { return WithThousands(of.usage.io); }},
};

// Those from here on stand only with --wide, --columns or --sort.
constexpr size_t kFirstUnusualRank = 12;
constexpr size_t kRankOfIds = 16;

bool IsName(Dimension dimension) {
  return dimension == Dimension::kUser || dimension == Dimension::kGroup ||
         dimension == Dimension::kDepartment || dimension == Dimension::kCommand ||
         dimension == Dimension::kHost;
}

// The name of the column of ids that belongs to a dimension; empty for most.
absl::string_view IdName(Dimension dimension) {
  if (dimension == Dimension::kUser) return "uid";
  if (dimension == Dimension::kGroup) return "gid";
  return "";
}

void AddLabels(const Report& report, Dimension dimension, std::vector<ReportColumn>& columns) {
  constexpr size_t kName = 16;  // as wide as an hour
  constexpr size_t kOther = 8;
  const absl::string_view name = DimensionName(dimension);
  columns.push_back({.name = std::string(name),
                     .heading = absl::AsciiStrToUpper(name),
                     .usual_width = IsName(dimension) || IsTime(dimension) ? kName : kOther,
                     .rank = 0,
                     .label = [&report, dimension](
                                  const ReportRow& row) { return LabelOf(row, dimension, report); },
                     .is_name = IsName(dimension)});
  const absl::string_view id = IdName(dimension);
  if (id.empty()) return;
  columns.push_back({.name = std::string(id),
                     .heading = absl::AsciiStrToUpper(id),
                     .usual_width = kOther,
                     .rank = report.sort == SortOrder::kId ? 0 : kRankOfIds,
                     .label = [dimension](const ReportRow& row) {
                       if (dimension == Dimension::kGroup) return absl::StrCat(row.gid.value());
                       return row.has_several_uids ? std::string(kNothing)
                                                   : absl::StrCat(row.uid.value());
                     }});
}

// Whether a source that knows so much has the column.
bool IsKnown(absl::string_view column, aggregate::Detail detail) {
  constexpr absl::string_view kOfTimes[] = {
      "cpu_seconds", "share", "change", "user_seconds", "system_seconds", "previous_cpu_seconds"};
  return detail == aggregate::Detail::kProcesses ||
         std::find(std::begin(kOfTimes), std::end(kOfTimes), column) != std::end(kOfTimes);
}

}  // namespace

std::vector<ReportColumn> ReportColumns(const Report& report) {
  std::vector<ReportColumn> columns;
  for (const Dimension dimension : report.by) AddLabels(report, dimension, columns);
  for (const NumberColumn& number : kNumbers) {
    if (!IsKnown(number.name, report.detail)) continue;
    columns.push_back({.name = number.name,
                       .heading = number.heading,
                       .usual_width = number.usual_width,
                       .rank = number.sort == report.sort ? 0 : number.rank,
                       .number = report.only_running && !IsKnownField(report, number.name)
                                     ? CellOfNothing
                                     : number.cell});
  }
  return columns;
}

std::vector<ReportColumn> NamedColumns(const Report& report,
                                       const std::vector<std::string>& names) {
  const std::vector<ReportColumn> all = ReportColumns(report);
  std::vector<ReportColumn> chosen;
  for (const std::string& name : names) {
    const auto named = std::find_if(
        all.begin(), all.end(), [&](const ReportColumn& column) { return column.name == name; });
    if (named == all.end()) continue;
    chosen.push_back(*named);
    chosen.back().rank = 0;
  }
  return chosen;
}

bool IsUsual(const ReportColumn& column, const Report& report) {
  if (column.rank >= kFirstUnusualRank) return false;
  // The store is compared unasked. Nothing comes before all time, and times are not compared.
  if (column.name == "change") {
    return report.is_of_store || report.fleet.has_value()
               ? report.period_name != "all" && !aggregate::HasTime(report.by)
               : report.previous.has_value();
  }
  return column.name != "running_cpu_seconds" || report.is_of_store;
}

bool HasContent(const ReportColumn& column, const Report& report) {
  if (column.label) return true;
  if (column.name == "change" || column.name == "previous_cpu_seconds") {
    return report.previous.has_value();
  }
  if (column.name == "user_seconds" || column.name == "system_seconds") return HasModes(report);
  const auto any = [&](auto value) {
    return std::any_of(report.rows.begin(), report.rows.end(),
                       [&](const ReportRow& row) { return value(row.usage); }) ||
           value(report.remaining_rows.usage);
  };
  if (column.name == "running_cpu_seconds") {
    return any([](const aggregate::Usage& usage) { return usage.running_time() > ExactTime(); });
  }
  if (report.only_running && !IsKnownField(report, column.name)) return false;
  if (column.name == "io") return any([](const aggregate::Usage& usage) { return usage.io > 0; });
  if (column.name == "major_faults") {
    return any([](const aggregate::Usage& usage) { return usage.major_faults > 0; });
  }
  if (column.name == "minor_faults") {
    return any([](const aggregate::Usage& usage) { return usage.minor_faults > 0; });
  }
  return true;
}

std::vector<std::string> ReportColumnNames(const aggregate::Grouping& by,
                                           aggregate::Detail detail) {
  Report report;
  report.by = by;
  report.detail = detail;
  std::vector<std::string> names;
  for (ReportColumn& column : ReportColumns(report)) names.push_back(std::move(column.name));
  return names;
}

}  // namespace cpuagg::notify
