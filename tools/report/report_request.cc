#include "tools/report/report_request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "acct/record/units.h"
#include "aggregate/names/departments.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/named_period.h"
#include "notify/words/labels.h"
#include "tools/config/nearest_name.h"
#include "tools/config/time_argument.h"
#include "tools/report/asked_departments.h"
#include "tools/report/asked_processes.h"
#include "tools/report/report_host.h"
#include "tools/report/unmatched_users.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

using aggregate::Dimension;
using aggregate::Grouping;
using aggregate::Period;
using aggregate::Report;
using aggregate::SortOrder;

// Accounts of the system, whose CPU time does not belong to a person.
constexpr char kIgnoredByDefault[] = "root,_apt,sshd,man,fwupd-refresh,www-data,cpuagg";

// The names of IGNORED_USERS. A name with a '+' before it is added to the default list instead of
// replacing it; user names never begin with '+'.
std::vector<std::string> IgnoredUsers(const Config& config) {
  std::vector<std::string> names = SplitList(config.GetOr("IGNORED_USERS", kIgnoredByDefault));
  bool adds = false;
  for (std::string& name : names) {
    if (!absl::StartsWith(name, "+")) continue;
    name = std::string(absl::StripAsciiWhitespace(name.substr(1)));
    adds = true;
  }
  if (adds) {
    const std::vector<std::string> defaults = SplitList(kIgnoredByDefault);
    names.insert(names.end(), defaults.begin(), defaults.end());
  }
  return names;
}

// "a, b and c".
std::string AllOf(absl::Span<const absl::string_view> names) {
  return absl::StrCat(absl::StrJoin(names.first(names.size() - 1), ", "), " and ", names.back());
}

absl::StatusOr<SortOrder> ParseSortOrder(const std::string& name) {
  constexpr std::array<std::pair<absl::string_view, SortOrder>, 13> kOrders = {
      {{"cpu", SortOrder::kCpu},
       {"user-time", SortOrder::kUserTime},
       {"system-time", SortOrder::kSystemTime},
       {"processes", SortOrder::kProcesses},
       {"elapsed", SortOrder::kElapsed},
       {"largest", SortOrder::kLargest},
       {"mean", SortOrder::kMean},
       {"memory", SortOrder::kMemory},
       {"major-faults", SortOrder::kMajorFaults},
       {"change", SortOrder::kChange},
       {"name", SortOrder::kName},
       {"uid", SortOrder::kId},
       {"time", SortOrder::kTime}}};
  std::vector<absl::string_view> names;
  for (const auto& [key, order] : kOrders) {
    if (key == name) return order;
    names.push_back(key);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--sort: '", name, "' is not one of ", AllOf(names), DidYouMean(name, names)));
}

absl::StatusOr<Grouping> ParseGrouping(const std::vector<std::string>& names) {
  constexpr std::array kDimensions = {
      Dimension::kUser, Dimension::kCommand, Dimension::kGroup, Dimension::kDepartment,
      Dimension::kTty,  Dimension::kSignal,  Dimension::kHost,  Dimension::kHour,
      Dimension::kDay,  Dimension::kWeek,    Dimension::kMonth};
  std::vector<absl::string_view> known;
  known.reserve(kDimensions.size());
  for (const Dimension dimension : kDimensions) known.push_back(notify::DimensionName(dimension));
  Grouping grouping;
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--by: '", name, "' is not one of ", AllOf(known), DidYouMean(name, known)));
    }
    const Dimension dimension = kDimensions[static_cast<size_t>(found - known.begin())];
    if (!Has(grouping, dimension)) grouping.push_back(dimension);
  }
  if (IsAmbiguous(grouping)) {
    return absl::InvalidArgumentError(
        "--by: a week may be of two months; add day, or leave week or month out");
  }
  return grouping.empty() ? Grouping{Dimension::kUser} : grouping;
}

constexpr char kSinceLast[] = "since-last";

// Whether a comparison that is asked for can be made of some source.
absl::Status CheckComparison(const CommandContext& context, const ReportRequest& request) {
  if (!request.compares) return absl::OkStatus();
  const char* const flag = context.flags.compare ? "--compare" : "--sort change";
  if (HasTime(request.options.by)) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag,
                     ": hours, days, weeks and months are not compared with others; leave "
                     "them out of --by, and give the time with --period or --since"));
  }
  // A period may be in the future, or too young to be compared.
  if (request.period.begin != absl::InfinitePast()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag,
                   ": there is no time before this period; give one with a beginning, such as "
                   "--period last-week or --since monday"));
}

// The name of the period in --period or, for a message, in REPORT_PERIOD.
std::string PeriodName(const CommandContext& context, bool for_message) {
  const Flags& flags = context.flags;
  if (flags.since.has_value() || flags.until.has_value()) return "";
  if (flags.period.has_value()) return absl::AsciiStrToLower(*flags.period);
  return for_message ? absl::AsciiStrToLower(context.config.GetOr("REPORT_PERIOD", "all")) : "all";
}

// The first whole second at or after `time`. Records only have whole seconds.
absl::Time WholeSecondFrom(absl::Time time) {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), absl::Seconds(1));
}

}  // namespace

absl::StatusOr<Period> RequestedPeriod(const CommandContext& context, bool for_message) {
  const Flags& flags = context.flags;
  Period period;
  if (flags.since.has_value()) {
    const absl::StatusOr<absl::Time> since =
        ParseTime("--since", *flags.since, context.now, context.zone);
    if (!since.ok()) return since.status();
    period.begin = WholeSecondFrom(*since);
  }
  if (flags.until.has_value()) {
    const absl::StatusOr<absl::Time> until =
        ParseTime("--until", *flags.until, context.now, context.zone);
    if (!until.ok()) return until.status();
    period.end = WholeSecondFrom(*until);
  }
  if (period.begin > period.end) {
    return absl::InvalidArgumentError("--until: is before --since");
  }
  if (period.begin == period.end) {
    return absl::InvalidArgumentError(
        "--until: is the same time as --since, so nothing is between them; a day ends when the "
        "next one begins");
  }
  if (flags.since.has_value() || flags.until.has_value()) return period;
  const std::string name = PeriodName(context, for_message);
  if (name == kSinceLast) return period;
  return ParsePeriod(flags.period.has_value() ? "--period" : "REPORT_PERIOD", name, context.now,
                     context.zone);
}

void FillHeading(const CommandContext& context, const ReportRequest& request, Report& report) {
  report.period_name = request.period_name;
  report.time_zone = context.zone;
  // Of a time, what is known of its second.
  const std::optional<absl::Time>& at = request.options.processes.at;
  const bool is_of_moment = at.has_value() && request.period.is_all();
  FindOutside(is_of_moment ? Period{*at, *at + absl::Seconds(1)} : request.period, context.now,
              report);
  if (is_of_moment && *at > context.now) report.is_in_future = true;
  // Of a period that is over, what ended after the last run is missing, however short that time is.
  if (report.is_of_store && report.hosts.size() < 2 && !report.is_in_future &&
      request.period.end <= context.now && report.known.has_value() &&
      report.known->end < request.period.end) {
    report.records_end = report.known->end;
  }
  // An account of this machine says nothing about a fleet.
  if (report.fleet.has_value()) {
    report.departments.unused.clear();
    return;
  }
  FindAccounts(context, report.unmatched);
  // A list of thousands is of many machines. Those whose names are near others come first.
  constexpr size_t kMostLookedUp = 20;
  std::vector<aggregate::Unmatched>& unused = report.departments.unused;
  if (unused.size() > kMostLookedUp) unused.resize(kMostLookedUp);
  FindAccounts(context, unused);
}

absl::StatusOr<ReportRequest> MakeReportRequest(const CommandContext& context, bool for_message) {
  if (const std::optional<std::string>& chart = context.flags.chart; chart.has_value()) {
    if (absl::Status status = CheckChartPath(*chart); !status.ok()) return status;
    if (IsStandardOutput(*chart) && context.flags.format != Format::kTable) {
      return absl::InvalidArgumentError(
          "--chart: standard output takes either the picture or --format");
    }
    if (IsStandardOutput(*chart) && (context.flags.wide || !context.flags.columns.empty())) {
      return absl::InvalidArgumentError(
          absl::StrCat(context.flags.wide ? "--wide" : "--columns",
                       ": is for the table, and standard output takes the picture of --chart "
                       "instead; leave one of the two out"));
    }
  }
  ReportRequest request;
  absl::StatusOr<Period> period = RequestedPeriod(context, for_message);
  if (!period.ok()) return period.status();
  request.period = *period;
  request.period_name = PeriodName(context, for_message);
  request.since_last = request.period_name == kSinceLast;
  request.options.compare_with =
      aggregate::StoredPeriodBefore(request.period_name, *period, context.now, context.zone);
  request.before_in_files =
      aggregate::PeriodBefore(request.period_name, *period, context.now, context.zone);

  absl::StatusOr<Grouping> by = ParseGrouping(context.flags.by);
  if (!by.ok()) return by.status();
  request.options.by = *std::move(by);
  absl::StatusOr<aggregate::Departments> departments =
      AskedDepartments(context, request.options.by);
  if (!departments.ok()) return departments.status();
  request.options.departments = *std::move(departments);
  if (context.flags.sort.has_value()) {
    const absl::StatusOr<SortOrder> sort = ParseSortOrder(*context.flags.sort);
    if (!sort.ok()) return sort.status();
    if (*sort == SortOrder::kTime && !HasTime(request.options.by)) {
      return absl::InvalidArgumentError(
          "--sort: the rows have no time; add day, week or month to --by, or sort by another key");
    }
    request.options.sort = *sort;
  } else if (HasTime(request.options.by)) {
    // A series in order of time; --top selects the busiest.
    request.options.sort = SortOrder::kTime;
    request.options.top_by = SortOrder::kCpu;
  }
  request.compares = context.flags.compare || request.options.sort == SortOrder::kChange;
  if (absl::Status status = CheckComparison(context, request); !status.ok()) return status;
  absl::StatusOr<aggregate::ProcessChoice> processes = AskedProcesses(context);
  if (!processes.ok()) return processes.status();
  request.options.processes = *std::move(processes);
  request.options.only_groups = context.flags.groups;
  request.options.only_people = context.flags.people;
  const absl::StatusOr<absl::Duration> min_cpu = AskedMinCpu(context.flags);
  if (!min_cpu.ok()) return min_cpu.status();
  request.options.min_cpu =
      acct::Ticks(static_cast<uint64_t>(absl::ToInt64Seconds(*min_cpu)) * acct::kTicksPerSecond);
  request.options.top = context.flags.top;
  request.options.only_users = context.flags.users;
  request.options.only_commands = context.flags.commands;
  if (context.flags.ignored_users.has_value()) {
    request.options.ignored_users = *context.flags.ignored_users;
    request.options.names_ignored_users = true;
  } else if (for_message && context.flags.users.empty()) {
    request.options.ignored_users = IgnoredUsers(context.config);
  }
  // An empty --ignore-user leaves out nobody.
  const bool may_leave_out =
      !context.flags.ignored_users.has_value() || !context.flags.ignored_users->empty();
  if (for_message && context.flags.users.empty() && may_leave_out) {
    const absl::StatusOr<bool> include =
        ParseYesNo("INCLUDE_UNKNOWN_USERS", context.config.GetOr("INCLUDE_UNKNOWN_USERS", "no"));
    if (!include.ok()) return include.status();
    request.options.leave_out_unknown_users = !*include;
  }
  return request;
}

absl::Status CheckStoreIsThere(const aggregate::SnapshotStore& store) {
  const absl::StatusOr<bool> exists = store.Exists();
  if (!exists.ok()) return exists.status();
  if (*exists) return absl::OkStatus();
  if (absl::Status status = store.CheckIsNotOfSeveral(); !status.ok()) return status;
  return absl::NotFoundError(
      absl::StrCat(store.directory(),
                   ": there is no store here; `cpuagg collect` makes one, and --store or "
                   "STORE says where it is"));
}

absl::Status CheckHasCollected(const CommandContext& context,
                               const aggregate::StoreReport& report) {
  if (report.last_run > 0) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat(context.StoreDirectory(),
                   ": nothing has been collected into this store yet; if `cpuagg collect` finds "
                   "nothing, check whether process accounting is on (`accton`)"));
}

notify::Outbox OutboxOf(const aggregate::SnapshotStore& store) {
  return notify::Outbox(store.directory() + "/outbox");
}

std::vector<std::string> NamedIgnoredUsers(const CommandContext& context) {
  if (!context.config.Get("IGNORED_USERS").has_value()) return {};
  std::vector<std::string> names = IgnoredUsers(context.config);
  const std::vector<std::string> defaults = SplitList(kIgnoredByDefault);
  std::erase_if(names, [&](const std::string& name) {
    // Several names without a comma between them are a fault that `check` explains.
    return name.empty() || name.find_first_of(" \t;:") != std::string::npos ||
           std::find(defaults.begin(), defaults.end(), name) != defaults.end();
  });
  return names;
}

absl::Status OfferPeriod(absl::Status status, const std::vector<std::string>& files,
                         const CommandContext& context) {
  if (!absl::IsNotFound(status)) return status;
  for (const std::string& file : files) {
    std::error_code ignored;
    const std::string name = absl::AsciiStrToLower(file);
    if (std::filesystem::exists(file, ignored) ||
        !aggregate::NamedPeriod(name, context.now, context.zone).has_value()) {
      continue;
    }
    return absl::NotFoundError(
        absl::StrCat(status.message(), "; did you mean --period ", name, "?"));
  }
  return status;
}

absl::StatusOr<aggregate::StoreReport> BuildStoreReport(const CommandContext& context,
                                                        const ReportRequest& request) {
  const aggregate::SnapshotStore store(context.StoreDirectory());
  if (const absl::Status there = CheckStoreIsThere(store); !there.ok()) return there;
  aggregate::StoreOptions from{.now = context.now};
  if (request.since_last) {
    const absl::StatusOr<notify::OutboxState> memory = OutboxOf(store).LoadState();
    if (!memory.ok()) return memory.status();
    from.after_run = memory->last_reported_run;
  }
  std::unique_ptr<aggregate::UserDirectory> names;
  if (context.flags.passwd.has_value()) {
    absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> loaded =
        context.UserNames(kNamesOfReports);
    if (!loaded.ok()) return loaded.status();
    names = *std::move(loaded);
    from.names = names.get();
  }
  absl::StatusOr<aggregate::StoreReport> result =
      aggregate::ReportFromStore(store, request.period, context.zone, from, request.options);
  if (!result.ok()) return result.status();
  const absl::StatusOr<std::string> host = HostOfStore(context, result->report.host);
  if (!host.ok()) return host.status();
  FillHeading(context, request, result->report);
  SetHost(*host, result->report);
  result->report.source = absl::StrCat("the store ", store.directory());
  return result;
}

}  // namespace cpuagg::tools
