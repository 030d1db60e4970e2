// Checks whether the kernel records what processes use, into the file that cpuagg reads.

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

// The finding "accounting_kernel".
Finding CheckKernel(const KernelFacts& kernel);

struct AccountingFacts {
  std::string file;
  KernelFacts kernel;
  TurningOn turning_on;
  absl::Time now;
  bool is_proc_named = false;  // the user vouches for the file: it may belong to another namespace
  // The end of the file before and after a process has ended. The `has_probe` of the second one
  // counts.
  absl::StatusOr<RecordTail> before = absl::UnknownError("");
  absl::StatusOr<RecordTail> after = absl::UnknownError("");
  // If its records may not be read: whether it grew all the same. nullopt if even that is unknown.
  std::optional<bool> has_grown;
  // If `file` is not a usual accounting file: an existing usual one, to which the kernel may write
  // instead.
  std::string usual_file;
  absl::StatusOr<acct::FreeSpace> space = absl::UnknownError("");
};

// Lets a process end, and gathers the facts before and after.
AccountingFacts GatherAccounting(const std::string& file, bool is_proc_named, absl::Time now,
                                 const KernelFacts& kernel);

// The finding "accounting_on", with the age of the last record.
Finding CheckAccountingOn(const AccountingFacts& facts);
// The finding "accounting_space": the limits at which the kernel pauses.
Finding CheckAccountingSpace(const AccountingFacts& facts);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_ACCOUNTING_CHECKS_H_
