#include "aggregate/report/file_report.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "acct/io/byte_source.h"
#include "acct/io/start_thread.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/input_set.h"
#include "acct/scan/read_options.h"
#include "aggregate/tally/aggregator.h"
#include "aggregate/tally/fast_usage_table.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
namespace {

ReportRow RowOf(acct::Uid uid, const Usage& usage) { return {.uid = uid, .usage = usage}; }
ReportRow RowOf(const GroupKey& key, const Usage& usage) {
  return {.uid = key.uid,
          .gid = key.gid,
          .command = CommandText(key.command),
          .tty = key.tty,
          .signal = key.signal,
          .begin = key.begin,
          .usage = usage};
}

// Looks up the ids of all rows at once. A row without an answer has no name.
template <typename Id>
void LookUp(UserDirectory& names, Id ReportRow::*id, std::optional<std::string> ReportRow::*name,
            std::vector<ReportRow>& rows) {
  std::vector<Id> ids;
  ids.reserve(rows.size());
  for (const ReportRow& row : rows) ids.push_back(row.*id);
  std::vector<NameAnswer> answers = names.NamesOf(ids);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].*name = std::move(answers[i]).value_or(std::nullopt);
  }
}

}  // namespace

void FillInNames(const Grouping& by, UserDirectory& names, std::vector<ReportRow>& rows) {
  if (Has(by, Dimension::kUser)) LookUp(names, &ReportRow::uid, &ReportRow::user, rows);
  if (Has(by, Dimension::kGroup)) LookUp(names, &ReportRow::gid, &ReportRow::group, rows);
}

bool NamesDecide(const ReportOptions& options) {
  return options.chooses_users() || Has(options.by, Dimension::kDepartment) ||
         options.sort == SortOrder::kName || options.top_by == SortOrder::kName;
}

namespace {

template <typename Table>
std::vector<ReportRow> RowsOf(const Table& table) {
  std::vector<ReportRow> rows;
  rows.reserve(table.size());
  for (const auto& [key, usage] : table) rows.push_back(RowOf(key, usage));
  return rows;
}

template <typename Table>
std::vector<ReportRow> RowsOf(const Table& table, const ReportOptions& options,
                              UserDirectory& names) {
  std::vector<ReportRow> rows = RowsOf(table);
  if (NamesDecide(options)) FillInNames(GroupingFor(options), names, rows);
  return rows;
}

template <typename Table>
void FillRowsFrom(const Table& table, const ReportOptions& options, UserDirectory& names,
                  Report& report) {
  const bool names_decide = NamesDecide(options);
  if (options.chooses() || names_decide) {
    FillRows(RowsOf(table, options, names), options, report);
  } else {
    RowSelection selection(options);
    for (const auto& [key, usage] : table) {
      if (selection.IsBehind(usage)) {
        selection.AddBehind(usage);
      } else {
        selection.Add(RowOf(key, usage));
      }
    }
    selection.Finish(report);
  }
  if (!names_decide) FillInNames(options.by, names, report.rows);
}

bool KnowsPrevious(const GroupTotals& totals, const Report& report) {
  return totals.compare_with.has_value() && report.known.has_value() &&
         report.known->begin < totals.compare_with->end;
}

// The same for chosen processes, or with a comparison.
void FillRowsFromChosen(const GroupTotals& totals, const ReportOptions& options,
                        UserDirectory& names, Report& report) {
  std::optional<std::vector<ReportRow>> previous_rows;
  if (KnowsPrevious(totals, report)) previous_rows = RowsOf(totals.previous_usage, options, names);
  FillRows(RowsOf(totals.usage, options, names), options, report, std::move(previous_rows),
           RowsOf(totals.other_usage, options, names));
  if (report.previous.has_value()) AddUnknown({.end = report.known->begin}, *report.previous);
  if (!NamesDecide(options)) FillInNames(options.by, names, report.rows);
}

using Accounts = std::vector<absl::StatusOr<acct::ByteAccount>>;

// Of the files that threads read at once; each may be mapped.
constexpr size_t kMostAtOnce = 256;
// Less is not worth dividing further.
constexpr uint64_t kBytesOfAThread = uint64_t{4} << 20;

// Adds the records of all inputs to `totals`.
template <typename Totals>
Accounts ReadInputs(const FileOptions& files, acct::InputSet& set, Totals& totals) {
  const std::vector<acct::Input>& inputs = set.inputs();
  Accounts accounts(inputs.size());
  const auto read = [&](size_t i, size_t threads, Totals& into) {
    accounts[i] = set.ReadInput(
        i,
        [&](acct::ByteSource& source, acct::ReadOptions options) {
          options.threads = threads;
          return Aggregate(source, options, into);
        },
        files.progress);
  };
  // A large input that is completely in memory is divided among all threads. Of others, which one
  // thread reads, several are read at once.
  const auto has_work_for = [&](size_t i, size_t threads) {
    return inputs[i].whole_bytes >= threads * kBytesOfAThread;
  };
  size_t without_work_for_all = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!has_work_for(i, files.threads)) ++without_work_for_all;
  }
  const size_t divided_from = without_work_for_all < files.threads ? 1 : files.threads;
  std::vector<size_t> undivided;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs.size() > 1 && !has_work_for(i, divided_from)) {
      undivided.push_back(i);
    } else {
      read(i, files.threads, totals);
    }
  }
  // Those that take longest come first, so that the threads end at about the same time.
  std::stable_sort(undivided.begin(), undivided.end(), [&](size_t a, size_t b) {
    return std::pair(inputs[a].whole_bytes > 0, inputs[b].file_bytes) <
           std::pair(inputs[b].whole_bytes > 0, inputs[a].file_bytes);
  });
  std::atomic<size_t> next{0};
  const auto read_undivided = [&](Totals& into) {
    for (size_t n = next++; n < undivided.size(); n = next++) read(undivided[n], 1, into);
  };
  struct Helper {
    Totals totals;
    std::thread thread;
  };
  std::list<Helper> helpers;
  const size_t most = std::min({files.threads, undivided.size(), kMostAtOnce});
  for (size_t n = 1; n < most; ++n) {
    Helper& helper = helpers.emplace_back(Helper{.totals = totals.Fresh()});
    helper.thread = acct::StartThread([&] { read_undivided(helper.totals); });
    if (helper.thread.joinable()) continue;
    helpers.pop_back();
    break;
  }
  read_undivided(totals);
  for (Helper& helper : helpers) {
    helper.thread.join();
    totals.Merge(std::move(helper.totals));
  }
  return accounts;
}

template <typename Totals>
absl::Status ReadFiles(const std::vector<std::string>& paths, const FileOptions& files,
                       Totals& totals, Report& report) {
  absl::StatusOr<acct::InputSet> set = acct::InputSet::Open(paths, files.format, files.threads);
  if (!set.ok()) return set.status();
  absl::Status status = set->Resolve([&] {
    totals = totals.Fresh();
    report.inputs.clear();
    for (absl::StatusOr<acct::ByteAccount>& account : ReadInputs(files, *set, totals)) {
      if (!account.ok()) return account.status();
      report.inputs.push_back(*std::move(account));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  report.period = OrSpan(totals.period, totals.span);
  if (totals.first_end <= totals.last_end) {
    report.known = {absl::FromUnixSeconds(totals.first_end),
                    absl::FromUnixSeconds(totals.last_end)};
  } else if (!totals.span.empty()) {
    report.known = {absl::FromUnixSeconds(totals.span.first_begin),
                    absl::FromUnixSeconds(totals.span.last_end)};
  }
  if (files.has_older_files && report.known.has_value()) {
    report.known->begin = absl::InfinitePast();
  }
  return absl::OkStatus();
}

// The dimensions of the tables of a report. All records are of one host.
Grouping TablesOf(const ReportOptions& options) {
  Grouping by = GroupingFor(options);
  std::erase(by, Dimension::kHost);
  return by;
}

// The most frequent report has a table of its own, which is faster.
bool IsByUser(const ReportOptions& options) {
  return TablesOf(options) == Grouping{Dimension::kUser} && options.processes.takes_all() &&
         !options.compare_with.has_value();
}

GroupTotals TotalsFor(const Period& period, absl::TimeZone zone, const ReportOptions& options) {
  return {.period = period,
          .by = TablesOf(options),
          .time_zone = zone,
          .processes = options.processes,
          .compare_with = options.compare_with};
}

}  // namespace

absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       absl::TimeZone zone, UserDirectory& names,
                                       const ReportOptions& options, const FileOptions& files) {
  Report report;
  if (IsByUser(options)) {
    UserTotals totals{.period = period};
    if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
    FillRowsFrom(totals.usage, options, names, report);
    return report;
  }
  GroupTotals totals = TotalsFor(period, zone, options);
  if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
  if (options.processes.takes_all() && !options.compare_with.has_value()) {
    FillRowsFrom(totals.usage, options, names, report);
  } else {
    FillRowsFromChosen(totals, options, names, report);
  }
  return report;
}

absl::StatusOr<FileRows> ReadFileRows(const std::vector<std::string>& paths, const Period& period,
                                      absl::TimeZone zone, const ReportOptions& options,
                                      const FileOptions& files) {
  FileRows result;
  Report& report = result.report;
  if (IsByUser(options)) {
    UserTotals totals{.period = period};
    if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
    result.rows = RowsOf(totals.usage);
    return result;
  }
  GroupTotals totals = TotalsFor(period, zone, options);
  if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
  result.rows = RowsOf(totals.usage);
  result.other_rows = RowsOf(totals.other_usage);
  if (KnowsPrevious(totals, report)) {
    result.previous_rows = RowsOf(totals.previous_usage);
    report.previous = {.period = *totals.compare_with};
    AddUnknown({.end = report.known->begin}, *report.previous);
  }
  return result;
}

}  // namespace cpuagg::aggregate
