// Report: who used the CPU in a period, as the one value that every output renders.

#ifndef CPUAGG_AGGREGATE_REPORT_H_
#define CPUAGG_AGGREGATE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/input_account.h"
#include "acct/units.h"
#include "aggregate/period.h"
#include "aggregate/usage.h"

namespace cpuagg::aggregate {

struct ReportRow {
  acct::Uid uid;
  // Bytes as the directory has them; nullopt for a user without an account.
  std::optional<std::string> user;
  Usage usage;
};

// Users that have no row of their own, together.
struct UserGroup {
  uint64_t users = 0;
  Usage usage;
};

// A time in which records may have been written that nobody has read.
struct Gap {
  Period period;
  std::string reason;
};

struct Report {
  std::string host;
  // What the numbers come from, for people: "testdata/lab/pacct", "store /var/lib/cpuagg".
  std::string source;
  // What the period is called: "day", "all"; empty for one given by its ends.
  std::string period_name;
  // What was asked for where that has ends, else the span of what was found. Both ends infinite if
  // nothing was asked for and nothing found.
  Period period;
  absl::TimeZone time_zone = absl::UTCTimeZone();
  // Names this report in a message, so that a repeated one is recognised.
  std::string id;

  std::vector<ReportRow> rows;  // most CPU time first unless asked otherwise
  UserGroup others;             // behind the last row, by `top`
  UserGroup left_out;           // by name or for want of one; not part of `totals`
  Usage totals;                 // rows and others

  std::vector<acct::InputAccount> inputs;
  std::vector<Gap> gaps;

  // The row's part of the total CPU time, 0 to 1; 0 where nobody used any.
  double ShareOf(const Usage& usage) const;
  uint64_t users() const { return rows.size() + others.users; }
};

enum class SortOrder { kCpu, kUserTime, kSystemTime, kProcesses, kElapsed, kName, kUid };

struct ReportOptions {
  SortOrder sort = SortOrder::kCpu;
  size_t top = 0;  // 0: every user has a row
  // Names, or ids in digits.
  std::vector<std::string> only_users;  // empty: everybody
  std::vector<std::string> ignored_users;
  bool leave_out_unknown_users = false;
};

// Sorts, cuts and sums `users` into `report.rows`, `others`, `left_out` and `totals`. Equal rows
// are ordered by uid, so a report of the same usage is always the same.
void FillRows(std::vector<ReportRow> users, const ReportOptions& options, Report& report);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_H_
