// Report: who, or what, used the CPU in a period, as the one value that every output renders.

#ifndef CPUAGG_AGGREGATE_REPORT_REPORT_H_
#define CPUAGG_AGGREGATE_REPORT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

// The fields of dimensions that the report does not tell apart mean nothing.
struct ReportRow {
  acct::Uid uid = {};
  // Bytes as the directory has them; nullopt for a user without an account.
  std::optional<std::string> user = std::nullopt;
  // Without a name because it is not known yet, so that there may well be an account.
  bool is_unresolved = false;
  acct::Gid gid = {};
  std::optional<std::string> group = std::nullopt;
  // Any bytes but zero; nullopt for several that are not known one by one.
  std::optional<std::string> command = "";
  uint32_t tty = 0;   // a device number as in ac_tty; 0 for none
  int64_t begin = 0;  // of the hour or day, in seconds since 1970
  // Of which time the row is, if not of just that hour or day, as the store does not know it.
  std::optional<Period> stretch = std::nullopt;
  Usage usage = {};
  // The CPU time in the period before; set if the report has a comparison.
  std::optional<acct::ExactTime> previous_cpu = std::nullopt;
};

// Most first; names, ids and times from the first on.
enum class SortOrder {
  kCpu,
  kUserTime,
  kSystemTime,
  kProcesses,
  kElapsed,
  kLargest,  // the CPU time of the largest process
  kMemory,   // mean per process
  kName,     // as the rows are labelled, but times last
  kId,       // by uid, gid and so on, but times last
  kTime,     // of hours and days; then by CPU time
};

// Rows that are not shown, together.
struct RowGroup {
  uint64_t rows = 0;
  Usage usage;
  std::optional<acct::ExactTime> previous_cpu;  // as in ReportRow
};

// Users that are not part of the report, together.
struct UserGroup {
  uint64_t users = 0;
  Usage usage;
};

// A time in which records may have been written that nobody has read.
struct Gap {
  Period period;
  std::string reason;
  // It is not over: Report::accounting_off says the same.
  bool goes_on = false;
};

// The kernel does not write to the accounting file, it seems.
struct AccountingOff {
  absl::Time since;    // infinite if it is not known to have ever done so
  std::string remedy;  // what is known, and what can be done
};

// The period before, of the same choice of users and commands.
struct Comparison {
  Period period;
  // Of all rows that it would have, also of those that this period has not.
  acct::ExactTime cpu;
  // As of the report.
  Usage unnamed_commands = {};
  // The times in it of which not all records have been read.
  std::vector<Period> unknown = {};
};

// Adds what of `time` is in the period of `previous` to its unknown times.
void AddUnknown(const Period& time, Comparison& previous);

struct Report {
  std::string host;
  // What the numbers come from, for people: "testdata/lab/pacct", "store /var/lib/cpuagg".
  std::string source;
  // What the period is called: "day", "all"; empty for one given by its ends.
  std::string period_name;
  // Of which time all that ended in it is counted, and nothing else: what was asked for where that
  // has ends, else the span of what was found. Both ends infinite if nothing was asked for and
  // nothing found.
  Period period;
  // What was asked for, if that is less: the store keeps no shorter times
  // (aggregate/buckets/blocks.h).
  std::optional<Period> asked_period;
  absl::TimeZone time_zone = absl::UTCTimeZone();
  // Names this report in a message, so that a repeated one is recognised.
  std::string id;

  Grouping by = {Dimension::kUser};  // what the rows tell apart
  // In which order the rows are, and by which they were chosen where there are `remaining_rows`.
  SortOrder sort = SortOrder::kCpu;
  SortOrder top_by = SortOrder::kCpu;
  std::vector<ReportRow> rows;
  RowGroup remaining_rows;   // those that were not chosen
  UserGroup excluded_users;  // by name or for want of one; not part of `totals`
  Usage totals;              // rows and remaining rows
  // None where the rows are hours or days, which have no counterpart, or where nothing is known.
  std::optional<Comparison> previous;

  std::vector<acct::ByteAccount> inputs;
  // Of which time the source has records, in or out of the period: from the first process to the
  // last, or to the run that collected last. nullopt if there are none at all.
  std::optional<Period> known;
  // What of the period that was asked for is not in that; see FindOutside().
  std::optional<absl::Time> records_begin;
  std::optional<absl::Time> records_end;
  // Files of the source that are not read, and why: "pacct.2: is a directory".
  std::vector<std::string> unread;
  // The users and commands that the report is about, as they were asked for; empty for all.
  std::vector<std::string> only_users;
  std::vector<std::string> only_commands;
  // Those of them that are not in the period.
  std::vector<Unmatched> unmatched;
  std::vector<Gap> gaps;
  // When the source was looked at last, whatever the period is.
  std::optional<AccountingOff> accounting_off;
  // Processes that run have been left out, although the source could have them.
  bool excludes_running = false;
  // It is from a store, which collects records, and has processes that run as well.
  bool is_of_store = false;
  // What `unread` names may hold records that belong here, which nobody may read.
  bool has_unreadable = false;
  // The period that was asked for has not begun yet; see FindOutside().
  bool is_in_future = false;
  // What the users of the report used by commands that the source does not know one by one, where
  // commands are told apart or chosen from: each may have as much more than its row says.
  Usage unnamed_commands;
  bool knows_all_commands() const {
    return unnamed_commands.processes == 0 && unnamed_commands.cpu_time() == acct::ExactTime();
  }

  // The row's part of the total CPU time, 0 to 1; 0 where nobody used any.
  double ShareOf(const Usage& usage) const;
  // What the totals were in the period before, as in ReportRow.
  std::optional<acct::ExactTime> previous_cpu() const {
    return previous.has_value() ? std::optional(previous->cpu) : std::nullopt;
  }
  // How many rows there are, shown or not.
  uint64_t row_count() const { return rows.size() + remaining_rows.rows; }
};

struct ReportOptions {
  Grouping by = {Dimension::kUser};
  SortOrder sort = SortOrder::kCpu;
  size_t top = 0;  // 0: all rows are shown
  // Whose first `top` rows are shown, in the order of `sort`: that one if there is none, so that
  // the busiest hours can be shown in the order of time.
  std::optional<SortOrder> top_by = std::nullopt;
  // Names, or ids in digits.
  std::vector<std::string> only_users = {};  // empty: everybody
  std::vector<std::string> ignored_users = {};
  // They have been named for this report, so that one of them who is nobody may be misspelt.
  bool names_ignored_users = false;
  // Those without an account; who may have one, of unresolved rows, stays.
  bool leave_out_unknown_users = false;
  // Shell patterns as of fnmatch(3); empty: every command.
  std::vector<std::string> only_commands = {};
  // What the report is compared with, if the source knows it.
  std::optional<Period> compare_with = std::nullopt;

  // Whether some users or commands are left out.
  bool chooses_users() const {
    return !only_users.empty() || !ignored_users.empty() || leave_out_unknown_users;
  }
  bool chooses() const { return chooses_users() || !only_commands.empty(); }
};

// Takes rows one by one and keeps those that a report shows, so that millions of them need little
// memory and no names.
class RowSelection {
 public:
  // By what `options` say of the order and of how many.
  explicit RowSelection(const ReportOptions& options)
      : by_(options.by),
        sort_(options.sort),
        top_by_(options.top_by.value_or(options.sort)),
        top_(options.top) {}

  // Whether a row of this usage is surely not among those that are shown, so that AddBehind() does
  // as well as Add().
  bool IsBehind(const Usage& usage) const;
  void AddBehind(const Usage& usage, std::optional<acct::ExactTime> previous_cpu = std::nullopt);
  void Add(ReportRow row);

  // Fills `report.by`, `sort`, `top_by`, `rows`, `remaining_rows` and `totals`. Call once, after
  // the last row. Equal rows are ordered by id, so a report of the same usage is always the same.
  void Finish(Report& report);

 private:
  void Cut();

  Grouping by_;
  SortOrder sort_;
  SortOrder top_by_;
  size_t top_;
  std::vector<ReportRow> rows_;
  RowGroup behind_;
  absl::uint128 least_key_ = 0;  // of rows that may still be shown
};

// The indices of `report.rows` in the order in which they are chosen: who shows fewer takes the
// first of them.
std::vector<size_t> ByChoice(const Report& report);

// Sets `report.records_begin` if `asked` begins before what is known to the report, `records_end`
// if it goes on for more than an hour after that, up to `now`, and `is_in_future` if it has not
// begun yet. A report of all that a file has is complete, whenever that ends; one of a store goes
// up to now.
void FindOutside(const Period& asked, absl::Time now, Report& report);

// Says of `report` that accounting is off at `now`, with a gap if `asked` has some of that time.
void SetAccountingOff(AccountingOff off, const Period& asked, absl::Time now, Report& report);

// What rows have to tell apart for FillRows() to do what `options` ask: `options.by`, and users and
// commands if they are chosen from.
Grouping GroupingFor(const ReportOptions& options);

// Chooses, sorts, cuts and sums `rows`, which tell GroupingFor(options) apart, into `report.rows`,
// `remaining_rows`, `excluded_users`, `unmatched` and `totals`. With `previous_rows`, which tell
// the same apart in `options.compare_with`, fills in the comparison as well. Users and groups who
// used something only then have rows of no usage, unless there would be no other rows or not all is
// known.
void FillRows(std::vector<ReportRow> rows, const ReportOptions& options, Report& report,
              std::optional<std::vector<ReportRow>> previous_rows = std::nullopt);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_REPORT_H_
