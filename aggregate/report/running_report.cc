#include "aggregate/report/running_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "acct/record/units.h"
#include "aggregate/report/row_choice.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {
namespace {

Usage UsageOf(const acct::RunningProcess& process, absl::Time now) {
  const int64_t elapsed = std::max<int64_t>(0, absl::ToUnixSeconds(now) - process.begin_time);
  return {.processes = 1,
          .ticks = {.user = process.user_ticks,
                    .system = process.system_ticks,
                    .elapsed = static_cast<uint64_t>(elapsed) * acct::kTicksPerSecond,
                    .largest_cpu = process.user_ticks + process.system_ticks}};
}

void FillInUsers(UserDirectory& names, std::vector<ReportRow>& rows) {
  std::vector<acct::Uid> ids;
  ids.reserve(rows.size());
  for (const ReportRow& row : rows) ids.push_back(row.uid);
  std::vector<NameAnswer> answers = names.NamesOf(ids);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].user = std::move(answers[i]).value_or(std::nullopt);
  }
}

}  // namespace

absl::StatusOr<Report> ReportFromProcesses(const acct::ProcessTable& table, absl::Time now,
                                           UserDirectory& names, const ReportOptions& options) {
  const Grouping by = GroupingFor(options);
  for (const Dimension dimension : by) {
    if (dimension != Dimension::kUser && dimension != Dimension::kCommand) {
      return absl::InvalidArgumentError(
          "--by: of running processes only users, commands and departments are known; leave "
          "groups, ttys, signals and times out");
    }
  }
  Report report;
  report.only_running = true;
  report.period = {.begin = now, .end = now};
  report.excludes_running = !table.is_complete;
  std::map<std::pair<acct::Uid, CommandBits>, Usage> sums;
  std::map<std::pair<acct::Uid, CommandBits>, absl::Time> begins;
  absl::Time known_since = now;
  for (const acct::RunningProcess& process : table.processes) {
    if (process.is_ending || (table.reader != 0 && process.pid == table.reader)) continue;
    std::pair<acct::Uid, CommandBits> key;
    if (Has(by, Dimension::kUser)) key.first = process.uid;
    if (Has(by, Dimension::kCommand)) key.second = CommandBitsOf(process.command);
    sums[key] += UsageOf(process, now);
    const absl::Time begin = absl::FromUnixSeconds(process.begin_time);
    known_since = std::min(known_since, begin);
    absl::Time& first = begins.try_emplace(key, begin).first->second;
    first = std::min(first, begin);
  }
  if (!sums.empty()) report.known = {.begin = known_since, .end = now};
  std::vector<ReportRow> rows;
  rows.reserve(sums.size());
  for (auto& [key, usage] : sums) {
    rows.push_back(
        {.uid = key.first, .command = CommandText(key.second), .usage = std::move(usage)});
  }
  if (Has(by, Dimension::kUser)) FillInUsers(names, rows);
  // The period is that of the chosen ones.
  const RowFilter filter = FilterOf(options);
  auto begin = begins.begin();
  for (const ReportRow& row : rows) {
    std::vector<ReportRow> chosen = {row};
    Usage unnamed;
    Choose(filter, chosen, unnamed);
    if (!chosen.empty()) report.period.begin = std::min(report.period.begin, begin->second);
    ++begin;
  }
  FillRows(std::move(rows), options, report);
  return report;
}

}  // namespace cpuagg::aggregate
