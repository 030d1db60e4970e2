#include "aggregate/running/accounting_state.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "acct/kernel/accounting_pause.h"
#include "acct/scan/other_file.h"

namespace cpuagg::aggregate {
namespace {

using Kind = AccountingState::Kind;

// The kernel computes the begin of a process from its end, and rounds twice.
constexpr absl::Duration kRounding = absl::Seconds(2);

// An idle machine may write nothing for this long, and a copy may be this old.
constexpr absl::Duration kLong = absl::Hours(1);

// Whether a file that never had a record of ours has not been written to for too long.
bool IsSilent(const AccountingEvidence& evidence) {
  if (evidence.is_vouched_for) return false;
  if (evidence.last_end == absl::InfinitePast()) return !evidence.holds_other_bytes;
  if (!evidence.is_for_this_machine) return false;
  return evidence.last_end + kLong < evidence.now ||
         (evidence.booted_at.has_value() && evidence.last_end < *evidence.booted_at);
}

AccountingState StateOf(const AccountingEvidence& evidence) {
  const AccountingState& before = evidence.before;
  if (!evidence.has_probe.has_value()) return before;
  if (*evidence.has_probe) return {.kind = Kind::kOn};
  AccountingState state;
  if (before.kind == Kind::kOn || before.kind == Kind::kOff) {
    // This run may be outside of the file's namespace, so that it leaves no record there.
    if (evidence.is_vouched_for && evidence.last_end + kLong >= evidence.now) {
      return {.kind = Kind::kOn};
    }
    state.kind = Kind::kOff;
    state.since = before.kind == Kind::kOn ? evidence.before_at : before.since;
    if (evidence.is_vouched_for) state.since = std::min(state.since, evidence.last_end);
  } else if (IsSilent(evidence)) {
    state.kind = Kind::kSilent;
    state.since = evidence.last_end;
  }
  if (state.seems_off() && evidence.new_ends.has_value()) {
    state.since = std::max(state.since, evidence.new_ends->end);
  }
  state.since = std::min(state.since, evidence.now);
  return state;
}

}  // namespace

AccountingFinding JudgeAccounting(const AccountingEvidence& evidence) {
  AccountingFinding finding{.state = StateOf(evidence)};
  const AccountingState& before = evidence.before;
  if (!before.seems_off() || !evidence.new_ends.has_value()) return finding;
  // If a file never had a record of ours, it is unknown whether any are missing.
  const bool is_this_machines = before.kind == Kind::kOff || finding.state.kind == Kind::kOn;
  // Records from before that run were not in the file that it checked, so it was another file.
  const bool was_off = evidence.new_ends->begin + kRounding >= evidence.before_at;
  if (is_this_machines && was_off && before.since != absl::InfinitePast()) {
    finding.gap = {before.since,
                   std::max({before.since, evidence.before_at, evidence.new_ends->begin})};
  }
  return finding;
}

std::string OtherFileRemedy(const std::string& file) {
  return absl::StrCat(file,
                      ": holds no accounting records; name the file that the kernel writes to with "
                      "--accounting-file or ACCOUNTING_FILE");
}

std::string AccountingRemedy(const std::string& file, const std::string& limits) {
  if (acct::HoldsNoRecord(file)) return OtherFileRemedy(file);
  const std::string nothing = absl::StrCat(file, " has no record of a process that has just ended");
  const absl::StatusOr<acct::FreeSpace> space = acct::FreeSpaceOf(file, limits);
  if (space.ok() && space->may_be_paused()) {
    const auto percent = [](uint64_t hundredths) {
      return absl::StrFormat("%d.%02d %%", hundredths / 100, hundredths % 100);
    };
    return absl::StrCat(nothing, "; its file system is full (", percent(space->free),
                        " free): the kernel pauses accounting below ", space->pauses_below / 100,
                        " % and resumes at ", space->goes_on_at / 100, " %, so make room there");
  }
  // The command may be typed in another directory.
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(file, failed);
  return absl::StrCat(
      nothing, "; turn accounting on (accton ", failed ? file : absolute.string(),
      ", package acct), unless this is a copy, or the kernel writes to another file "
      "(--accounting-file)");
}

}  // namespace cpuagg::aggregate
