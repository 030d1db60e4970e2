// RecordFilter: which records were asked for, and what is to be said of those that were not found.
//
//   RecordFilter filter({.users = {"alice"}}, period, names);
//   if (filter.Takes(record)) ...
//   filter.Findings().unmatched

#ifndef CPUAGG_AGGREGATE_REPORT_RECORD_FILTER_H_
#define CPUAGG_AGGREGATE_REPORT_RECORD_FILTER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/units.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/tally/process_choice.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

// Made for millions of records: each user's name is asked for once, and none if users and commands
// are not chosen from.
class RecordFilter {
 public:
  // Takes what ended in `period`, of the users and commands of `choice` and the processes of
  // `processes`. `names` must outlive this object.
  RecordFilter(const RowFilter::Choice& choice, const ProcessChoice& processes,
               const Period& period, UserDirectory& names);

  // Call with every record. `Record` is a RecordV3View or a RecordView.
  template <typename Record>
  bool Takes(const Record& record) {
    const int64_t end = record.end_hundredths() / 100;
    // A clock that was never set says 1970, which does not show when the records begin.
    if (end >= int64_t{acct::kEarliestBegin}) ends_.Cover(end, end);
    if (!TakesTime(end) || !TakesChoice(record)) return false;
    const bool takes = takes_all_processes_ || processes_.Takes(record);
    ++(takes ? taken_ : other_processes_);
    if (!takes) without_ids_ += !std::optional<uint32_t>(record.pid()).has_value();
    return takes;
  }

  // What the records do not show, as of a report of them: `period`, `known`, `unmatched`, and in
  // `remaining_rows` how many there are of the period, users and commands; if none, what there is
  // of users who were left out.
  Report Findings() const;

  // How many records were taken, and how many were not for their processes alone.
  uint64_t taken() const { return taken_; }
  uint64_t other_processes() const { return other_processes_; }
  // How many of the latter have no process ids, so that no choice by them takes them.
  uint64_t without_ids() const { return without_ids_; }

 private:
  struct User {
    std::optional<std::string> name;
    RowFilter::User choice = RowFilter::User::kNotAsked;
  };

  bool TakesTime(int64_t end) const {
    return period_.is_all() || period_.Contains(absl::FromUnixSeconds(end));
  }
  template <typename Record>
  bool TakesChoice(const Record& record) {
    if (takes_all_choices_) return true;
    const RowFilter::User choice = ChoiceOf(record.uid(), record.raw_command());
    if (choice == RowFilter::User::kIgnored) {
      ignored_users_.insert(record.uid());
      ignored_.Add(record, record.elapsed_ticks());
    }
    return choice == RowFilter::User::kTaken;
  }
  // kNotAsked for commands that were not asked for.
  RowFilter::User ChoiceOf(acct::Uid uid, absl::Span<const uint8_t> raw_command);
  const User& UserOf(acct::Uid uid);

  RowFilter filter_;
  Period period_;
  UserDirectory& names_;
  UnmatchedFinder finder_;
  bool takes_all_choices_;
  ProcessChoice processes_;
  bool takes_all_processes_;
  absl::flat_hash_map<acct::Uid, User> users_;
  TimeSpan ends_;  // of all records with a plausible clock
  uint64_t taken_ = 0;
  uint64_t other_processes_ = 0;
  uint64_t without_ids_ = 0;
  // Of users who were left out.
  absl::flat_hash_set<acct::Uid> ignored_users_;
  Usage ignored_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_RECORD_FILTER_H_
