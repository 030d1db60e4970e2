// HostRows: joins the rows of several hosts into those of one report.
//
//   HostRows rows(options);
//   rows.Add("web1", std::move(rows_of_web1));
//   rows.Add("web2", std::move(rows_of_web2));
//   rows.Finish(report);
//
// Users are the same on all hosts if they have the same name, and by their id if they have none.
// The order of the hosts does not matter.

#ifndef CPUAGG_AGGREGATE_REPORT_HOST_ROWS_H_
#define CPUAGG_AGGREGATE_REPORT_HOST_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "acct/record/units.h"
#include "aggregate/report/department_finder.h"
#include "aggregate/report/report.h"
#include "aggregate/report/row_choice.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

class HostRows {
 public:
  explicit HostRows(const ReportOptions& options)
      : options_(options), filter_(FilterOf(options)), finder_(FinderOf(options)) {}

  // Adds the rows of a host, which have the dimensions GroupingFor(options) without the host. The
  // other arguments are as those of FillRows(). Only rows that differ are kept, so that memory does
  // not grow with the number of hosts unless the rows are by host.
  void Add(const std::string& host, std::vector<ReportRow> rows,
           std::optional<std::vector<ReportRow>> previous_rows = std::nullopt,
           const std::vector<ReportRow>& other_rows = {});

  // Does what FillRows() does, with all rows. `report` is what JoinHosts() has made; its comparison
  // is filled in. Call once, after the last host.
  void Finish(Report& report);

 private:
  using Key = std::pair<CounterpartId, int64_t>;
  // Whether a value is absent rarely matters for telling keys apart.
  struct KeyHash {
    size_t operator()(const Key& key) const {
      const auto& [host, uid, user, gid, department, tty, signal, command] = key.first;
      return absl::HashOf(key.second, host, uid.value_or(acct::Uid()), user.value_or(""),
                          gid.value_or(acct::Gid()), department.value_or(""), tty.value_or(0),
                          signal.value_or(0), command.value_or(""));
    }
  };

  void AddUser(const ReportRow& row);

  ReportOptions options_;
  RowFilter filter_;
  UnmatchedFinder finder_;
  DepartmentFinder departments_;
  absl::flat_hash_map<Key, ReportRow, KeyHash> rows_;
  PreviousRows previous_;
  bool has_previous_ = false;
  Usage unnamed_commands_;
  Usage excluded_usage_;
  // Names, or ids without a name.
  std::set<std::pair<std::optional<std::string>, acct::Uid>> excluded_users_;
  std::set<acct::Uid> without_account_;
  acct::ExactTime without_account_cpu_;
  uint64_t other_processes_ = 0;
  absl::flat_hash_map<std::string, acct::Uid> ids_;
  std::set<std::string> users_with_several_ids_;
};

// A report of one host without rows: what it says besides them.
struct HostReport {
  HostState state;
  Report report;
};

// Fills in what `parts`, in any order, say together: the hosts, the counted and the known period,
// gaps, inputs and so on. Before that, `report` is empty. The capacity is the sum if all hosts have
// one. There is a comparison if any host has one, and none has an unequal period before. `asked`
// and `now` are those of FindOutside().
void JoinHosts(std::vector<HostReport> parts, const Period& asked, absl::Time now, Report& report);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_HOST_ROWS_H_
