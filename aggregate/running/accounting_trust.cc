#include "aggregate/running/accounting_trust.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "acct/record/exit_code.h"
#include "acct/scan/other_file.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {
namespace {

// The kernel computes the begin of a process from its end, and rounds twice.
constexpr int64_t kRoundedSeconds = 2;

// Whether the record could be the probe's, in any pid namespace.
bool IsLike(const acct::AccountingProbe& probe, const ProcessExit& exit) {
  return exit.command == CommandBitsOf(probe.command) && (exit.flags & acct::kForkFlag) != 0 &&
         exit.begin_time >= probe.begin_time - kRoundedSeconds &&
         exit.begin_time <= probe.end_time + kRoundedSeconds;
}

}  // namespace

void WatchFor(const acct::AccountingProbe& probe, BucketTotals& totals) {
  totals.watched_pids.insert(probe.pid);
  totals.watched_command = CommandBitsOf(probe.command);
  totals.watched_since = probe.begin_time - kRoundedSeconds;
}

bool HasRecordOf(const acct::AccountingProbe& probe, const std::vector<ProcessExit>& exits) {
  return std::any_of(exits.begin(), exits.end(),
                     [&](const ProcessExit& exit) { return IsLike(probe, exit); });
}

std::vector<ProcessExit> BelievedExits(const acct::AccountingProbe& probe,
                                       std::vector<ProcessExit> exits,
                                       const std::function<bool()>& is_written_to) {
  const auto is_of_others = [&](const ProcessExit& exit) {
    return IsLike(probe, exit) && exit.pid != probe.pid;
  };
  const bool has_own = std::any_of(exits.begin(), exits.end(), [&](const ProcessExit& exit) {
    return IsLike(probe, exit) && exit.pid == probe.pid;
  });
  if (has_own || is_written_to == nullptr ||
      std::none_of(exits.begin(), exits.end(), is_of_others) || is_written_to()) {
    return exits;
  }
  std::erase_if(exits, is_of_others);
  return exits;
}

std::string WhyNotOf(const std::string& accounting_file, const acct::AccountingProbe& probe,
                     const acct::ProcessTable& table, const std::vector<ProcessExit>& exits) {
  bool has_another_pid = false;
  bool has_another_user = false;
  for (const ProcessExit& exit : exits) {
    if (!IsLike(probe, exit)) continue;
    if (exit.pid != probe.pid) {
      has_another_pid = true;
    } else if (exit.uid != probe.uid) {
      has_another_user = true;
    } else if (table.reader != probe.reader) {
      return "/proc is that of another pid namespace than cpuagg runs in: mount the right one "
             "(unshare --mount-proc), or name it with --proc";
    } else {
      return "";
    }
  }
  if (has_another_user) {
    return absl::StrCat(accounting_file,
                        " has the user ids of another user namespace (a container?): run cpuagg "
                        "outside of it");
  }
  if (has_another_pid) {
    return absl::StrCat(accounting_file,
                        " is written for another pid namespace (a container?): name the host's "
                        "/proc with --proc");
  }
  if (acct::HoldsNoRecord(accounting_file)) return OtherFileRemedy(accounting_file);
  return absl::StrCat(accounting_file,
                      ": has no record of a process that has just ended: accounting is off or "
                      "paused (accton on ",
                      accounting_file,
                      ", package acct; disk space), or the file is not this machine's");
}

std::string WhyNotOfNamed(const std::string& accounting_file, const acct::AccountingProbe& probe,
                          const acct::ProcessTable& table, const std::vector<ProcessExit>& exits) {
  const bool is_own = table.reader == probe.reader;
  const bool has_another_pid = std::any_of(
      exits.begin(), exits.end(),
      [&](const ProcessExit& exit) { return IsLike(probe, exit) && exit.pid != probe.pid; });
  const bool has_own_pid = std::any_of(exits.begin(), exits.end(), [&](const ProcessExit& exit) {
    return IsLike(probe, exit) && exit.pid == probe.pid;
  });
  if (!is_own || !has_another_pid || has_own_pid) return "";
  return absl::StrCat(accounting_file,
                      " is written for another pid namespace (that of the host of a container?), "
                      "and --proc names the /proc of this one: name the other's");
}

}  // namespace cpuagg::aggregate
