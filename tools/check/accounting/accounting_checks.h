// Whether the kernel records what processes use, into the file that is read.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_ACCOUNTING_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_ACCOUNTING_CHECKS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_pause.h"
#include "acct/kernel/accounting_probe.h"
#include "tools/check/accounting/record_tail.h"
#include "tools/check/accounting/turning_on.h"
#include "tools/check/findings/finding.h"
#include "tools/system/kernel.h"

namespace cpuagg::tools::check {

// "accounting_kernel".
Finding CheckKernel(const KernelFacts& kernel);

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
  // A usual file of the system's that is there, where `file` is another one: the kernel may well
  // write to that.
  std::string usual_file;
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

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_ACCOUNTING_CHECKS_H_
