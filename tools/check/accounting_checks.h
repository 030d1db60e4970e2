// Whether the kernel records what processes use, into the file that is read.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_CHECKS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/accounting_pause.h"
#include "acct/accounting_probe.h"
#include "acct/rotation.h"
#include "tools/check/finding.h"
#include "tools/check/identity.h"
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
};
TurningOn FindTurningOn();
std::vector<std::string> MendsThatTurnOn(const std::string& file, const TurningOn& how);

struct AccountingFacts {
  std::string file;
  KernelFacts kernel;
  TurningOn turning_on;
  absl::Time now;
  bool is_proc_named = false;  // somebody vouches for the file: it may be another namespace's
  // The end of the file before and after a process has ended; `has_probe` of the latter counts.
  absl::StatusOr<RecordTail> before = absl::UnknownError("");
  absl::StatusOr<RecordTail> after = absl::UnknownError("");
  absl::StatusOr<acct::FreeSpace> space = absl::UnknownError("");
};

// Lets a process end, and looks what comes of it.
AccountingFacts GatherAccounting(const std::string& file, bool is_proc_named, absl::Time now,
                                 const KernelFacts& kernel);

// "accounting_on", with the age of the last record.
Finding CheckAccountingOn(const AccountingFacts& facts);
// "accounting_space": the limits at which the kernel pauses.
Finding CheckAccountingSpace(const AccountingFacts& facts);

// "accounting_files": the generations that are read, how they are rotated and how far back they
// reach; and "accounting_passed_over" for what has the name of one and is none.
void CheckGenerations(const acct::AccountingFiles& files, absl::TimeZone zone, Findings& findings);

// "accounting_readable": whether the collector may read the file.
Finding CheckReadable(const std::string& file, const Identity& collector, bool may_read_everything);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_CHECKS_H_
