#include "aggregate/report/host_rows.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/scan/byte_account.h"
#include "aggregate/report/capacity.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
namespace {

Period Hull(const Period& a, const Period& b) {
  return {.begin = std::min(a.begin, b.begin), .end = std::max(a.end, b.end)};
}

// The same, where an open end says that a host has nothing there.
void AddCounted(const Period& period, Period& sum) {
  if (period.begin != absl::InfinitePast()) {
    sum.begin =
        sum.begin == absl::InfinitePast() ? period.begin : std::min(sum.begin, period.begin);
  }
  if (period.end != absl::InfiniteFuture()) {
    sum.end = sum.end == absl::InfiniteFuture() ? period.end : std::max(sum.end, period.end);
  }
}

// Adds the usage of `row` to `sum`, a row of other hosts with the same key.
void JoinRow(ReportRow row, ReportRow& sum) {
  sum.usage += row.usage;
  if (row.uid != sum.uid || row.has_several_uids) {
    sum.has_several_uids = true;
    sum.uid = std::min(sum.uid, row.uid);
  }
  // A host that could not ask for the name says less than one that knows that there is none.
  sum.is_unresolved &= row.is_unresolved;
  if (row.stretch.has_value()) {
    sum.stretch = sum.stretch.has_value() ? Hull(*sum.stretch, *row.stretch) : row.stretch;
  }
}

// Adds the time that is not known of one machine to that of others, so that most_unknown() is at
// least the sum.
void AddCapacity(const Capacity& more, Capacity& sum) {
  const uint64_t unknown = sum.most_unknown().count() + more.most_unknown().count();
  sum.processors += more.processors;
  sum.busy += more.busy;
  sum.idle += more.idle;
  sum.stolen += more.stolen;
  sum.period_seconds = std::max(sum.period_seconds, more.period_seconds);
  const uint64_t per_second = uint64_t{sum.processors} * acct::kTicksPerSecond;
  const uint64_t seconds = per_second == 0 ? 0 : (unknown + per_second - 1) / per_second;
  sum.known_seconds = sum.period_seconds - std::min(sum.period_seconds, seconds);
}

std::optional<Capacity> SumOfCapacities(const std::vector<HostReport>& parts) {
  std::optional<Capacity> sum;
  for (const HostReport& part : parts) {
    if (!part.report.capacity.has_value()) return std::nullopt;
    if (sum.has_value()) {
      AddCapacity(*part.report.capacity, *sum);
    } else {
      sum = part.report.capacity;
    }
  }
  return sum;
}

// The accounts of damaged inputs, and one for all the others: a thousand stores of a month have
// read a million times.
void AddInputs(const std::string& host, std::vector<acct::ByteAccount> inputs,
               std::vector<acct::ByteAccount>& all) {
  acct::ByteAccount whole{.name = host};
  bool has_whole = false;
  for (acct::ByteAccount& input : inputs) {
    if (input.damaged() || input.repeated_bytes > 0) {
      input.name = absl::StrCat(host, ": ", input.name);
      all.push_back(std::move(input));
    } else {
      whole.Add(input);
      has_whole = true;
    }
  }
  if (has_whole) all.push_back(std::move(whole));
}

// The states of the hosts are in notes only if there are several. A report of one host says the
// same as that of its store by itself.
void KeepWhatIsOfOneHost(Report one, Report& report) {
  report.accounting_off = std::move(one.accounting_off);
  KeepWhatIsUnknown(std::move(one.previous), report.previous);
}

}  // namespace

void HostRows::AddUser(const ReportRow& row) {
  if (!row.user.has_value()) return;
  const auto [place, is_new] = ids_.try_emplace(*row.user, row.uid);
  if (!is_new && place->second != row.uid) users_with_several_ids_.insert(*row.user);
}

void HostRows::Add(const std::string& host, std::vector<ReportRow> rows,
                   std::optional<std::vector<ReportRow>> previous_rows,
                   const std::vector<ReportRow>& other_rows) {
  AddRows(rows, finder_);
  AddRows(other_rows, finder_);
  other_processes_ += ProcessesOf(filter_, other_rows);
  SetDepartments(options_, rows);
  for (const ReportRow& row : Choose(filter_, rows, unnamed_commands_)) {
    excluded_users_.emplace(row.user, row.user.has_value() ? acct::Uid() : row.uid);
    excluded_usage_ += row.usage;
    if (!IsWithoutAccount(row)) continue;
    without_account_.insert(row.uid);
    without_account_cpu_ += row.usage.cpu_time();
  }
  departments_.Add(options_, rows);
  const bool by_user = Has(options_.by, Dimension::kUser);
  const bool by_host = Has(options_.by, Dimension::kHost);
  const auto set_host = [&](std::vector<ReportRow>& some) {
    if (!by_host) return;
    for (ReportRow& row : some) row.host = host;
  };
  set_host(rows);
  for (ReportRow& row : rows) {
    if (by_user) AddUser(row);
    ClearOthers(options_.by, row);
    const auto [place, is_new] = rows_.try_emplace(
        Key(CounterpartIdOf(row, options_.by, /*users_by_name=*/true), row.begin), row);
    if (!is_new) JoinRow(std::move(row), place->second);
  }
  if (!previous_rows.has_value()) return;
  has_previous_ = true;
  set_host(*previous_rows);
  previous_.Add(*std::move(previous_rows), options_, /*users_by_name=*/true);
}

void HostRows::Finish(Report& report) {
  SetChoice(options_, report);
  report.unmatched = finder_.Found();
  report.departments = departments_.Found(options_);
  report.other_processes = other_processes_;
  report.unnamed_commands = std::move(unnamed_commands_);
  report.excluded_users = {.users = excluded_users_.size(),
                           .usage = std::move(excluded_usage_),
                           .unknown_users = without_account_.size(),
                           .unknown_cpu = without_account_cpu_};
  report.users_with_several_ids = {users_with_several_ids_.begin(), users_with_several_ids_.end()};
  std::vector<ReportRow> rows;
  rows.reserve(rows_.size());
  for (auto& [key, row] : rows_) rows.push_back(std::move(row));
  rows_.clear();
  options_.compare_with.reset();
  std::optional<Comparison> before;
  std::swap(before, report.previous);
  if (before.has_value()) options_.compare_with = before->period;
  if (has_previous_ && options_.compare_with.has_value() && !HasTime(options_.by)) {
    Compare(std::move(previous_), options_, /*users_by_name=*/true, rows, report);
  }
  KeepWhatIsUnknown(std::move(before), report.previous);
  SelectRows(std::move(rows), options_, report);
}

void JoinHosts(std::vector<HostReport> parts, const Period& asked, absl::Time now, Report& report) {
  std::sort(parts.begin(), parts.end(), [](const HostReport& a, const HostReport& b) {
    return std::tie(a.state.name, a.state.source) < std::tie(b.state.name, b.state.source);
  });
  report.capacity = SumOfCapacities(parts);
  report.is_of_store = !parts.empty();
  for (HostReport& part : parts) {
    Report& one = part.report;
    HostState& state = part.state;
    FindOutside(asked, now, one);
    state.records_begin = one.records_begin;
    state.records_end = one.records_end;
    state.is_widened = one.asked_period.has_value();
    if (one.accounting_off.has_value()) state.accounting_off_since = one.accounting_off->since;
    AddCounted(one.period, report.period);
    state.has_unknown_before =
        !one.previous.has_value() || !one.previous->unknown.empty() || one.previous->lacks_deleted;
    if (one.previous.has_value()) {
      const Period before = one.previous->period;
      report.previous = {
          .period = report.previous.has_value() ? Hull(report.previous->period, before) : before};
    }
    if (one.asked_period.has_value()) report.asked_period = one.asked_period;
    if (one.known.has_value()) {
      report.known = report.known.has_value() ? Hull(*report.known, *one.known) : one.known;
    }
    for (Gap& gap : one.gaps) {
      gap.host = state.name;
      report.gaps.push_back(std::move(gap));
    }
    AddInputs(state.name, std::move(one.inputs), report.inputs);
    for (std::string& file : one.unread) report.unread.push_back(std::move(file));
    report.has_unreadable |= one.has_unreadable;
    report.has_unequal_before |= one.has_unequal_before;
    report.excludes_running |= one.excludes_running;
    report.has_time_before_collecting |= one.has_time_before_collecting;
    report.is_of_store &= one.is_of_store;
    report.hosts.push_back(std::move(state));
  }
  if (report.has_unequal_before) report.previous.reset();
  if (parts.size() == 1) KeepWhatIsOfOneHost(std::move(parts[0].report), report);
  // What several hosts call by one name is told apart by their stores, so there is a single one.
  if (report.hosts.size() == 1) report.host = report.hosts[0].name;
}

}  // namespace cpuagg::aggregate
