#include "aggregate/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cpuagg::aggregate {
namespace {

// Whether `names` has the row's name or its id in digits.
bool Names(const std::vector<std::string>& names, const ReportRow& row) {
  const std::string id = absl::StrCat(row.uid.value());
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name == id || name == row.user; });
}

// Rows with a larger key come first.
uint64_t SortKey(const ReportRow& row, SortOrder order) {
  switch (order) {
    case SortOrder::kCpu:
      return row.usage.cpu_time().count();
    case SortOrder::kUserTime:
      return row.usage.user_time.count();
    case SortOrder::kSystemTime:
      return row.usage.system_time.count();
    case SortOrder::kProcesses:
      return row.usage.processes;
    case SortOrder::kElapsed:
      return row.usage.elapsed.count();
    case SortOrder::kName:
    case SortOrder::kUid:
      return 0;
  }
  return 0;
}

// Users without a name come behind those with one when sorting by name.
bool ComesBefore(const ReportRow& a, const ReportRow& b, SortOrder order) {
  const uint64_t key_a = SortKey(a, order);
  const uint64_t key_b = SortKey(b, order);
  if (key_a != key_b) return key_a > key_b;
  if (order == SortOrder::kName && a.user != b.user) {
    return std::tuple(!a.user.has_value(), a.user) < std::tuple(!b.user.has_value(), b.user);
  }
  return a.uid < b.uid;
}

void AddTo(UserGroup& group, const ReportRow& row) {
  ++group.users;
  group.usage += row.usage;
}

}  // namespace

double Report::ShareOf(const Usage& usage) const {
  const auto total = static_cast<double>(totals.cpu_time().count());
  return total > 0 ? static_cast<double>(usage.cpu_time().count()) / total : 0;
}

void FillRows(std::vector<ReportRow> users, const ReportOptions& options, Report& report) {
  std::sort(users.begin(), users.end(), [&](const ReportRow& a, const ReportRow& b) {
    return ComesBefore(a, b, options.sort);
  });
  for (ReportRow& row : users) {
    if (!options.only_users.empty() && !Names(options.only_users, row)) continue;
    if (Names(options.ignored_users, row) ||
        (options.leave_out_unknown_users && !row.user.has_value())) {
      AddTo(report.left_out, row);
      continue;
    }
    report.totals += row.usage;
    if (options.top > 0 && report.rows.size() == options.top) {
      AddTo(report.others, row);
    } else {
      report.rows.push_back(std::move(row));
    }
  }
}

}  // namespace cpuagg::aggregate
