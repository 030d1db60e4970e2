#include "aggregate/report/report.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/report/row_id.h"

namespace cpuagg::aggregate {
namespace {

RowFilter FilterOf(const ReportOptions& options) {
  return RowFilter({.users = options.only_users,
                    .ignored_users = options.ignored_users,
                    .ignores_unknown_users = options.leave_out_unknown_users,
                    .ignores_system_accounts = options.only_people,
                    .commands = options.only_commands});
}

std::vector<Unmatched> FindUnmatched(const std::vector<ReportRow>& rows,
                                     const std::vector<ReportRow>& other_rows,
                                     const ReportOptions& options) {
  const std::vector<std::string> ignored =
      options.names_ignored_users ? options.ignored_users : std::vector<std::string>();
  UnmatchedFinder finder(options.only_users, ignored, options.only_commands);
  if (!finder.IsLooking()) return {};
  for (const std::vector<ReportRow>* const some : {&rows, &other_rows}) {
    for (const ReportRow& row : *some) {
      finder.Add(row.uid, row.user, row.command, row.usage.processes);
    }
  }
  return finder.Found();
}

// The processes of the rows of chosen users and commands.
uint64_t ProcessesOf(const RowFilter& filter, const std::vector<ReportRow>& rows) {
  uint64_t processes = 0;
  for (const ReportRow& row : rows) {
    if (filter.TakesCommand(row.command) && filter.TakesUser(row.uid, row.user)) {
      processes += row.usage.processes;
    }
  }
  return processes;
}

// Sets the departments of the rows, which are of users.
void SetDepartments(const ReportOptions& options, std::vector<ReportRow>& rows) {
  if (!Has(options.by, Dimension::kDepartment)) return;
  for (ReportRow& row : rows) row.department = options.departments.Of(row.uid, row.user);
}

// Drops rows of users and commands that were not requested. Adds excluded users to
// `excluded_users`, and the others' usage by commands without a name to `unnamed_commands`.
void Choose(const RowFilter& filter, std::vector<ReportRow>& rows, UserGroup& excluded_users,
            Usage& unnamed_commands) {
  absl::flat_hash_set<acct::Uid> users;
  absl::flat_hash_set<acct::Uid> unknown_users;
  std::erase_if(rows, [&](const ReportRow& row) {
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
    if (!takes_command) return true;
    users.insert(row.uid);
    excluded_users.usage += row.usage;
    if (!row.user.has_value() && !row.is_unresolved) {
      unknown_users.insert(row.uid);
      excluded_users.unknown_cpu += row.usage.cpu_time();
    }
    return true;
  });
  excluded_users.users = users.size();
  excluded_users.unknown_users = unknown_users.size();
}

// Clears the fields of dimensions that are in GroupingFor() but not in `by`.
void ClearOthers(const Grouping& by, ReportRow& row) {
  if (!Has(by, Dimension::kUser)) {
    row.uid = acct::Uid();
    row.user.reset();
    row.is_unresolved = false;
  }
  if (!Has(by, Dimension::kCommand)) row.command = "";
}

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

// Identifies a row in another period by the dimensions `by`. Uses a user's name as well as the id,
// since ids are reused. Times have no counterpart.
auto CounterpartId(const ReportRow& row, const Grouping& by) {
  return std::tuple(Has(by, Dimension::kUser) ? std::optional(row.uid) : std::nullopt,
                    Has(by, Dimension::kUser) ? row.user : std::nullopt,
                    Has(by, Dimension::kGroup) ? std::optional(row.gid) : std::nullopt,
                    Has(by, Dimension::kDepartment) ? row.department : std::string(),
                    Has(by, Dimension::kTty) ? std::optional(row.tty) : std::nullopt,
                    Has(by, Dimension::kSignal) ? std::optional(row.signal) : std::nullopt,
                    Has(by, Dimension::kCommand) ? row.command : std::string());
}

// Sets the previous usage of `rows` and its total. Rows with previous usage only are added, if
// there are any rows, and if no usage by commands without a known name may be missing.
void Compare(std::vector<ReportRow> previous_rows, const ReportOptions& options,
             std::vector<ReportRow>& rows, Report& report) {
  UserGroup excluded_users;
  Usage unnamed_commands;
  Choose(FilterOf(options), previous_rows, excluded_users, unnamed_commands);
  SetDepartments(options, previous_rows);
  std::map<decltype(CounterpartId(ReportRow(), {})), ReportRow> previous;
  Usage total;
  for (ReportRow& row : previous_rows) {
    total += row.usage;
    ClearOthers(options.by, row);
    const auto [place, is_new] =
        previous.try_emplace(CounterpartId(row, options.by), std::move(row));
    if (!is_new) place->second.usage += row.usage;
  }
  for (ReportRow& row : rows) {
    const auto found = previous.find(CounterpartId(row, options.by));
    if (found == previous.end()) {
      row.previous_cpu = acct::ExactTime();
      continue;
    }
    row.previous_cpu = found->second.usage.cpu_time();
    found->second.usage = Usage();
  }
  const bool knows_all = !Has(options.by, Dimension::kCommand) && report.knows_all_commands();
  if (rows.empty() || !knows_all) previous.clear();
  for (auto& [id, row] : previous) {
    const acct::ExactTime before = row.usage.cpu_time();
    if (before == acct::ExactTime()) continue;
    row.usage = Usage();
    row.previous_cpu = before;
    rows.push_back(std::move(row));
  }
  report.previous = {.period = *options.compare_with,
                     .cpu = total.cpu_time(),
                     .unnamed_commands = std::move(unnamed_commands)};
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

void AddUnknown(const Period& time, Comparison& previous) {
  if (!time.Overlaps(previous.period)) return;
  previous.unknown.push_back({.begin = std::max(time.begin, previous.period.begin),
                              .end = std::min(time.end, previous.period.end)});
}

void FindOutside(const Period& asked, absl::Time now, Report& report) {
  // The period counted may begin earlier.
  report.is_in_future = std::min(asked.begin, report.period.begin) > now;
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
  const bool has_nothing_new = report.is_of_store && report.row_count() == 0 && begin >= known.end;
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
  report.unmatched = FindUnmatched(rows, other_rows, options);
  report.other_processes = ProcessesOf(FilterOf(options), other_rows);
  Choose(FilterOf(options), rows, report.excluded_users, report.unnamed_commands);
  SetDepartments(options, rows);
  if (GroupingFor(options) != options.by) rows = JoinedByGroup(std::move(rows), options.by);
  if (previous_rows.has_value() && options.compare_with.has_value() && !HasTime(options.by)) {
    Compare(*std::move(previous_rows), options, rows, report);
  }
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
