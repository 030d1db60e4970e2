#include "aggregate/history.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "acct/byte_source.h"
#include "acct/open_source.h"
#include "aggregate/aggregator.h"
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

}  // namespace

std::string DisplayName(const std::string& path) { return path == "-" ? "standard input" : path; }

Report ReportFromSnapshots(const std::vector<Snapshot>& snapshots, const Period& period,
                           UserDirectory* names, const ReportOptions& options) {
  Report report;
  UserTable users;
  TimeSpan span;
  absl::flat_hash_map<acct::Uid, std::string> captured_names;
  for (const Snapshot& snapshot : snapshots) {
    bool in_period = false;
    for (const auto& [key, usage] : snapshot.usage) {
      if (!period.Contains(absl::FromUnixSeconds(key.begin))) continue;
      users[key.uid] += usage;
      in_period = true;
    }
    if (in_period) span.Cover(snapshot.span);
    for (const auto& [uid, name] : snapshot.names) captured_names[uid] = name;
    for (const acct::InputAccount& input : snapshot.inputs) report.inputs.push_back(input);
    for (const Gap& gap : snapshot.gaps) {
      if (gap.period.begin < period.end && gap.period.end > period.begin) {
        report.gaps.push_back(gap);
      }
    }
  }
  report.period = Described(period, span);

  std::vector<ReportRow> rows;
  rows.reserve(users.size());
  for (const auto& [uid, usage] : users) {
    std::optional<std::string> name;
    if (names != nullptr) {
      name = names->NameOf(uid);
    } else if (const auto captured = captured_names.find(uid); captured != captured_names.end()) {
      name = captured->second;
    }
    rows.push_back({.uid = uid, .user = std::move(name), .usage = usage});
  }
  FillRows(std::move(rows), options, report);
  return report;
}

absl::StatusOr<Report> ReportFromFiles(const std::vector<std::string>& paths, const Period& period,
                                       UserDirectory& names, const ReportOptions& options,
                                       size_t threads, acct::Progress* progress) {
  Report report;
  UserTotals totals{.period = period};
  for (const std::string& path : paths) {
    absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path, progress);
    if (!source.ok()) return source.status();
    absl::StatusOr<acct::InputAccount> account = Aggregate(**source, {.threads = threads}, totals);
    if (!account.ok()) return account.status();
    account->name = DisplayName(path);
    report.inputs.push_back(*std::move(account));
  }
  report.period = Described(period, totals.span);

  std::vector<ReportRow> rows;
  rows.reserve(totals.usage.size());
  for (const auto& [uid, usage] : totals.usage) {
    rows.push_back({.uid = uid, .user = names.NameOf(uid), .usage = usage});
  }
  FillRows(std::move(rows), options, report);
  return report;
}

}  // namespace cpuagg::aggregate
