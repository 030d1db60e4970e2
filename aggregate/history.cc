#include "aggregate/history.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "acct/byte_source.h"
#include "acct/head_watch.h"
#include "acct/input_set.h"
#include "aggregate/aggregator.h"
#include "aggregate/grouping.h"
#include "aggregate/usage_table.h"

namespace cpuagg::aggregate {
namespace {

// What the report says it is about: the ends that were asked for, and for an open end the span of
// what was found.
Period Described(const Period& asked, const TimeSpan& found) {
  Period period = asked;
  if (found.empty()) return period;
  if (period.begin == absl::InfinitePast()) period.begin = absl::FromUnixSeconds(found.first_begin);
  if (period.end == absl::InfiniteFuture()) period.end = absl::FromUnixSeconds(found.last_end);
  return period;
}

// The names that snapshots have kept: of a user who had several, the last.
class CapturedNames : public UserDirectory {
 public:
  explicit CapturedNames(const std::vector<Snapshot>& snapshots) {
    for (const Snapshot& snapshot : snapshots) {
      for (const auto& [uid, name] : snapshot.names) names_[uid] = name;
    }
  }
  using UserDirectory::NameOf;
  std::optional<std::string> NameOf(acct::Uid uid) override {
    const auto found = names_.find(uid);
    if (found == names_.end()) return std::nullopt;
    return found->second;
  }

 private:
  absl::flat_hash_map<acct::Uid, std::string> names_;
};

ReportRow RowOf(const GroupKey& key, const Usage& usage, const Grouping& by, UserDirectory& names) {
  ReportRow row{.uid = key.uid,
                .gid = key.gid,
                .command = CommandText(key.command),
                .tty = key.tty,
                .begin = key.begin,
                .usage = usage};
  if (Has(by, Dimension::kUser)) row.user = names.NameOf(key.uid);
  if (Has(by, Dimension::kGroup)) row.group = names.NameOf(key.gid);
  return row;
}

std::vector<ReportRow> RowsOf(const GroupTable& table, const Grouping& by, UserDirectory& names) {
  std::vector<ReportRow> rows;
  rows.reserve(table.size());
  for (const auto& [key, usage] : table) rows.push_back(RowOf(key, usage, by, names));
  return rows;
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
  const Totals empty = totals;
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
    totals = empty;
    report.inputs.clear();
  }
  report.period = Described(totals.period, totals.span);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Report> ReportFromSnapshots(const std::vector<Snapshot>& snapshots,
                                           const Period& period, absl::TimeZone zone,
                                           UserDirectory* names, const ReportOptions& options) {
  const Grouping by = GroupingFor(options);
  for (const Dimension dimension : {Dimension::kCommand, Dimension::kGroup, Dimension::kTty}) {
    if (Has(by, dimension)) {
      return absl::InvalidArgumentError(
          "--by and --command: the store knows users, hours and days alone; name the accounting "
          "files to ask them for commands, groups or terminals");
    }
  }
  const bool by_user = Has(by, Dimension::kUser);
  CalendarBuckets buckets(BucketUnit(by), zone);

  Report report;
  GroupTable table;
  TimeSpan span;
  for (const Snapshot& snapshot : snapshots) {
    bool in_period = false;
    for (const auto& [key, usage] : snapshot.usage) {
      if (!period.Contains(absl::FromUnixSeconds(key.begin))) continue;
      table[{.uid = by_user ? key.uid : acct::Uid(),
             .begin = HasTime(by) ? buckets.BeginOf(key.begin) : 0}] += usage;
      in_period = true;
    }
    if (in_period) span.Cover(snapshot.span);
    for (const acct::InputAccount& input : snapshot.inputs) report.inputs.push_back(input);
    for (const Gap& gap : snapshot.gaps) {
      if (gap.period.begin < period.end && gap.period.end > period.begin) {
        report.gaps.push_back(gap);
      }
    }
  }
  report.lacks_running = !snapshots.empty() && snapshots.back().running.boot_id.empty();
  report.period = Described(period, span);
  CapturedNames captured(snapshots);
  FillRows(RowsOf(table, by, names != nullptr ? *names : captured), options, report);
  return report;
}

absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       absl::TimeZone zone, UserDirectory& names,
                                       const ReportOptions& options, const FileOptions& files) {
  Report report;
  const Grouping by = GroupingFor(options);
  if (by == Grouping{Dimension::kUser}) {
    // What is asked nearly always has a table of its own, which is faster.
    UserTotals totals{.period = period};
    if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
    std::vector<ReportRow> rows;
    rows.reserve(totals.usage.size());
    for (const auto& [uid, usage] : totals.usage) {
      rows.push_back(RowOf({.uid = uid}, usage, by, names));
    }
    FillRows(std::move(rows), options, report);
    return report;
  }
  GroupTotals totals{.period = period, .by = by, .time_zone = zone};
  if (absl::Status status = ReadFiles(paths, files, totals, report); !status.ok()) return status;
  FillRows(RowsOf(totals.usage, by, names), options, report);
  return report;
}

}  // namespace cpuagg::aggregate
