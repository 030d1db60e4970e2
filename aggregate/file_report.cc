#include "aggregate/file_report.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "acct/byte_source.h"
#include "acct/head_watch.h"
#include "acct/input_set.h"
#include "aggregate/aggregator.h"
#include "aggregate/grouping.h"
#include "aggregate/period.h"
#include "aggregate/tally_table.h"

namespace cpuagg::aggregate {
namespace {

ReportRow RowOf(acct::Uid uid, const Usage& usage) { return {.uid = uid, .usage = usage}; }
ReportRow RowOf(const GroupKey& key, const Usage& usage) {
  return {.uid = key.uid,
          .gid = key.gid,
          .command = CommandText(key.command),
          .tty = key.tty,
          .begin = key.begin,
          .usage = usage};
}

void FillInNames(const Grouping& by, UserDirectory& names, std::vector<ReportRow>& rows) {
  for (ReportRow& row : rows) {
    if (Has(by, Dimension::kUser)) row.user = names.NameOf(row.uid);
    if (Has(by, Dimension::kGroup)) row.group = names.NameOf(row.gid);
  }
}

template <typename Table>
void FillRowsFrom(const Table& table, const ReportOptions& options, UserDirectory& names,
                  Report& report) {
  if (options.chooses() || options.sort == SortOrder::kName) {
    std::vector<ReportRow> rows;
    rows.reserve(table.size());
    for (const auto& [key, usage] : table) rows.push_back(RowOf(key, usage));
    FillInNames(GroupingFor(options), names, rows);
    FillRows(std::move(rows), options, report);
    return;
  }
  // A directory service may take a tenth of a millisecond for a name, so only those that are shown
  // are asked for.
  RowSelection selection(options.sort, options.top);
  for (const auto& [key, usage] : table) {
    if (selection.IsBehind(usage)) {
      selection.AddBehind(usage);
    } else {
      selection.Add(RowOf(key, usage));
    }
  }
  report.by = options.by;
  selection.Finish(report);
  FillInNames(options.by, names, report.rows);
}

// Adds the records of `input` to `totals`.
template <typename Totals>
absl::StatusOr<acct::InputAccount> ReadInput(const acct::Input& input,
                                             const acct::ReadOptions& options,
                                             acct::Progress* progress, Totals& totals) {
  acct::InputAccount account;
  if (!input.is_copy) {
    absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
        acct::InputSet::OpenRest(input, progress);
    if (!source.ok()) return source.status();
    absl::StatusOr<acct::InputAccount> read = Aggregate(**source, options, totals);
    if (!read.ok()) return read.status();
    account = *std::move(read);
  }
  account.name = input.name;
  account.repeated_bytes = input.repeated_bytes;
  account.repeats = input.repeats;
  return account;
}

template <typename Totals>
absl::Status ReadFiles(const std::vector<std::string>& paths, const FileOptions& files,
                       Totals& totals, Report& report) {
  absl::StatusOr<acct::InputSet> set = acct::InputSet::Open(paths, files.format);
  if (!set.ok()) return set.status();
  for (;;) {
    std::vector<std::vector<acct::HeadHit>> hits(paths.size());
    for (size_t i = 0; i < paths.size(); ++i) {
      const acct::Input& input = set->inputs()[i];
      const acct::ReadOptions options = {.base = input.repeated_bytes,
                                         .threads = files.threads,
                                         .format = files.format,
                                         .watch = set->watch(),
                                         .hits = &hits[i]};
      absl::StatusOr<acct::InputAccount> account =
          ReadInput(input, options, files.progress, totals);
      if (!account.ok()) return account.status();
      report.inputs.push_back(*std::move(account));
    }
    const absl::StatusOr<bool> again = set->Learn(hits);
    if (!again.ok()) return again.status();
    if (!*again) break;
    totals.usage = {};
    totals.span = {};
    report.inputs.clear();
  }
  report.period = OrSpan(totals.period, totals.span);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       absl::TimeZone zone, UserDirectory& names,
                                       const ReportOptions& options, const FileOptions& files) {
  Report report;
  const Grouping by = GroupingFor(options);
  if (by == Grouping{Dimension::kUser}) {
    // What is asked nearly always has a table of its own, which is faster.
    UserTotals totals{.period = period};
    if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
    FillRowsFrom(totals.usage, options, names, report);
    return report;
  }
  GroupTotals totals{.period = period, .by = by, .time_zone = zone};
  if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
  FillRowsFrom(totals.usage, options, names, report);
  return report;
}

}  // namespace cpuagg::aggregate
