#include "tools/report_request.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/open_source.h"
#include "acct/progress.h"
#include "aggregate/history.h"
#include "aggregate/snapshot.h"
#include "aggregate/snapshot_store.h"
#include "aggregate/user_directory.h"
#include "notify/chart.h"
#include "notify/message.h"
#include "tools/progress_bar.h"
#include "tools/time_argument.h"

namespace cpuagg::tools {
namespace {

using aggregate::Period;
using aggregate::Report;
using aggregate::SortOrder;

// Accounts of the system, whose CPU time is nobody's.
constexpr char kIgnoredByDefault[] = "root,_apt,sshd,man,fwupd-refresh,www-data";

// More bars than these are too thin to read on a phone.
constexpr size_t kChartBars = 10;

absl::StatusOr<SortOrder> ParseSortOrder(const std::string& name) {
  static const std::map<std::string, SortOrder> orders = {{"cpu", SortOrder::kCpu},
                                                          {"user-time", SortOrder::kUserTime},
                                                          {"system-time", SortOrder::kSystemTime},
                                                          {"processes", SortOrder::kProcesses},
                                                          {"elapsed", SortOrder::kElapsed},
                                                          {"name", SortOrder::kName},
                                                          {"uid", SortOrder::kUid}};
  const auto found = orders.find(name);
  if (found != orders.end()) return found->second;
  return absl::InvalidArgumentError(
      absl::StrCat("--sort: '", name,
                   "' is none of cpu, user-time, system-time, processes, elapsed, name and uid"));
}

constexpr char kSinceLast[] = "since-last";

// What the period is called by --period or, for a message, by REPORT_PERIOD.
std::string PeriodName(const Session& session, bool for_message) {
  const Flags& flags = session.flags;
  if (flags.since.has_value() || flags.until.has_value()) return "";
  if (flags.period.has_value()) return *flags.period;
  return for_message ? session.config.GetOr("REPORT_PERIOD", "all") : "all";
}

absl::StatusOr<Period> RequestedPeriod(const Session& session, bool for_message) {
  const Flags& flags = session.flags;
  Period period;
  if (flags.since.has_value()) {
    const absl::StatusOr<absl::Time> since =
        ParseTime("--since", *flags.since, session.now, session.zone);
    if (!since.ok()) return since.status();
    period.begin = *since;
  }
  if (flags.until.has_value()) {
    const absl::StatusOr<absl::Time> until =
        ParseTime("--until", *flags.until, session.now, session.zone);
    if (!until.ok()) return until.status();
    period.end = *until;
  }
  if (period.begin > period.end) {
    return absl::InvalidArgumentError("--until: is before --since");
  }
  if (flags.since.has_value() || flags.until.has_value()) return period;
  const std::string name = PeriodName(session, for_message);
  if (name == kSinceLast) return period;
  return ParsePeriod(flags.period.has_value() ? "--period" : "REPORT_PERIOD", name, session.now,
                     session.zone);
}

void FillHeading(const Session& session, Report& report) {
  report.host = session.HostName();
  report.time_zone = session.zone;
}

}  // namespace

absl::StatusOr<ReportRequest> MakeReportRequest(const Session& session, bool for_message) {
  ReportRequest request;
  absl::StatusOr<Period> period = RequestedPeriod(session, for_message);
  if (!period.ok()) return period.status();
  request.period = *period;
  request.since_last = PeriodName(session, for_message) == kSinceLast;

  const absl::StatusOr<SortOrder> sort = ParseSortOrder(session.flags.sort.value_or("cpu"));
  if (!sort.ok()) return sort.status();
  request.options.sort = *sort;
  request.options.top = session.flags.top;
  request.options.only_users = session.flags.users;
  if (session.flags.ignored_users.has_value()) {
    request.options.ignored_users = *session.flags.ignored_users;
  } else if (for_message && session.flags.users.empty()) {
    request.options.ignored_users =
        SplitList(session.config.GetOr("IGNORED_USERS", kIgnoredByDefault));
  }
  if (for_message && session.flags.users.empty()) {
    const absl::StatusOr<bool> include =
        ParseYesNo("INCLUDE_UNKNOWN_USERS", session.config.GetOr("INCLUDE_UNKNOWN_USERS", "no"));
    if (!include.ok()) return include.status();
    request.options.leave_out_unknown_users = !*include;
  }
  return request;
}

notify::Outbox OutboxOf(const aggregate::SnapshotStore& store) {
  return notify::Outbox(store.directory() + "/outbox");
}

absl::StatusOr<StoreReport> ReportFromStore(const Session& session, const ReportRequest& request) {
  const aggregate::SnapshotStore store(session.StoreDirectory());
  absl::StatusOr<std::vector<aggregate::Snapshot>> snapshots = store.LoadAll();
  if (!snapshots.ok()) return snapshots.status();
  StoreReport result;
  if (!snapshots->empty()) result.newest_sequence = snapshots->back().sequence;
  absl::Time reported_until = absl::InfinitePast();
  if (request.since_last) {
    const absl::StatusOr<uint64_t> last = OutboxOf(store).LoadLastReported();
    if (!last.ok()) return last.status();
    std::erase_if(*snapshots, [&](const aggregate::Snapshot& snapshot) {
      if (snapshot.sequence > *last) return false;
      reported_until = snapshot.captured_at;
      return true;
    });
  }
  std::unique_ptr<aggregate::UserDirectory> names;
  if (session.flags.passwd.has_value()) {
    absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> loaded = session.UserNames();
    if (!loaded.ok()) return loaded.status();
    names = *std::move(loaded);
  }
  result.report =
      aggregate::ReportFromSnapshots(*snapshots, request.period, names.get(), request.options);
  if (result.report.period.begin == absl::InfinitePast()) {
    result.report.period.begin = reported_until;
  }
  FillHeading(session, result.report);
  result.report.source = absl::StrCat("the store ", store.directory());
  return result;
}

absl::StatusOr<Report> ReportFromPaths(const Session& session, const ReportRequest& request,
                                       const std::vector<std::string>& paths) {
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names = session.UserNames();
  if (!names.ok()) return names.status();
  std::vector<std::string> inputs;
  inputs.reserve(paths.size());
  for (const std::string& path : paths) inputs.push_back(aggregate::DisplayName(path));
  acct::Progress progress;
  std::optional<ProgressBar> bar;
  if (session.console.ShowsProgress()) bar.emplace(inputs, acct::BytesToRead(paths), progress);
  absl::StatusOr<Report> report = aggregate::ReportFromFiles(
      paths, request.period, **names, request.options, session.Threads(), &progress);
  if (!report.ok()) return report.status();
  FillHeading(session, *report);
  report->source = absl::StrJoin(inputs, ", ");
  return report;
}

absl::StatusOr<std::string> DrawChart(const Report& report) {
  return notify::RenderChart(notify::ChartOf(report, kChartBars));
}

}  // namespace cpuagg::tools
