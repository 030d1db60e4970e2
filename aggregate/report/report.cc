#include "aggregate/report/report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "aggregate/report/department_finder.h"
#include "aggregate/report/row_choice.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/report/row_id.h"
#include "aggregate/report/unmatched.h"

namespace cpuagg::aggregate {
namespace {

// Joins rows that differ only in dimensions that are not in `by`.
std::vector<ReportRow> JoinedByGroup(std::vector<ReportRow> rows, const Grouping& by) {
  std::map<decltype(IdOf(ReportRow())), ReportRow> joined;
  for (ReportRow& row : rows) {
    ClearOthers(by, row);
    const auto [place, is_new] = joined.try_emplace(IdOf(row), std::move(row));
    if (!is_new) place->second.usage += row.usage;
  }
  std::vector<ReportRow> result;
  result.reserve(joined.size());
  for (auto& [id, row] : joined) result.push_back(std::move(row));
  return result;
}

}  // namespace

double Report::ShareOf(const Usage& usage) const {
  const auto total = static_cast<double>(totals.cpu_time().femtoseconds());
  return total > 0 ? static_cast<double>(usage.cpu_time().femtoseconds()) / total : 0;
}

std::optional<Coverage> Report::coverage() const {
  constexpr uint64_t kAllowedShare = 100;
  if (!capacity.has_value() || capacity->busy == acct::Ticks() || excludes_running ||
      !only_users.empty() || !only_commands.empty() ||
      capacity->most_unknown().count() > capacity->busy.count() / kAllowedShare) {
    return std::nullopt;
  }
  const acct::ExactTime busy = capacity->busy;
  Coverage coverage{.accounted = totals.cpu_time() + excluded_users.usage.cpu_time()};
  coverage.unaccounted = busy.Less(coverage.accounted);
  coverage.share = static_cast<double>(coverage.accounted.femtoseconds()) /
                   static_cast<double>(busy.femtoseconds());
  return coverage;
}

bool Report::exceeds_capacity() const {
  if (!capacity.has_value()) return false;
  const acct::ExactTime most = capacity->total() + capacity->most_unknown();
  return totals.cpu_time() > most;
}

bool Report::has_usage() const {
  const auto is_only_before = [](const auto& of) {
    return of.previous_cpu.has_value() && of.usage == Usage();
  };
  return !std::all_of(rows.begin(), rows.end(), is_only_before) ||
         (remaining_rows.rows > 0 && !is_only_before(remaining_rows));
}

void AddUnknown(const Period& time, Comparison& previous) {
  if (!time.Overlaps(previous.period)) return;
  previous.unknown.push_back({.begin = std::max(time.begin, previous.period.begin),
                              .end = std::min(time.end, previous.period.end)});
}

void KeepWhatIsUnknown(std::optional<Comparison> before, std::optional<Comparison>& compared) {
  if (!before.has_value() || !compared.has_value()) return;
  compared->unknown = std::move(before->unknown);
  compared->lacks_deleted = before->lacks_deleted;
}

void SetHost(std::string host, Report& report) {
  if (Has(report.by, Dimension::kHost)) {
    for (ReportRow& row : report.rows) row.host = host;
  }
  report.host = std::move(host);
}

void FindOutside(const Period& asked, absl::Time now, Report& report) {
  // The period counted may begin earlier.
  report.is_in_future = std::min(asked.begin, report.period.begin) > now;
  report.begins_now = asked.begin >= now && asked.begin - now < absl::Seconds(1);
  if (!report.known.has_value()) return;
  const Period& known = *report.known;
  if (report.is_in_future) {
    // A store that was filled just now has no end that would matter.
    if (!report.is_of_store) report.records_end = known.end;
    return;
  }
  const bool has_beginning = asked.begin != absl::InfinitePast();
  if (known.begin > asked.begin && (has_beginning || asked.end <= known.begin)) {
    report.records_begin = known.begin;
  }
  if (asked.is_all() && !report.is_of_store) return;
  constexpr absl::Duration kLong = absl::Hours(1);
  // A report of what is new begins with the last run of the one before. If nothing has been
  // collected since, nothing is known of it.
  const absl::Time begin = asked.is_all() ? report.period.begin : asked.begin;
  const bool has_nothing_new = report.is_of_store && !report.has_usage() && begin >= known.end;
  if (has_nothing_new || asked.begin > known.end || std::min(asked.end, now) > known.end + kLong) {
    report.records_end = known.end;
  }
}

void SetAccountingOff(AccountingOff off, const Period& asked, absl::Time now, Report& report) {
  const Period period = {.begin = off.since, .end = std::max(now, off.since)};
  if (report.previous.has_value()) AddUnknown(period, *report.previous);
  constexpr absl::Duration kRecent = absl::Hours(24);
  const bool is_included = period.Overlaps(asked);
  if (is_included) {
    report.gaps.push_back({.period = period, .reason = off.remedy, .goes_on = true});
  }
  if (is_included || now - asked.end <= kRecent) report.accounting_off = std::move(off);
}

Grouping GroupingFor(const ReportOptions& options) {
  Grouping grouping = options.by;
  std::erase(grouping, Dimension::kDepartment);
  const bool needs_users = options.chooses_users() || Has(options.by, Dimension::kDepartment);
  if (needs_users && !Has(grouping, Dimension::kUser)) grouping.push_back(Dimension::kUser);
  if (!options.only_commands.empty() && !Has(grouping, Dimension::kCommand)) {
    grouping.push_back(Dimension::kCommand);
  }
  return grouping;
}

void SetChoice(const ReportOptions& options, Report& report) {
  report.only_users = options.only_users;
  report.only_people = options.only_people;
  report.only_commands = options.only_commands;
  report.only_groups = options.only_groups;
  report.processes = options.processes;
}

void FillRows(std::vector<ReportRow> rows, const ReportOptions& options, Report& report,
              std::optional<std::vector<ReportRow>> previous_rows,
              const std::vector<ReportRow>& other_rows) {
  SetChoice(options, report);
  UnmatchedFinder finder = FinderOf(options);
  AddRows(rows, finder);
  AddRows(other_rows, finder);
  report.unmatched = finder.Found();
  const RowFilter filter = FilterOf(options);
  report.other_processes = ProcessesOf(filter, other_rows);
  absl::flat_hash_set<acct::Uid> excluded;
  absl::flat_hash_set<acct::Uid> without_account;
  // Also users who are left out may have a number for a name.
  SetDepartments(options, rows);
  for (const ReportRow& row : Choose(filter, rows, report.unnamed_commands)) {
    excluded.insert(row.uid);
    report.excluded_users.usage += row.usage;
    if (!IsWithoutAccount(row)) continue;
    without_account.insert(row.uid);
    report.excluded_users.unknown_cpu += row.usage.cpu_time();
  }
  report.excluded_users.users = excluded.size();
  report.excluded_users.unknown_users = without_account.size();
  DepartmentFinder departments;
  departments.Add(options, rows);
  report.departments = departments.Found(options);
  if (GroupingFor(options) != options.by) rows = JoinedByGroup(std::move(rows), options.by);
  if (previous_rows.has_value() && options.compare_with.has_value() && !HasTime(options.by)) {
    PreviousRows previous;
    previous.Add(*std::move(previous_rows), options, /*users_by_name=*/false);
    Compare(std::move(previous), options, /*users_by_name=*/false, rows, report);
  }
  SelectRows(std::move(rows), options, report);
}

}  // namespace cpuagg::aggregate
