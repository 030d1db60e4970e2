// The steps by which rows of usage become those of a report: choosing users and commands, joining
// rows, and comparing them with those of the period before.

#ifndef CPUAGG_AGGREGATE_REPORT_ROW_CHOICE_H_
#define CPUAGG_AGGREGATE_REPORT_ROW_CHOICE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

RowFilter FilterOf(const ReportOptions& options);
UnmatchedFinder FinderOf(const ReportOptions& options);
void AddRows(const std::vector<ReportRow>& rows, UnmatchedFinder& finder);

// The processes of the rows of chosen users and commands.
uint64_t ProcessesOf(const RowFilter& filter, const std::vector<ReportRow>& rows);

// Removes rows of users and commands that were not requested, and returns those of excluded users.
// Adds the chosen users' usage by commands without a name to `unnamed_commands`.
std::vector<ReportRow> Choose(const RowFilter& filter, std::vector<ReportRow>& rows,
                              Usage& unnamed_commands);

// Whether the user of `row` has no account, as far as is known.
bool IsWithoutAccount(const ReportRow& row);

// Sets the departments of the rows, which are of users.
void SetDepartments(const ReportOptions& options, std::vector<ReportRow>& rows);

// Clears the fields of dimensions that are in GroupingFor() but not in `by`.
void ClearOthers(const Grouping& by, ReportRow& row);

// The values of a row in the dimensions but time. Times have no counterpart in another period.
using CounterpartId =
    std::tuple<std::string, std::optional<acct::Uid>, std::optional<std::string>,
               std::optional<acct::Gid>, std::optional<std::string>, std::optional<uint32_t>,
               std::optional<uint32_t>, std::optional<std::string>>;

// With `users_by_name`, a user is known by the name, and by the id only without one: ids differ
// between hosts. Otherwise by both, since one host uses ids again.
CounterpartId CounterpartIdOf(const ReportRow& row, const Grouping& by, bool users_by_name);

// The chosen rows of the period before.
struct PreviousRows {
  std::map<CounterpartId, ReportRow> rows;
  Usage total;
  Usage unnamed_commands;

  // Chooses among `more`, and adds them. Keeps the fields of `options.by`.
  void Add(std::vector<ReportRow> more, const ReportOptions& options, bool users_by_name);
};

// Sets `report.previous`, and the previous usage of `rows`, which have the dimensions `options.by`.
// Rows with previous usage only are added, if no usage by commands without a known name may be
// missing.
void Compare(PreviousRows previous, const ReportOptions& options, bool users_by_name,
             std::vector<ReportRow>& rows, Report& report);

// Sorts and cuts `rows` into `report.rows` and `remaining_rows`, and sums them up.
void SelectRows(std::vector<ReportRow> rows, const ReportOptions& options, Report& report);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_ROW_CHOICE_H_
