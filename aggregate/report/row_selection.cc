// The order of the rows of a report, and which of them are shown.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "aggregate/report/report.h"
#include "aggregate/report/row_id.h"

namespace cpuagg::aggregate {
namespace {

// Rows with a larger key come first; for kTime only among rows of the same time.
absl::uint128 SortKey(const Usage& usage, SortOrder order,
                      std::optional<acct::ExactTime> previous_cpu = std::nullopt) {
  switch (order) {
    case SortOrder::kCpu:
    case SortOrder::kTime:
      return usage.cpu_time().femtoseconds();
    case SortOrder::kUserTime:
      return usage.user_time().femtoseconds();
    case SortOrder::kSystemTime:
      return usage.system_time().femtoseconds();
    case SortOrder::kProcesses:
      return usage.processes;
    case SortOrder::kElapsed:
      return usage.elapsed().femtoseconds();
    case SortOrder::kLargest:
      return usage.largest_cpu().femtoseconds();
    case SortOrder::kMemory:
      return usage.mean_memory_kib();
    case SortOrder::kMean:
      return usage.processes == 0 ? absl::uint128(0)
                                  : usage.ended_cpu_time().femtoseconds() / usage.processes;
    case SortOrder::kMajorFaults:
      return usage.major_faults;
    case SortOrder::kChange: {
      // Changes of less than nothing are below the middle.
      constexpr absl::uint128 kMiddle = absl::uint128(1) << 127;
      return kMiddle + usage.cpu_time().femtoseconds() -
             previous_cpu.value_or(acct::ExactTime()).femtoseconds();
    }
    case SortOrder::kName:
    case SortOrder::kId:
      return 0;
  }
  return 0;
}

// Compares in one dimension that has names. Those without a name come last.
std::strong_ordering CompareNames(const ReportRow& a, const ReportRow& b, Dimension dimension) {
  const auto compare = [](const std::optional<std::string>& name,
                          const std::optional<std::string>& other) {
    return std::tuple(!name.has_value(), name) <=> std::tuple(!other.has_value(), other);
  };
  switch (dimension) {
    case Dimension::kUser:
      return compare(a.user, b.user);
    case Dimension::kGroup:
      return compare(a.group, b.group);
    case Dimension::kDepartment:
      return compare(a.department, b.department);
    case Dimension::kCommand:
      return compare(a.command, b.command);
    case Dimension::kTty:
      return a.tty <=> b.tty;
    case Dimension::kSignal:
      return a.signal <=> b.signal;
    case Dimension::kHost:
      return a.host <=> b.host;
    case Dimension::kHour:
    case Dimension::kDay:
    case Dimension::kWeek:
    case Dimension::kMonth:
      break;
  }
  return std::strong_ordering::equal;
}

bool ComesBefore(const ReportRow& a, const ReportRow& b, SortOrder order, const Grouping& by) {
  if (order == SortOrder::kTime && a.begin != b.begin) return a.begin < b.begin;
  const absl::uint128 key_a = SortKey(a.usage, order, a.previous_cpu);
  const absl::uint128 key_b = SortKey(b.usage, order, b.previous_cpu);
  if (key_a != key_b) return key_a > key_b;
  // Among rows without usage, those with the most previous usage first.
  if (order == SortOrder::kCpu && a.previous_cpu != b.previous_cpu) {
    return a.previous_cpu > b.previous_cpu;
  }
  if (order == SortOrder::kName) {
    for (const Dimension dimension : by) {
      const std::strong_ordering names = CompareNames(a, b, dimension);
      if (names != std::strong_ordering::equal) return names == std::strong_ordering::less;
    }
  }
  return IdOf(a) < IdOf(b);
}

}  // namespace

bool RowSelection::IsBehind(const Usage& usage) const {
  return IsTooSmall(usage) || (top_by_ != SortOrder::kTime && SortKey(usage, top_by_) < least_key_);
}

void RowSelection::AddBehind(const Usage& usage, std::optional<acct::ExactTime> previous_cpu) {
  ++behind_.rows;
  behind_.usage += usage;
  if (previous_cpu.has_value()) {
    behind_.previous_cpu = behind_.previous_cpu.value_or(acct::ExactTime()) + *previous_cpu;
  }
}

void RowSelection::Add(ReportRow row) {
  if (IsTooSmall(row.usage)) return AddBehind(row.usage, row.previous_cpu);
  rows_.push_back(std::move(row));
  // Rarely enough that all cuts together take linear time.
  constexpr size_t kSpare = 64;
  if (top_ > 0 && rows_.size() / 2 >= top_ + kSpare) Cut();
}

void RowSelection::Cut() {
  const auto comes_before = [this](const ReportRow& a, const ReportRow& b) {
    return ComesBefore(a, b, top_by_, by_);
  };
  const auto last = rows_.begin() + static_cast<ptrdiff_t>(top_ - 1);
  std::nth_element(rows_.begin(), last, rows_.end(), comes_before);
  for (auto row = last + 1; row != rows_.end(); ++row) AddBehind(row->usage, row->previous_cpu);
  least_key_ = SortKey(last->usage, top_by_, last->previous_cpu);
  rows_.erase(last + 1, rows_.end());
}

void RowSelection::Finish(Report& report) {
  if (top_ > 0 && rows_.size() > top_) Cut();
  std::sort(rows_.begin(), rows_.end(), [this](const ReportRow& a, const ReportRow& b) {
    return ComesBefore(a, b, sort_, by_);
  });
  for (const ReportRow& row : rows_) report.totals += row.usage;
  report.totals += behind_.usage;
  report.by = std::move(by_);
  report.sort = sort_;
  report.top_by = top_by_;
  report.min_cpu = min_cpu_;
  report.rows = std::move(rows_);
  // Without such rows it is zero, if there is a comparison.
  if (report.previous.has_value()) {
    behind_.previous_cpu = behind_.previous_cpu.value_or(acct::ExactTime());
  }
  report.remaining_rows = std::move(behind_);
}

std::vector<size_t> ByChoice(const Report& report) {
  std::vector<size_t> indices(report.rows.size());
  std::iota(indices.begin(), indices.end(), size_t{0});
  if (report.top_by == report.sort) return indices;
  std::sort(indices.begin(), indices.end(), [&](size_t a, size_t b) {
    return ComesBefore(report.rows[a], report.rows[b], report.top_by, report.by);
  });
  return indices;
}

}  // namespace cpuagg::aggregate
