// AccountingProbe: a process that has just ended, by whose record an accounting file is known to be
// the one that this kernel writes, for the process ids that this process sees.
//
//   absl::StatusOr<AccountingProbe> probe = ProbeAccounting();
//   // The record is in the file now, with probe->pid, if it is anywhere.

#ifndef CPUAGG_ACCT_KERNEL_ACCOUNTING_PROBE_H_
#define CPUAGG_ACCT_KERNEL_ACCOUNTING_PROBE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

// What the record of the process has, and who began it.
struct AccountingProbe {
  uint32_t pid = 0;
  Uid uid;              // real
  std::string command;  // this program's, since it began no other
  // Between which times it began and ended, in seconds since 1970.
  int64_t begin_time = 0;
  int64_t end_time = 0;
  uint32_t reader = 0;  // the process id of this process
};

// Begins a process that ends at once, and waits for it: the kernel has written its record by then,
// since it does so before it tells anybody of the end (do_exit() of linux/kernel/exit.c). Other
// threads may do what they like meanwhile, but wait for processes that they do not know. An error
// if no process can be made.
absl::StatusOr<AccountingProbe> ProbeAccounting();

// Whether the file at `path` grows when a process ends, as that does to which the kernel writes.
// Makes such a process. Errors as those of stat(2), and FailedPrecondition if it is not a regular
// file.
absl::StatusOr<bool> GrowsWhenAProcessEnds(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_ACCOUNTING_PROBE_H_
