// Whether the kernel records what processes use, into the file that is read.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_CHECKS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/accounting_pause.h"
#include "acct/accounting_probe.h"
#include "tools/check/finding.h"
#include "tools/check/kernel.h"
#include "tools/check/record_tail.h"

namespace cpuagg::tools::check {

// "accounting_kernel".
Finding CheckKernel(const KernelFacts& kernel);

// What turns accounting on for `file` and keeps it on, for the programs that are there.
struct TurningOn {
  std::string accton;    // the path of the program; empty if it is not there
  std::string unit;      // of systemd, which turns it on at boot: "acct", "psacct"; empty for none
  std::string installs;  // "apt-get install acct", "dnf install psacct"
  std::string group;     // of those who read logs, and the service: "adm"; empty if there is none
};
TurningOn FindTurningOn();
// Adds them to `finding`. A file that is not there is made, as the packages of acct make it.
void AddMendsThatTurnOn(const std::string& file, const TurningOn& how, bool is_there,
                        Finding& finding);

struct AccountingFacts {
  std::string file;
  KernelFacts kernel;
  TurningOn turning_on;
  absl::Time now;
  bool is_proc_named = false;  // somebody vouches for the file: it may be another namespace's
  // The end of the file before and after a process has ended; `has_probe` of the latter counts.
  absl::StatusOr<RecordTail> before = absl::UnknownError("");
  absl::StatusOr<RecordTail> after = absl::UnknownError("");
  // Where its records may not be read: whether it grew all the same. nullopt if not even that can
  // be told.
  std::optional<bool> has_grown;
  absl::StatusOr<acct::FreeSpace> space = absl::UnknownError("");
};

// Lets a process end, and looks what comes of it.
AccountingFacts GatherAccounting(const std::string& file, bool is_proc_named, absl::Time now,
                                 const KernelFacts& kernel);

// "accounting_on", with the age of the last record.
Finding CheckAccountingOn(const AccountingFacts& facts);
// "accounting_space": the limits at which the kernel pauses.
Finding CheckAccountingSpace(const AccountingFacts& facts);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_CHECKS_H_
