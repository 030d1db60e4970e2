// AccountingState: whether the kernel writes to the accounting file. A collect run finds that out,
// and concludes what is known about the time since the previous run.
//
// Each run ends a process of its own (acct/kernel/accounting_probe.h) and looks for its record. If
// a file has once had such a record, this kernel writes it. If the record is later missing,
// accounting is off or paused, or goes to another file. Usage since then is unknown: a gap, until
// records come again. A file that never had one may be a copy or belong to another machine; nothing
// is wrong with it. It is suspected only if nothing has been written to it for long.

#ifndef CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_STATE_H_
#define CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_STATE_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

struct AccountingState {
  enum class Kind {
    kUnknown,
    kOn,      // the record came
    kOff,     // an earlier run saw it, this one did not
    kSilent,  // no run saw it, and nothing has been written for long
  };
  Kind kind = Kind::kUnknown;
  // For kOff and kSilent: the time since when nothing is known to have been written (infinite if
  // nothing ever was), and what the user can do.
  absl::Time since = absl::InfinitePast();
  std::string remedy;

  // Whether a run has ever seen the kernel write the file: it is this machine's.
  bool was_on() const { return kind == Kind::kOn || kind == Kind::kOff; }
  bool seems_off() const { return kind == Kind::kOff || kind == Kind::kSilent; }
  friend bool operator==(const AccountingState&, const AccountingState&) = default;
};

struct AccountingEvidence {
  absl::Time now;
  std::optional<absl::Time> booted_at;
  // The finding of the previous run, and its time.
  AccountingState before = {};
  absl::Time before_at = absl::InfinitePast();
  // Whether the record of the process that has just ended came; nullopt if no process was ended, or
  // if records cannot tell.
  std::optional<bool> has_probe = std::nullopt;
  // The file should belong to this machine, because its running processes are to be counted too.
  bool is_for_this_machine = false;
  // The user vouches for the file and for a /proc that need not be this process's. Then accounting
  // counts as on if records come, and as off only after a long silence.
  bool is_vouched_for = false;
  // The first and the last end of a process among the records read now.
  std::optional<Period> new_ends = std::nullopt;
  // The accounting file is not empty although it never had a record: it is some other file.
  bool holds_other_bytes = false;
  // The last end of a process among all records; infinite if there never was one.
  absl::Time last_end = absl::InfinitePast();
};

struct AccountingFinding {
  AccountingState state;  // without a remedy
  // A time without accounting that is over now.
  std::optional<Period> gap = std::nullopt;
};

AccountingFinding JudgeAccounting(const AccountingEvidence& evidence);

// What the user can do if `file` has no record of a process that has just ended: accounting is off,
// or paused because its file system is full, or it goes to another file. `limits` is the path of
// acct/kernel/accounting_pause.h.
std::string AccountingRemedy(const std::string& file, const std::string& limits);

// The same if `file` holds something else. The kernel must not write to it.
std::string OtherFileRemedy(const std::string& file);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_STATE_H_
