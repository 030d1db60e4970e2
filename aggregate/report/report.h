// Report: which users, groups, commands and so on used the CPU in a period. All outputs render this
// one value.

#ifndef CPUAGG_AGGREGATE_REPORT_REPORT_H_
#define CPUAGG_AGGREGATE_REPORT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/names/departments.h"
#include "aggregate/report/capacity.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/host_state.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

// Only the fields of the report's dimensions are meaningful.
struct ReportRow {
  std::string host = {};  // empty if it is not known
  acct::Uid uid = {};
  // The user has, or may have, other ids on other hosts of the row; `uid` is the smallest if it is
  // known.
  bool has_several_uids = false;
  // In the directory's own bytes; nullopt for a user without an account.
  std::optional<std::string> user = std::nullopt;
  // The name is missing only because it is not known yet; there may well be an account.
  bool is_unresolved = false;
  acct::Gid gid = {};
  std::optional<std::string> group = std::nullopt;
  std::optional<std::string> department = "";  // nullopt for users without one
  // Any bytes but zero; nullopt for several commands that are not known separately.
  std::optional<std::string> command = "";
  uint32_t tty = 0;     // a device number as in ac_tty; 0 for none
  uint32_t signal = 0;  // that ended the process; 0 for none
  int64_t begin = 0;    // of the BucketUnit() of time, in seconds since 1970
  // The time that the row covers, if the store does not know exactly that hour, day, week or
  // month.
  std::optional<Period> stretch = std::nullopt;
  Usage usage = {};
  // The CPU time in the previous period; set if the report has a comparison.
  std::optional<acct::ExactTime> previous_cpu = std::nullopt;
};

// Largest first for amounts; ascending for names, ids and times.
enum class SortOrder {
  kCpu,
  kUserTime,
  kSystemTime,
  kProcesses,
  kElapsed,
  kLargest,  // the CPU time of the largest process
  kMemory,   // mean per process
  kMean,     // the mean CPU time of a process
  kMajorFaults,
  kChange,  // of the CPU time since the previous period: the largest growth first
  kName,    // by the row labels; times come last
  kId,      // by uid, gid and so on; times come last
  kTime,    // for dimensions of time; rows of the same time by CPU time
};

// The sum of the rows that are not shown.
struct RowGroup {
  uint64_t rows = 0;
  Usage usage;
  std::optional<acct::ExactTime> previous_cpu;  // as in ReportRow
};

// The sum of the users that are excluded from the report.
struct UserGroup {
  uint64_t users = 0;
  Usage usage;
  // Those of them without an account.
  uint64_t unknown_users = 0;
  acct::ExactTime unknown_cpu;
};

// A time during which records may have been written that cpuagg has not read.
struct Gap {
  Period period;
  std::string reason;
  // It is not over yet; Report::accounting_off describes it too.
  bool goes_on = false;
  // In a report of several hosts: whose records.
  std::string host = {};
};

// The kernel does not seem to write to the accounting file.
struct AccountingOff {
  absl::Time since;    // infinite if it is not known ever to have done so
  std::string remedy;  // what is known, and what the user can do
};

// The previous period, with the same choice of users and commands.
struct Comparison {
  Period period;
  // The sum of all rows of that period, including those that are missing from this report.
  acct::ExactTime cpu;
  // As Report::unnamed_commands.
  Usage unnamed_commands = {};
  // The parts of the period of which not all records have been read.
  std::vector<Period> unknown = {};
  // Somebody had usage of some users in the period deleted; the rest is known.
  bool lacks_deleted = false;
};

// Adds the part of `time` that is in the period of `previous` to its unknown times.
void AddUnknown(const Period& time, Comparison& previous);

// Moves what `before` says is missing to `compared`, a comparison with the same period that was
// made of rows. Nothing happens unless there are both.
void KeepWhatIsUnknown(std::optional<Comparison> before, std::optional<Comparison>& compared);

// Of a report by department: what its list lacks, or has in excess.
struct DepartmentUse {
  bool has_some = false;  // some user has a department
  // The users without one, as names or ids in digits, those with the most CPU time first.
  std::vector<std::string> users_without;
  std::vector<Unmatched> unused;  // the users of the list that do not appear in the report
  std::vector<std::pair<std::string, std::string>> differ_in_case;  // departments
};

struct Report {
  // Empty if it is not known of which machine the records are, or if they are of several.
  std::string host;
  // Of a report of several hosts: each of them, in the order of their names.
  std::vector<HostState> hosts;
  // Users who have another id on another host, by name.
  std::vector<std::string> users_with_several_ids;
  // Where the numbers come from, for people: "testdata/lab/pacct", "store /var/lib/cpuagg".
  std::string source;
  // The name of the period: "day", "all"; empty for one given by its ends.
  std::string period_name;
  // The report counts exactly the processes that ended in this period. It is the requested period;
  // an open end is replaced by the first or last time found. Infinite if nothing was requested and
  // nothing found.
  Period period;
  // The requested period, if it is shorter: the store cannot split it finer
  // (aggregate/buckets/blocks.h).
  std::optional<Period> asked_period;
  absl::TimeZone time_zone = absl::UTCTimeZone();
  // Identifies this report in a message, so that a repeated message is recognised.
  std::string id;

  Grouping by = {Dimension::kUser};  // the dimensions of the rows
  // The order of the rows, and the order by which they were chosen if there are `remaining_rows`.
  SortOrder sort = SortOrder::kCpu;
  SortOrder top_by = SortOrder::kCpu;
  std::vector<ReportRow> rows;
  acct::ExactTime min_cpu;   // rows with less are not chosen
  RowGroup remaining_rows;   // the rows that were not chosen
  UserGroup excluded_users;  // excluded by name, or because they have no account; not part of
                             // `totals`
  Usage totals;              // rows and remaining rows
  // Absent if the rows are times, which have no counterpart, or if nothing is known.
  std::optional<Comparison> previous;

  std::vector<acct::ByteAccount> inputs;
  // The time that the source has records for, inside or outside of the period: from the begin of
  // the first process to the end of the last, or to the last collect run. nullopt if there are no
  // records.
  std::optional<Period> known;
  // Set if the requested period begins before or ends after that; see FindOutside().
  std::optional<absl::Time> records_begin;
  std::optional<absl::Time> records_end;
  // Files of the source that were not read, and why: "pacct.2: is a directory".
  std::vector<std::string> unread;
  // The users and commands that the report was restricted to, as requested; empty for all.
  std::vector<std::string> only_users;
  std::vector<std::string> only_commands;
  // The other choices, as in ReportOptions.
  std::vector<std::string> only_groups;
  ProcessChoice processes;
  // How many processes of the chosen users and commands are not among `processes`.
  uint64_t other_processes = 0;
  // Those of the users and commands that do not appear in the period.
  std::vector<Unmatched> unmatched;
  DepartmentUse departments;
  std::vector<Gap> gaps;
  // The state of accounting when the source was last checked, whatever the period.
  std::optional<AccountingOff> accounting_off;
  // Whether there is no comparison because the store cannot count a period before that is as long.
  bool has_unequal_before = false;
  // Accounts of the system are left out, as in ReportOptions.
  bool only_people = false;
  // It is of processes that run, instead of those that ended.
  bool only_running = false;
  // Running processes are left out although the source could have them.
  bool excludes_running = false;
  // It includes the first run of the store, which counted what running processes had used until
  // then, whenever that was.
  bool has_time_before_collecting = false;
  // It is a report of a store, which collects records and also has running processes.
  bool is_of_store = false;
  // Files in `unread` could not be opened and may hold records of this report.
  bool has_unreadable = false;
  // The requested period has not begun yet; see FindOutside().
  bool is_in_future = false;
  // It begins with the current second, so that nothing can be in it yet.
  bool begins_now = false;
  // The usage of the report's users by commands that the source does not know separately, if the
  // report distinguishes or selects commands. Each command may have up to that much more than its
  // row says.
  Usage unnamed_commands;
  bool knows_all_commands() const {
    return unnamed_commands.processes == 0 && unnamed_commands.cpu_time() == acct::ExactTime();
  }

  // Set if the report is of many machines, or of one of them, as their engine knows it.
  std::optional<Fleet> fleet;
  Detail detail = Detail::kProcesses;

  // The most processors that the source has seen online; 0 if it has seen none.
  uint32_t processors = 0;
  // What the machine had in the period; absent if the source does not know, as for files.
  std::optional<Capacity> capacity;
  // How much of what was busy the report accounts for. Absent if the capacity is, if the report
  // chooses users or commands or leaves out what still runs, or if what is not known of the
  // capacity could change the share by a hundredth.
  std::optional<Coverage> coverage() const;
  // Whether the report has more CPU time than the machine can have had.
  bool exceeds_capacity() const;

  // The row's share of the total CPU time, 0 to 1; 0 if the total is zero.
  double ShareOf(const Usage& usage) const;
  // The total of the previous period, as in ReportRow.
  std::optional<acct::ExactTime> previous_cpu() const {
    return previous.has_value() ? std::optional(previous->cpu) : std::nullopt;
  }
  // The number of rows, shown or not.
  uint64_t row_count() const { return rows.size() + remaining_rows.rows; }
  // Whether anything was used. Rows may be only of those who used something in the previous period.
  bool has_usage() const;
};

struct ReportOptions {
  Grouping by = {Dimension::kUser};
  // For a grouping by department, the departments of the users.
  Departments departments = {};
  // kChange without a comparison is kCpu.
  SortOrder sort = SortOrder::kCpu;
  size_t top = 0;  // the number of rows to show; 0 for all
  // The order whose first `top` rows are shown; the rows themselves are in the order of `sort`. So
  // the busiest hours can be shown in the order of time. The default is `sort`.
  std::optional<SortOrder> top_by = std::nullopt;
  // Names, or ids in decimal digits.
  std::vector<std::string> only_users = {};  // empty: all users
  std::vector<std::string> ignored_users = {};
  // They were named for this report, so that a name without a user may be a typing error.
  bool names_ignored_users = false;
  // Leaves out users without an account. Unresolved users, who may have one, stay.
  bool leave_out_unknown_users = false;
  // Leaves out the accounts of the system (IsSystemAccount()).
  bool only_people = false;
  // Shell patterns for fnmatch(3); empty: all commands.
  std::vector<std::string> only_commands = {};
  // Only these processes, of a report from files. `only_groups` has the names of their groups, as
  // requested.
  ProcessChoice processes = {};
  std::vector<std::string> only_groups = {};
  // Rows with less CPU time are summed with those that `top` leaves out.
  acct::ExactTime min_cpu = {};
  // The period to compare with, if the source knows it.
  std::optional<Period> compare_with = std::nullopt;

  // Whether some users or commands are left out.
  bool chooses_users() const {
    return !only_users.empty() || !ignored_users.empty() || leave_out_unknown_users || only_people;
  }
  bool chooses() const { return chooses_users() || !only_commands.empty(); }
};

// Takes rows one by one and keeps only those that a report shows. So millions of rows need little
// memory and no names.
class RowSelection {
 public:
  // Uses the order, the number of rows and the least CPU time of `options`.
  explicit RowSelection(const ReportOptions& options)
      : by_(options.by),
        sort_(options.sort),
        top_by_(options.top_by.value_or(options.sort)),
        top_(options.top),
        min_cpu_(options.min_cpu) {}

  // Whether a row with this usage is certainly not shown. Then AddBehind() has the same effect as
  // Add().
  bool IsBehind(const Usage& usage) const;
  void AddBehind(const Usage& usage, std::optional<acct::ExactTime> previous_cpu = std::nullopt);
  void Add(ReportRow row);

  // Fills `report.by`, `sort`, `top_by`, `min_cpu`, `rows`, `remaining_rows` and `totals`. Call
  // once, after the last row. Equal rows are ordered by id, so the same usage always gives the same
  // report.
  void Finish(Report& report);

 private:
  void Cut();
  bool IsTooSmall(const Usage& usage) const { return usage.cpu_time() < min_cpu_; }

  Grouping by_;
  SortOrder sort_;
  SortOrder top_by_;
  size_t top_;
  acct::ExactTime min_cpu_;
  std::vector<ReportRow> rows_;
  RowGroup behind_;
  absl::uint128 least_key_ = 0;  // of the rows that may still be shown
};

// The indices of `report.rows` in the order in which rows are chosen. A rendering with fewer rows
// shows the first of them.
std::vector<size_t> ByChoice(const Report& report);

// Sets the host of `report`, whose records are of one machine, and that of its rows if they have
// one.
void SetHost(std::string host, Report& report);

// Sets `report.records_begin` if `asked` begins before the time that the report knows;
// `records_end` if `asked`, up to `now`, ends more than an hour after it, or if a report of a store
// has no rows and begins where that time ends; and `is_in_future` if `asked` has not begun yet, for
// which files have an end as well. A report of a whole file is complete whenever the file ends. A
// report of a store goes up to now.
void FindOutside(const Period& asked, absl::Time now, Report& report);

// Sets `report.accounting_off`, and adds a gap if `asked` includes part of that time. Accounting is
// off at `now`. A report of a time that ended before says nothing of it, unless that was within the
// last day: nobody else may tell the reader of yesterday's message.
void SetAccountingOff(AccountingOff off, const Period& asked, absl::Time now, Report& report);

// The dimensions that FillRows() needs for `options`: `options.by`, plus users and commands if the
// options select among them. A department is the sum of its users, so they are there instead of it.
Grouping GroupingFor(const ReportOptions& options);

// Sets the fields of `report` that say what was chosen: `only_users` and so on, and `processes`.
void SetChoice(const ReportOptions& options, Report& report);

// Selects, sorts, cuts and sums `rows` into `report.rows`, `remaining_rows`, `excluded_users`,
// `unmatched` and `totals`. `rows` have the dimensions GroupingFor(options). `previous_rows` have
// the same dimensions, for the period `options.compare_with`; if present, the comparison is filled
// in too. Users and groups with usage only in that period get rows without usage, unless there
// would be no other rows or not everything is known. `other_rows` are of the processes that
// `options.processes` leaves out: they are not in the report, but show which of the requested names
// exist.
void FillRows(std::vector<ReportRow> rows, const ReportOptions& options, Report& report,
              std::optional<std::vector<ReportRow>> previous_rows = std::nullopt,
              const std::vector<ReportRow>& other_rows = {});

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_REPORT_H_
