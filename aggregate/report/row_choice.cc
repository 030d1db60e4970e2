#include "aggregate/report/row_choice.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "acct/record/exact_time.h"

namespace cpuagg::aggregate {

RowFilter FilterOf(const ReportOptions& options) {
  return RowFilter({.users = options.only_users,
                    .ignored_users = options.ignored_users,
                    .ignores_unknown_users = options.leave_out_unknown_users,
                    .ignores_system_accounts = options.only_people,
                    .commands = options.only_commands});
}

UnmatchedFinder FinderOf(const ReportOptions& options) {
  return {options.only_users,
          options.names_ignored_users ? options.ignored_users : std::vector<std::string>(),
          options.only_commands};
}

void AddRows(const std::vector<ReportRow>& rows, UnmatchedFinder& finder) {
  if (!finder.IsLooking()) return;
  for (const ReportRow& row : rows) {
    finder.Add(row.uid, row.user, row.command, row.usage.processes);
  }
}

uint64_t ProcessesOf(const RowFilter& filter, const std::vector<ReportRow>& rows) {
  uint64_t processes = 0;
  for (const ReportRow& row : rows) {
    if (filter.TakesCommand(row.command) && filter.TakesUser(row.uid, row.user)) {
      processes += row.usage.processes;
    }
  }
  return processes;
}

std::vector<ReportRow> Choose(const RowFilter& filter, std::vector<ReportRow>& rows,
                              Usage& unnamed_commands) {
  std::vector<ReportRow> excluded;
  std::erase_if(rows, [&](ReportRow& row) {
    const bool takes_command = filter.TakesCommand(row.command);
    if (!takes_command && row.command.has_value()) return true;
    switch (filter.ChoiceOf(row.uid, row.user, row.is_unresolved)) {
      case RowFilter::User::kNotAsked:
        return true;
      case RowFilter::User::kTaken:
        if (!row.command.has_value()) unnamed_commands += row.usage;
        return !takes_command;
      case RowFilter::User::kIgnored:
        break;
    }
    if (takes_command) excluded.push_back(row);
    return true;
  });
  return excluded;
}

bool IsWithoutAccount(const ReportRow& row) { return !row.user.has_value() && !row.is_unresolved; }

void SetDepartments(const ReportOptions& options, std::vector<ReportRow>& rows) {
  if (!Has(options.by, Dimension::kDepartment)) return;
  absl::flat_hash_set<std::string> named;
  for (const ReportRow& row : rows) {
    if (row.user.has_value()) named.insert(*row.user);
  }
  for (ReportRow& row : rows) row.department = options.departments.Of(row.uid, row.user, named);
}

void ClearOthers(const Grouping& by, ReportRow& row) {
  if (!Has(by, Dimension::kUser)) {
    row.uid = acct::Uid();
    row.user.reset();
    row.is_unresolved = false;
  }
  if (!Has(by, Dimension::kCommand)) row.command = "";
}

CounterpartId CounterpartIdOf(const ReportRow& row, const Grouping& by, bool users_by_name) {
  const bool by_user = Has(by, Dimension::kUser);
  const bool by_id = by_user && !(users_by_name && row.user.has_value());
  return {row.host,
          by_id ? std::optional(row.uid) : std::nullopt,
          by_user ? row.user : std::nullopt,
          Has(by, Dimension::kGroup) ? std::optional(row.gid) : std::nullopt,
          Has(by, Dimension::kDepartment) ? row.department : std::string(),
          Has(by, Dimension::kTty) ? std::optional(row.tty) : std::nullopt,
          Has(by, Dimension::kSignal) ? std::optional(row.signal) : std::nullopt,
          Has(by, Dimension::kCommand) ? row.command : std::string()};
}

void PreviousRows::Add(std::vector<ReportRow> more, const ReportOptions& options,
                       bool users_by_name) {
  SetDepartments(options, more);
  Choose(FilterOf(options), more, unnamed_commands);
  for (ReportRow& row : more) {
    total += row.usage;
    ClearOthers(options.by, row);
    const auto [place, is_new] =
        rows.try_emplace(CounterpartIdOf(row, options.by, users_by_name), std::move(row));
    if (!is_new) place->second.usage += row.usage;
  }
}

void Compare(PreviousRows previous, const ReportOptions& options, bool users_by_name,
             std::vector<ReportRow>& rows, Report& report) {
  for (ReportRow& row : rows) {
    const auto found = previous.rows.find(CounterpartIdOf(row, options.by, users_by_name));
    if (found == previous.rows.end()) {
      row.previous_cpu = acct::ExactTime();
      continue;
    }
    row.previous_cpu = found->second.usage.cpu_time();
    found->second.usage = Usage();
  }
  const bool knows_all = !Has(options.by, Dimension::kCommand) && report.knows_all_commands();
  if (!knows_all) previous.rows.clear();
  for (auto& [id, row] : previous.rows) {
    const acct::ExactTime before = row.usage.cpu_time();
    if (before == acct::ExactTime()) continue;
    row.usage = Usage();
    row.previous_cpu = before;
    rows.push_back(std::move(row));
  }
  report.previous = {.period = *options.compare_with,
                     .cpu = previous.total.cpu_time(),
                     .unnamed_commands = std::move(previous.unnamed_commands)};
}

void SelectRows(std::vector<ReportRow> rows, const ReportOptions& options, Report& report) {
  ReportOptions shown = options;
  if (!report.previous.has_value()) {
    if (shown.sort == SortOrder::kChange) shown.sort = SortOrder::kCpu;
    if (shown.top_by == SortOrder::kChange) shown.top_by = SortOrder::kCpu;
  }
  RowSelection selection(shown);
  for (ReportRow& row : rows) selection.Add(std::move(row));
  selection.Finish(report);
}

}  // namespace cpuagg::aggregate
