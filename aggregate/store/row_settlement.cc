#include "aggregate/store/row_settlement.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "acct/record/units.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {
namespace {

// The rows of one user and one bucket, in the order in which time is taken from them.
void BalanceTimes(const std::vector<ReportRow*>& rows, uint64_t TickSums::*ended,
                  int64_t Usage::*running) {
  const auto total = [&](const Usage& usage) {
    // Larger sums are saturated, and their parts are unknown.
    constexpr uint64_t kMost = std::numeric_limits<int64_t>::max() / 4;
    return static_cast<int64_t>(std::min(usage.ticks.*ended, kMost)) +
           std::clamp<int64_t>(usage.*running, -int64_t{kMost}, kMost);
  };
  int64_t missing = 0;
  for (ReportRow* row : rows) {
    const int64_t lacking = std::max<int64_t>(-total(row->usage), 0);
    row->usage.*running += lacking;
    missing += lacking;
  }
  for (ReportRow* row : rows) {
    const int64_t taken = std::min(missing, total(row->usage));
    row->usage.*running -= taken;
    missing -= taken;
  }
}

// The smallest running time for which the sum with `ended` is not negative.
int64_t LeastRunning(uint64_t ended) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  return -static_cast<int64_t>(std::min(ended, kMost));
}

}  // namespace

void BalanceCommands(std::vector<ReportRow>& rows) {
  std::map<std::tuple<int64_t, acct::Uid, std::optional<std::string>>, std::vector<ReportRow*>>
      users;
  for (ReportRow& row : rows) users[{row.begin, row.uid, row.user}].push_back(&row);
  for (auto& [user, commands] : users) {
    std::sort(commands.begin(), commands.end(), [](const ReportRow* a, const ReportRow* b) {
      return std::tuple(a->command.has_value(), b->usage.cpu_time()) <
             std::tuple(b->command.has_value(), a->usage.cpu_time());
    });
    BalanceTimes(commands, &TickSums::user, &Usage::running_user);
    BalanceTimes(commands, &TickSums::system, &Usage::running_system);
  }
}

void DropNegative(std::vector<ReportRow>& rows) {
  for (ReportRow& row : rows) {
    Usage& usage = row.usage;
    usage.running_user = std::max(usage.running_user, LeastRunning(usage.ticks.user));
    usage.running_system = std::max(usage.running_system, LeastRunning(usage.ticks.system));
  }
}

void SettleRunning(const RunningBaseline& baseline, const Grouping& by,
                   std::vector<ReportRow>& rows) {
  struct Left {
    int64_t user = 0;
    int64_t system = 0;
  };
  const bool by_user = Has(by, Dimension::kUser);
  const bool by_command = Has(by, Dimension::kCommand);
  std::map<std::pair<acct::Uid, std::optional<std::string>>, Left> left;
  for (const CountedProcess& process : baseline.processes) {
    Left& sum = left[{by_user ? process.uid : acct::Uid(),
                      by_command ? CommandText(process.command) : std::string()}];
    sum.user += static_cast<int64_t>(process.user_ticks);
    sum.system += static_cast<int64_t>(process.system_ticks);
  }
  std::vector<ReportRow*> latest_first;
  latest_first.reserve(rows.size());
  for (size_t i = rows.size(); i-- > 0;) latest_first.push_back(&rows[i]);
  std::stable_sort(latest_first.begin(), latest_first.end(),
                   [](const ReportRow* a, const ReportRow* b) { return a->begin > b->begin; });
  const auto settle = [](ReportRow& row, Left& sum) {
    const int64_t user = std::clamp<int64_t>(row.usage.running_user, 0, sum.user);
    const int64_t system = std::clamp<int64_t>(row.usage.running_system, 0, sum.system);
    sum.user -= user;
    sum.system -= system;
    row.usage.Settle(user, system);
  };
  for (ReportRow* row : latest_first) {
    if (row->command.has_value()) settle(*row, left[{row->uid, row->command}]);
  }
  // What is left of a user's commands belongs to those that are not kept by name.
  std::map<acct::Uid, Left> others;
  for (const auto& [key, sum] : left) {
    others[key.first].user += sum.user;
    others[key.first].system += sum.system;
  }
  for (ReportRow* row : latest_first) {
    if (!row->command.has_value()) settle(*row, others[row->uid]);
  }
}

}  // namespace cpuagg::aggregate
