// Whether the kernel writes to the accounting file: what a collect run finds out, and what that
// says about the time since the run before it.
//
// Each run ends a process of its own (acct/kernel/accounting_probe.h), and looks for its record. A
// file that has had such a record is the one that this kernel writes; if it has none any more,
// accounting is off, paused, or goes to another file, and what ended since is not known: a gap,
// until records come again. A file that never had one may be a copy, or another machine's, and then
// nothing is wrong with it. It is suspected only if it has not been written to for long.

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
    kOff,     // it came to an earlier run, and not any more
    kSilent,  // it never came, and nothing has been written for long
  };
  Kind kind = Kind::kUnknown;
  // Of kOff and kSilent: since when nothing is known to have been written (infinite if nothing ever
  // was), and what can be done.
  absl::Time since = absl::InfinitePast();
  std::string remedy;

  bool seems_off() const { return kind == Kind::kOff || kind == Kind::kSilent; }
  friend bool operator==(const AccountingState&, const AccountingState&) = default;
};

struct AccountingEvidence {
  absl::Time now;
  std::optional<absl::Time> booted_at;
  // What the run before found, and when.
  AccountingState before = {};
  absl::Time before_at = absl::InfinitePast();
  // Whether the record of the process that has just ended came; nullopt if none was ended, or
  // records do not tell.
  std::optional<bool> has_probe = std::nullopt;
  // The file should be this machine's: its processes are to be counted as well.
  bool is_for_this_machine = false;
  // Somebody vouches for the file, and for a /proc that need not be this process's. Records that
  // come then say that accounting is on, and only a long silence that it is off.
  bool is_vouched_for = false;
  // When the first and the last process of the records ended that have been read now.
  std::optional<Period> new_ends = std::nullopt;
  // The accounting file is not empty, although there has never been a record: it is another file.
  bool holds_other_bytes = false;
  // When the last one of all records ended; infinite if there has never been one.
  absl::Time last_end = absl::InfinitePast();
};

struct AccountingFinding {
  AccountingState state;  // without a remedy
  // A time without accounting that is over.
  std::optional<Period> gap = std::nullopt;
};

AccountingFinding JudgeAccounting(const AccountingEvidence& evidence);

// What can be done where `file` has no record of a process that has just ended: accounting is off,
// or paused since its file system is full, or it goes to another file. `limits` as of
// acct/kernel/accounting_pause.h.
std::string AccountingRemedy(const std::string& file, const std::string& limits);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_STATE_H_
