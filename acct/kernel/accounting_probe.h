// AccountingProbe: a process that has just ended. If an accounting file has its record, this kernel
// writes that file, and its process ids are those that this process sees.
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

// What the record of the process contains, and which process started it.
struct AccountingProbe {
  uint32_t pid = 0;
  Uid uid;              // real
  std::string command;  // of this program, since the process executes no other
  // The process began and ended between these times, in seconds since 1970.
  int64_t begin_time = 0;
  int64_t end_time = 0;
  uint32_t reader = 0;  // this process's id
};

// Starts a process that ends at once, and waits for it. The kernel has written its record by then:
// it does so before it notifies the parent (do_exit() of linux/kernel/exit.c). Meanwhile other
// threads must not wait for processes that they do not know. An error if no process can be started.
absl::StatusOr<AccountingProbe> ProbeAccounting();

// Whether the file at `path` grows when a process ends, as the kernel's accounting file does.
// Starts such a process. Returns the errors of stat(2), and FailedPrecondition if `path` is not a
// regular file.
absl::StatusOr<bool> GrowsWhenAProcessEnds(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_ACCOUNTING_PROBE_H_
